'use client';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field, Input } from '@/components/field';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { newJob, settingsOf } from './job-draft';
import { RunDots } from './run-words';
import { newSchedule, ScheduleFields } from './schedule-fields';
import { describeCron } from './schedule-words';
import { useJobActions, useJobs } from './use-jobs';

/** Schedules a notebook: makes a job of it alone, and shows the jobs that run it already. */
export function ScheduleDialog({
  notebookPath,
  name,
  onClose,
}: {
  notebookPath: string;
  name: string;
  onClose: () => void;
}) {
  const router = useRouter();
  const there = useJobs(notebookPath).data?.jobs ?? [];
  const [draft, setDraft] = useState(() => newJob(name, notebookPath));
  const { create } = useJobActions();
  const schedule = draft.schedule ?? newSchedule();
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={`Schedule ${name}`}
      description="It runs from the first cell to the last with your rights, and stops at the first error."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            busy={create.isPending}
            disabled={draft.name.trim() === ''}
            onClick={() =>
              create.mutate(settingsOf(draft), {
                onSuccess: ({ job_id: id }) => {
                  toast.done(`${draft.name} is scheduled.`, { label: 'Open', run: () => router.push(`/jobs/${id}`) });
                  onClose();
                },
              })
            }
          >
            Schedule
          </Button>
        </>
      }
    >
      {there.length > 0 ? (
        <section className="mb-4">
          <h3 className="mb-1 font-medium text-sm">Jobs that run it already</h3>
          <ul className="rounded-card border border-line">
            {there.map((job) => (
              <li
                key={job.id}
                className="flex h-9 items-center gap-3 border-line border-b px-3 text-sm last:border-b-0"
              >
                <Link href={`/jobs/${job.id}`} className="truncate font-medium hover:underline">
                  {job.settings.name}
                </Link>
                <span className="flex-1 truncate text-muted text-xs">
                  {job.settings.schedule ? describeCron(job.settings.schedule.quartz_cron_expression) : 'By hand'}
                </span>
                <RunDots jobId={job.id} runs={job.lastRuns} />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <div className="flex flex-col gap-4">
        <Field label="Name of the job">
          {(ids) => (
            <Input {...ids} value={draft.name} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
          )}
        </Field>
        <ScheduleFields
          value={schedule}
          onChange={(next) => setDraft({ ...draft, schedule: next })}
          quartz={draft.quartz}
          onQuartz={(quartz) => setDraft({ ...draft, quartz })}
        />
        {create.error ? <ErrorState error={create.error} /> : null}
      </div>
    </Dialog>
  );
}
