'use client';
import type { TaskRunView } from '@boathouse/contracts';
import { CalendarClock, ExternalLink, Square } from 'lucide-react';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { Button } from '@/components/button';
import { Field, Select } from '@/components/field';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, SkeletonRows } from '@/components/states';
import { durationOf, isActive, JobStatus } from './run-words';
import { TaskCell } from './task-cell';
import { TaskGraph } from './task-graph';
import { useJobActions, useJobRun } from './use-jobs';

/** Ticks once a second while something runs, so that durations go on. */
function useNow(active: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}

/** One run: the state of each task, and the outputs of the chosen one as they were. The chosen task is in the URL. */
export function JobRunPage({ id, runId }: { id: string; runId: string }) {
  const router = useRouter();
  const run = useJobRun(id, runId);
  const { cancel, runNow } = useJobActions();
  const wanted = useSearchParams().get('task');
  const active = run.data ? isActive(run.data.state) : false;
  const now = useNow(active);
  if (run.error)
    return (
      <div className="p-6">
        <ErrorState error={run.error} onRetry={() => void run.refetch()} />
      </div>
    );
  if (!run.data)
    return (
      <div className="px-6 pt-4">
        <SkeletonRows />
      </div>
    );
  const { tasks, state, message, jobName, numberInJob } = run.data;
  // What a person looks for first: what failed, else what runs, else the first.
  const chosen =
    tasks.find((task) => task.key === wanted) ??
    tasks.find((task) => task.state === 'failed') ??
    tasks.find((task) => task.state === 'running') ??
    tasks[0]!;
  const parameters = Object.entries(run.data.parameters);
  return (
    <div className="mx-auto max-w-[1180px] px-6 pb-16">
      <PageHeader
        icon={CalendarClock}
        title={`Run #${numberInJob}`}
        path={
          <nav aria-label="Where this is">
            <Link href="/jobs" className="hover:text-text hover:underline">
              Jobs
            </Link>
            <span className="px-1">›</span>
            <Link href={`/jobs/${id}`} className="hover:text-text hover:underline">
              {jobName}
            </Link>
          </nav>
        }
        status={<JobStatus state={state} />}
        actions={
          active ? (
            <Button
              kind="danger"
              icon={Square}
              busy={cancel.isPending || state === 'cancelling'}
              onClick={() => cancel.mutate(run.data.id)}
            >
              {state === 'cancelling' ? 'Stopping' : 'Cancel run'}
            </Button>
          ) : (
            <Button
              kind="primary"
              busy={runNow.isPending}
              onClick={() =>
                runNow.mutate(run.data.jobId, { onSuccess: (made) => router.push(`/jobs/${id}/runs/${made.run_id}`) })
              }
            >
              Run again
            </Button>
          )
        }
      />
      <p className="flex flex-wrap gap-x-4 gap-y-1 pb-2 text-muted text-sm">
        <span>
          {run.data.trigger === 'PERIODIC' ? 'By schedule' : `By ${run.data.creatorName}`},{' '}
          <RelativeTime atMs={run.data.startedAtMs ?? run.data.createdAtMs} />
        </span>
        <span>
          {active ? 'running for' : 'took'} {durationOf(run.data, now)}
        </span>
        <span>runs as {run.data.runAsName}</span>
        {parameters.map(([name, value]) => (
          <span key={name} className="font-mono text-xs leading-5">
            {name} = {value}
          </span>
        ))}
      </p>
      {/* The error of the task on screen is told with its outputs below. */}
      {message && !(state === 'failed' && chosen.state === 'failed') ? (
        state === 'failed' ? (
          <ErrorState className="mb-3" error={{ message }} />
        ) : (
          <p className="mb-3 rounded-card bg-amber-soft px-3 py-2 text-amber text-sm">{message}</p>
        )
      ) : null}
      <TaskGraph
        tasks={tasks.map((task) => ({
          key: task.key,
          path: task.settings.notebook_task.notebook_path,
          after: (task.settings.depends_on ?? []).map((it) => it.task_key),
          state: task.state,
          message: task.message,
          note: [
            task.startedAtMs === null ? '' : durationOf(task, now),
            task.attempts.length > 1 ? `${task.attempts.length} attempts` : '',
          ]
            .filter(Boolean)
            .join(' · '),
        }))}
        chosen={chosen.key}
        onChoose={(key) =>
          router.replace(`/jobs/${id}/runs/${runId}?task=${encodeURIComponent(key)}`, { scroll: false })
        }
      />
      <TaskOutputs key={chosen.id} task={chosen} />
    </div>
  );
}

function TaskOutputs({ task }: { task: TaskRunView }) {
  const [number, setNumber] = useState<number | null>(null);
  const attempt = task.attempts.find((one) => one.number === number) ?? task.attempts.at(-1);
  const showsError = attempt?.cells.some((cell) => cell.run?.error && cell.run.state !== 'succeeded');
  return (
    <section aria-label={`Task ${task.key}`} className="mt-4 flex flex-col gap-3">
      <div className="flex items-end gap-3">
        <h2 className="text-base">{task.key}</h2>
        {attempt?.notebook ? (
          <Link
            href={`/notebook/${attempt.notebook.id}`}
            className="inline-flex items-center gap-1 pb-0.5 text-muted text-xs hover:text-text hover:underline"
          >
            {attempt.notebook.path} <ExternalLink aria-hidden className="size-3" />
          </Link>
        ) : null}
        {task.attempts.length > 1 ? (
          <Field label="Attempt" hiddenLabel className="ml-auto w-44">
            {(ids) => (
              <Select {...ids} value={attempt?.number} onChange={(event) => setNumber(Number(event.target.value))}>
                {task.attempts.map((one) => (
                  <option key={one.number} value={one.number}>
                    Attempt {one.number}: {one.state}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        ) : null}
      </div>
      {attempt?.error && !showsError ? <ErrorState error={attempt.error} /> : null}
      {!attempt ? (
        <p className="rounded-card border border-line bg-surface px-3 py-6 text-center text-muted text-sm">
          {task.message || (task.state === 'blocked' ? 'It waits for the tasks before it.' : 'It did not start.')}
        </p>
      ) : null}
      {attempt?.cells.map((cell) => (
        <TaskCell key={`${attempt.number}:${cell.id}`} cell={cell} ended={attempt.endedAtMs !== null} />
      ))}
    </section>
  );
}
