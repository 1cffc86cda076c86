'use client';
import type { TaskStateName } from '@boathouse/contracts';
import { ArrowRight, NotebookText } from 'lucide-react';
import { Fragment } from 'react';
import { classNames } from '@/lib/class-names';
import { JobStatus } from './run-words';

export interface GraphTask {
  key: string;
  path: string;
  after: string[];
  state?: TaskStateName;
  message?: string;
  /** Duration, attempts and the like. */
  note?: string;
}

/** Tasks in columns: each stands right of everything it waits for. */
export function columnsOf(tasks: GraphTask[]): GraphTask[][] {
  const depth = new Map<string, number>();
  // Dependencies form no cycle (the server refuses them), so as many passes as tasks suffice.
  for (let pass = 0; pass < tasks.length; pass++) {
    let moved = false;
    for (const task of tasks) {
      const at = Math.max(0, ...task.after.map((key) => (depth.get(key) ?? 0) + 1));
      if (at !== depth.get(task.key)) {
        depth.set(task.key, at);
        moved = true;
      }
    }
    if (!moved) break;
  }
  const columns: GraphTask[][] = [];
  for (const task of tasks) {
    const at = depth.get(task.key) ?? 0;
    columns[at] ??= [];
    columns[at].push(task);
  }
  return columns.filter(Boolean);
}

/** The tasks of a job in the order in which they run; with `onChoose` each is a button. */
export function TaskGraph({
  tasks,
  chosen,
  onChoose,
}: {
  tasks: GraphTask[];
  chosen?: string | undefined;
  onChoose?: (key: string) => void;
}) {
  const card = (task: GraphTask) => (
    <>
      <span className="flex w-full items-center gap-2">
        <NotebookText aria-hidden className="size-4 shrink-0 text-muted" />
        <span className="min-w-0 flex-1 truncate font-medium">{task.key}</span>
        {task.state ? <JobStatus state={task.state} {...(task.message ? { detail: task.message } : {})} /> : null}
      </span>
      <span className="block w-full truncate text-muted text-xs" title={task.path}>
        {task.path.slice(task.path.lastIndexOf('/') + 1)}
      </span>
      {task.after.length || task.note ? (
        <span className="block w-full truncate text-muted text-xs">
          {[task.after.length ? `after ${task.after.join(', ')}` : '', task.note ?? ''].filter(Boolean).join(' · ')}
        </span>
      ) : null}
    </>
  );
  const look = 'flex w-64 flex-col items-start gap-1 rounded-card border bg-surface px-3 py-2 text-left text-sm';
  return (
    <section aria-label="Tasks" className="flex items-center gap-2 overflow-x-auto py-1">
      {columnsOf(tasks).map((column, index) => (
        <Fragment key={column[0]!.key}>
          {index > 0 ? <ArrowRight aria-hidden className="size-4 shrink-0 text-faint" /> : null}
          <ul className="flex shrink-0 flex-col gap-2">
            {column.map((task) => (
              <li key={task.key}>
                {onChoose ? (
                  <button
                    type="button"
                    aria-pressed={task.key === chosen}
                    onClick={() => onChoose(task.key)}
                    className={classNames(
                      look,
                      task.key === chosen ? 'border-accent' : 'border-line hover:border-accent',
                    )}
                  >
                    {card(task)}
                  </button>
                ) : (
                  <div className={classNames(look, 'border-line')}>{card(task)}</div>
                )}
              </li>
            ))}
          </ul>
        </Fragment>
      ))}
    </section>
  );
}
