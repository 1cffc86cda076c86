'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useId } from 'react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { ErrorState, SkeletonRows } from '@/components/states';
import { formatCount, formatCounted } from '@/lib/format';
import { runStatement } from '@/lib/run-statement';
import { useStatement } from '@/lib/use-statement';
import { readAnswer } from '../../results/read-answer';
import { catalogKeys } from '../use-catalog';
import { vacuumText } from './statements';

/** Paths that the dialog names. */
const listed = 1000;

/** First a dry run that lists what goes, then VACUUM as a statement of the person. */
export function VacuumDialog({ name, fullName, onClose }: { name: string; fullName: string; onClose: () => void }) {
  const cache = useQueryClient();
  const opened = useId();
  const dryRun = useQuery({
    queryKey: ['vacuum', fullName, opened],
    queryFn: async () => {
      const run = await runStatement(vacuumText(fullName, true));
      const rows = await readAnswer(run, listed);
      return { count: run.result?.rowCount ?? 0, paths: rows.map(({ path }) => String(path)) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  const vacuum = useStatement(() => cache.invalidateQueries({ queryKey: catalogKeys.page('table', fullName) }));
  const found = dryRun.data;
  const count = found?.count ?? 0;
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
      {found && count > 0 && !vacuum.done ? <Paths paths={found.paths} count={count} /> : null}
      {vacuum.error ? <ErrorState error={vacuum.error} className="mt-3" /> : null}
    </Dialog>
  );
}

const Paths = ({ paths, count }: { paths: string[]; count: number }) => (
  <>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
    <ul tabIndex={0} aria-label="Files to remove" className={pathsClass}>
      {paths.map((path) => (
        <li key={path} className="truncate px-2.5 py-1 font-mono text-xs" title={path}>
          {path}
        </li>
      ))}
    </ul>
    {count > paths.length ? (
      <p className="mt-1 text-muted text-xs">
        The first {formatCount(paths.length)} of {formatCount(count)}.
      </p>
    ) : null}
  </>
);
const pathsClass = 'max-h-72 divide-y divide-line overflow-auto rounded-card border border-line';
