'use client';
import type { JobView } from '@boathouse/contracts';
import { useState } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { ErrorState } from '@/components/states';
import { toast } from '@/components/toast';
import { draftOf, newJob, settingsOf } from './job-draft';
import { JobForm } from './job-form';
import { useJobActions } from './use-jobs';

/** Makes a job, or changes one. */
export function JobDialog({
  job,
  onClose,
  onMade,
}: {
  job?: JobView;
  onClose: () => void;
  onMade?: (id: number) => void;
}) {
  const [draft, setDraft] = useState(() => (job ? draftOf(job.settings) : newJob('New job')));
  const { create, reset } = useJobActions();
  const saving = job ? reset : create;
  const incomplete = draft.name.trim() === '' || draft.tasks.some((task) => task.path.trim() === '' || task.key === '');
  const save = () => {
    const settings = settingsOf(draft, job?.settings);
    if (job) {
      reset.mutate(
        { id: job.id, settings },
        {
          onSuccess: () => {
            toast.done(`${draft.name} was saved.`);
            onClose();
          },
        },
      );
    } else
      create.mutate(settings, {
        onSuccess: (made) => {
          onClose();
          onMade?.(made.job_id);
        },
      });
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={job ? `Edit ${job.settings.name}` : 'New job'}
      description="A job runs notebooks one after the other, with the rights of its owner."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={saving.isPending} disabled={incomplete} onClick={save}>
            {job ? 'Save' : 'Create job'}
          </Button>
        </>
      }
    >
      <JobForm draft={draft} onChange={setDraft} />
      {saving.error ? <ErrorState className="mt-3" error={saving.error} /> : null}
    </Dialog>
  );
}
