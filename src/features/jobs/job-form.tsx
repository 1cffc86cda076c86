'use client';
import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { Button, IconButton } from '@/components/button';
import { Checkbox, Field, Input } from '@/components/field';
import { useRecent } from '../workspace/use-objects';
import { type JobDraft, keyOf, newTask, type TaskDraft } from './job-draft';
import { newSchedule, ScheduleFields } from './schedule-fields';

/** Name, tasks with what they wait for, and the schedule. */
export function JobForm({ draft, onChange }: { draft: JobDraft; onChange: (draft: JobDraft) => void }) {
  const notebooks = (useRecent().data?.objects ?? []).filter((object) => object.kind === 'notebook');
  const listId = useId();
  const setTask = (id: string, change: Partial<TaskDraft>) =>
    onChange({ ...draft, tasks: draft.tasks.map((task) => (task.id === id ? { ...task, ...change } : task)) });
  const addTask = () => {
    const last = draft.tasks.at(-1);
    let number = draft.tasks.length + 1;
    while (draft.tasks.some((task) => task.key === `task_${number}`)) number++;
    onChange({ ...draft, tasks: [...draft.tasks, newTask(`task_${number}`, '', last ? [last.id] : [])] });
  };
  const removeTask = (id: string) =>
    onChange({
      ...draft,
      tasks: draft.tasks
        .filter((task) => task.id !== id)
        .map((task) => ({ ...task, after: task.after.filter((one) => one !== id) })),
    });
  return (
    <div className="flex flex-col gap-4">
      <Field label="Name of the job">
        {(ids) => (
          <Input {...ids} value={draft.name} onChange={(event) => onChange({ ...draft, name: event.target.value })} />
        )}
      </Field>
      <section aria-label="Tasks" className="flex flex-col gap-2">
        <h3 className="font-medium text-sm">Tasks</h3>
        <datalist id={listId}>
          {notebooks.map((object) => (
            <option key={object.id} value={object.path} />
          ))}
        </datalist>
        {draft.tasks.map((task, index) => (
          <div key={task.id} className="rounded-card border border-line p-3">
            <div className="flex items-end gap-2">
              <Field label="Notebook" className="min-w-0 flex-1">
                {(ids) => (
                  <Input
                    {...ids}
                    list={listId}
                    placeholder="/Users/… or /Shared/…"
                    spellCheck={false}
                    value={task.path}
                    onChange={(event) =>
                      setTask(task.id, {
                        path: event.target.value,
                        // A key that was never written by hand follows the notebook.
                        ...(/^task_\d+$/.test(task.key) && notebooks.some((one) => one.path === event.target.value)
                          ? { key: keyOf(event.target.value) }
                          : {}),
                      })
                    }
                  />
                )}
              </Field>
              <Field label="Task key" className="w-40">
                {(ids) => (
                  <Input
                    {...ids}
                    spellCheck={false}
                    value={task.key}
                    onChange={(event) => setTask(task.id, { key: event.target.value })}
                  />
                )}
              </Field>
              <Field label="Retries" className="w-20">
                {(ids) => (
                  <Input
                    {...ids}
                    type="number"
                    min={-1}
                    max={1000}
                    value={task.retries}
                    onChange={(event) => setTask(task.id, { retries: Math.trunc(Number(event.target.value)) })}
                  />
                )}
              </Field>
              <IconButton
                icon={X}
                label={`Remove task ${task.key}`}
                disabled={draft.tasks.length === 1}
                onClick={() => removeTask(task.id)}
              />
            </div>
            {draft.tasks.length > 1 ? (
              <fieldset className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1">
                <legend className="float-left mr-3 text-muted text-xs">Waits for</legend>
                {draft.tasks
                  .filter((one) => one.id !== task.id)
                  .map((one) => (
                    <Checkbox
                      key={one.id}
                      label={one.key || `task ${index + 1}`}
                      checked={task.after.includes(one.id)}
                      onChange={(event) =>
                        setTask(task.id, {
                          after: event.target.checked
                            ? [...task.after, one.id]
                            : task.after.filter((id) => id !== one.id),
                        })
                      }
                    />
                  ))}
              </fieldset>
            ) : null}
          </div>
        ))}
        <div>
          <Button icon={Plus} onClick={addTask}>
            Task
          </Button>
        </div>
      </section>
      <section aria-label="Schedule" className="flex flex-col gap-2">
        <Checkbox
          label={<span className="font-medium">On a schedule</span>}
          checked={draft.schedule !== null}
          onChange={(event) => onChange({ ...draft, schedule: event.target.checked ? newSchedule() : null })}
        />
        {draft.schedule ? (
          <ScheduleFields
            value={draft.schedule}
            onChange={(schedule) => onChange({ ...draft, schedule })}
            quartz={draft.quartz}
            onQuartz={(quartz) => onChange({ ...draft, quartz })}
          />
        ) : null}
      </section>
    </div>
  );
}
