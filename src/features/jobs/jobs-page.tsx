'use client';
import type { JobView } from '@boathouse/contracts';
import { CalendarClock, Play, Plus } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button, IconButton } from '@/components/button';
import { DataList, type ListColumn } from '@/components/data-list';
import { nameColumn, ownerColumn } from '@/components/list-columns';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { toast } from '@/components/toast';
import { JobDialog } from './job-dialog';
import { RunDots } from './run-words';
import { describeCron } from './schedule-words';
import { useJobActions, useJobs } from './use-jobs';

/** Jobs with their last runs and their next time. */
export function JobsPage() {
  const router = useRouter();
  const jobs = useJobs();
  const { runNow } = useJobActions();
  const [creating, setCreating] = useState(false);
  const start = (job: JobView) =>
    runNow.mutate(job.id, {
      onSuccess: ({ run_id: runId }) =>
        toast.done(`${job.settings.name} was started.`, {
          label: 'Open run',
          run: () => router.push(`/jobs/${job.id}/runs/${runId}`),
        }),
    });
  const columns: ListColumn<JobView>[] = [
    nameColumn({ name: (job) => job.settings.name, href: (job) => `/jobs/${job.id}`, icon: () => CalendarClock }),
    { key: 'runs', title: 'Last runs', cell: (job) => <RunDots jobId={job.id} runs={job.lastRuns} /> },
    {
      key: 'schedule',
      title: 'Schedule',
      sort: (job) => job.settings.schedule?.quartz_cron_expression ?? '',
      cell: ({ settings: { schedule } }) =>
        schedule ? (
          <span title={`${schedule.quartz_cron_expression} in ${schedule.timezone_id}`}>
            {describeCron(schedule.quartz_cron_expression)}
          </span>
        ) : (
          <span className="text-muted">By hand</span>
        ),
    },
    {
      key: 'next',
      title: 'Next run',
      sort: (job) => job.nextRunAtMs ?? Number.MAX_SAFE_INTEGER,
      cell: (job) =>
        job.nextRunAtMs !== null ? (
          <RelativeTime atMs={job.nextRunAtMs} />
        ) : (
          <span className="text-muted">{job.settings.schedule ? 'Paused' : '–'}</span>
        ),
    },
    ownerColumn(),
    {
      key: 'run',
      title: 'Run',
      width: '52px',
      cell: (job) => (
        <IconButton
          icon={Play}
          label={`Run ${job.settings.name} now`}
          busy={runNow.isPending && runNow.variables === job.id}
          onClick={() => start(job)}
        />
      ),
    },
  ];
  const newButton = (
    <Button kind="primary" icon={Plus} onClick={() => setCreating(true)}>
      New job
    </Button>
  );
  return (
    <div className="px-6 pb-10">
      <PageHeader icon={CalendarClock} title="Jobs" actions={newButton} />
      <DataList
        label="Jobs"
        rows={jobs.data?.jobs}
        columns={columns}
        rowKey={(job) => String(job.id)}
        searchText={(job) => `${job.settings.name} ${job.ownerName}`}
        onOpen={(job) => router.push(`/jobs/${job.id}`)}
        error={jobs.error}
        onRetry={() => void jobs.refetch()}
        empty={{
          icon: CalendarClock,
          title: 'No jobs yet',
          text: 'A job runs notebooks one after the other: on a schedule, or when you press run.',
          action: newButton,
        }}
      />
      {creating ? <JobDialog onClose={() => setCreating(false)} onMade={(id) => router.push(`/jobs/${id}`)} /> : null}
    </div>
  );
}
