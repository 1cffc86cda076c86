'use client';
import type { JobRunLine } from '@boathouse/contracts';
import { CalendarClock, EllipsisVertical, Pause, Pencil, Play, Trash2 } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList, type ListColumn } from '@/components/data-list';
import { Dialog } from '@/components/dialog';
import { Menu } from '@/components/menu';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { ErrorState, SkeletonRows } from '@/components/states';
import { Pill } from '@/components/status';
import { JobDialog } from './job-dialog';
import { durationOf, JobStatus } from './run-words';
import { describeCron } from './schedule-words';
import { TaskGraph } from './task-graph';
import { useJob, useJobActions, useJobRuns } from './use-jobs';

const triggers: Record<JobRunLine['trigger'], string> = { PERIODIC: 'Schedule', ONE_TIME: 'By hand' };

/** One job: its tasks, its schedule and its runs. */
export function JobPage({ id }: { id: string }) {
  const router = useRouter();
  const job = useJob(id);
  const runs = useJobRuns(id);
  const { runNow, update, remove } = useJobActions();
  const [ask, setAsk] = useState<'edit' | 'delete' | null>(null);
  if (job.error)
    return (
      <div className="p-6">
        <ErrorState error={job.error} onRetry={() => void job.refetch()} />
      </div>
    );
  if (!job.data)
    return (
      <div className="px-6 pt-4">
        <SkeletonRows />
      </div>
    );
  const { settings, nextRunAtMs, ownerName } = job.data;
  const { schedule } = settings;
  const paused = schedule?.pause_status === 'PAUSED';
  const open = (run: { id: number }) => router.push(`/jobs/${id}/runs/${run.id}`);
  const columns: ListColumn<JobRunLine>[] = [
    {
      key: 'run',
      title: 'Run',
      width: '90px',
      cell: (run) => (
        <Link href={`/jobs/${id}/runs/${run.id}`} className="font-medium hover:underline">
          #{run.numberInJob}
        </Link>
      ),
    },
    { key: 'state', title: 'State', width: '150px', cell: (run) => <JobStatus state={run.state} /> },
    {
      key: 'started',
      title: 'Started',
      width: '170px',
      cell: (run) => <RelativeTime atMs={run.startedAtMs ?? run.createdAtMs} />,
    },
    { key: 'took', title: 'Duration', width: '110px', numeric: true, cell: (run) => durationOf(run) },
    {
      key: 'by',
      title: 'Started by',
      width: '180px',
      cell: (run) => (run.trigger === 'PERIODIC' ? triggers.PERIODIC : `${triggers.ONE_TIME}, ${run.creatorName}`),
    },
    { key: 'message', title: 'Message', cell: (run) => <span title={run.message}>{run.message}</span> },
  ];
  return (
    <div className="px-6 pb-10">
      <PageHeader
        icon={CalendarClock}
        title={settings.name}
        path={
          <Link href="/jobs" className="hover:text-text hover:underline">
            Jobs
          </Link>
        }
        status={<Pill>Runs as {ownerName}</Pill>}
        description={settings.description}
        actions={
          <>
            <Menu
              trigger={<IconButton icon={EllipsisVertical} label="More actions" />}
              items={[{ label: 'Delete', icon: Trash2, danger: true, onSelect: () => setAsk('delete') }]}
            />
            <Button icon={Pencil} onClick={() => setAsk('edit')}>
              Edit
            </Button>
            <Button
              kind="primary"
              icon={Play}
              busy={runNow.isPending}
              onClick={() => runNow.mutate(job.data.id, { onSuccess: (made) => open({ id: made.run_id }) })}
            >
              Run now
            </Button>
          </>
        }
      />
      <div className="mt-1 flex flex-wrap items-center gap-3 rounded-card border border-line bg-surface px-3 py-2 text-sm">
        {schedule ? (
          <>
            <span className="font-medium">{describeCron(schedule.quartz_cron_expression)}</span>
            <span className="text-muted">{schedule.timezone_id}</span>
            {paused ? (
              <Pill tone="amber" icon={Pause}>
                Paused
              </Pill>
            ) : nextRunAtMs !== null ? (
              <span className="text-muted">
                next <RelativeTime atMs={nextRunAtMs} />
              </span>
            ) : null}
            <Button
              className="ml-auto"
              icon={paused ? Play : Pause}
              busy={update.isPending}
              onClick={() =>
                update.mutate({
                  id: job.data.id,
                  settings: { schedule: { ...schedule, pause_status: paused ? 'UNPAUSED' : 'PAUSED' } },
                })
              }
            >
              {paused ? 'Resume' : 'Pause'}
            </Button>
          </>
        ) : (
          <>
            <span className="text-muted">No schedule: it runs when somebody presses run.</span>
            <Button className="ml-auto" icon={CalendarClock} onClick={() => setAsk('edit')}>
              Add schedule
            </Button>
          </>
        )}
      </div>
      <h2 className="mt-5 mb-1.5 text-sm">Tasks</h2>
      <TaskGraph
        tasks={settings.tasks.map((task) => ({
          key: task.task_key,
          path: task.notebook_task.notebook_path,
          after: (task.depends_on ?? []).map((it) => it.task_key),
        }))}
      />
      <h2 className="mt-5 mb-1.5 text-sm">Runs</h2>
      <DataList
        label="Runs"
        rows={runs.data?.pages.flatMap((page) => page.runs)}
        columns={columns}
        rowKey={(run) => String(run.id)}
        onOpen={open}
        error={runs.error}
        onRetry={() => void runs.refetch()}
        empty={{ icon: Play, title: 'No runs yet', text: 'Press "Run now" to see what it does.' }}
      />
      {runs.hasNextPage ? (
        <Button className="mt-2" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
          Older runs
        </Button>
      ) : null}
      {ask === 'edit' ? <JobDialog job={job.data} onClose={() => setAsk(null)} /> : null}
      <Dialog
        open={ask === 'delete'}
        onOpenChange={(shown) => !shown && setAsk(null)}
        title={`Delete ${settings.name}?`}
        description="Its schedule ends, and what runs now is stopped. The notebooks stay."
        actions={
          <>
            <Button onClick={() => setAsk(null)}>Cancel</Button>
            <Button
              kind="danger"
              icon={Trash2}
              busy={remove.isPending}
              onClick={() => remove.mutate(job.data.id, { onSuccess: () => router.push('/jobs') })}
            >
              Delete {settings.name}
            </Button>
          </>
        }
      />
    </div>
  );
}
