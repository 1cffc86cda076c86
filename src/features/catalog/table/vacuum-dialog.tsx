'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useId } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { ErrorState, SkeletonRows } from '@/components/states';
import { formatCounted } from '@/lib/format';
import { runStatement } from '@/lib/run-statement';
import { useStatement } from '@/lib/use-statement';
import { ResultGrid } from '../../results/result-grid';
import { catalogKeys } from '../use-catalog';
import { vacuumText } from './statements';

/** First a dry run that lists what goes, then VACUUM as a statement of the person. */
export function VacuumDialog({ name, fullName, onClose }: { name: string; fullName: string; onClose: () => void }) {
  const cache = useQueryClient();
  const opened = useId();
  const dryRun = useQuery({
    queryKey: ['vacuum', fullName, opened],
    queryFn: () => runStatement(vacuumText(fullName, true)),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const vacuum = useStatement(() => cache.invalidateQueries({ queryKey: catalogKeys.page('table', fullName) }));
  const found = dryRun.data;
  const count = found?.result?.rowCount ?? 0;
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={`Vacuum ${name}`}
      description="Removes files that no version within the retention time needs (7 days, or the table’s delta.deletedFileRetentionDuration). Older versions can then no longer be queried or restored."
      actions={
        vacuum.done || (found && count === 0) ? (
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            {vacuum.stop ? <Button onClick={vacuum.stop}>Stop</Button> : <Button onClick={onClose}>Cancel</Button>}
            <Button
              kind="danger"
              icon={Trash2}
              busy={vacuum.busy}
              disabled={!found}
              onClick={() => vacuum.run(vacuumText(fullName, false))}
            >
              {found ? `Remove ${formatCounted(count, 'file')}` : 'Remove files'}
            </Button>
          </>
        )
      }
    >
      <p role="status" className="mb-2 text-sm">
        {vacuum.done
          ? `Removed ${formatCounted(count, 'file')}.`
          : vacuum.busy
            ? 'Removing files…'
            : found
              ? count
                ? `${formatCounted(count, 'file')} will be removed for ever:`
                : 'Nothing to remove: every file is needed by a version within the retention time.'
              : dryRun.error
                ? ''
                : 'Looking for files that are no longer needed…'}
      </p>
      {dryRun.error ? <ErrorState error={dryRun.error} onRetry={() => void dryRun.refetch()} /> : null}
      {dryRun.isFetching && !found ? <SkeletonRows rows={3} /> : null}
      {found?.result && count > 0 && !vacuum.done ? (
        <div className="overflow-hidden rounded-card border border-line">
          <ResultGrid runId={found.id} manifest={found.result} maxHeight={260} />
        </div>
      ) : null}
      {vacuum.error ? <ErrorState error={vacuum.error} className="mt-3" /> : null}
    </Dialog>
  );
}
