'use client';
import { useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { ErrorState, Skeleton } from '@/components/states';
import { toast } from '@/components/toast';
import { runStatement } from '@/lib/run-statement';
import { useStatement } from '@/lib/use-statement';
import { catalogKeys, type TableKey, useComparison } from '../use-catalog';
import { restoreEffects } from './compare';
import { restoreText } from './statements';

/** Says what a restore will do, by the log, and runs it as a statement of the person. A restore can be undone by another. */
export function RestoreDialog({
  name,
  table,
  version,
  latest,
  onClose,
}: {
  name: string;
  table: TableKey;
  version: number;
  latest: number;
  onClose: () => void;
}) {
  const { fullName } = table;
  const cache = useQueryClient();
  const refresh = () => cache.invalidateQueries({ queryKey: catalogKeys.page('table', fullName) });
  const comparison = useComparison(table, version, latest);
  const restore = useStatement((run) => {
    const made = run.writes.at(-1)?.version;
    if (made === undefined) toast.done(`${name} is as version ${version} was already.`);
    else
      toast.done(`Restored ${name} to version ${version}, as version ${made}.`, {
        label: 'Undo',
        // What the restore found, also where somebody wrote while the dialog was open.
        run: () => void runStatement(restoreText(fullName, made - 1)).then(refresh, toast.error),
      });
    void refresh();
    onClose();
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Restore ${name} to version ${version}?`}
      description={`A new version is made that is as version ${version} was. The versions since then stay in the history.`}
      actions={
        <>
          {restore.stop ? <Button onClick={restore.stop}>Stop</Button> : <Button onClick={onClose}>Cancel</Button>}
          <Button
            kind="primary"
            icon={RotateCcw}
            busy={restore.busy}
            disabled={!comparison.data}
            onClick={() => restore.run(restoreText(fullName, version))}
          >
            Restore
          </Button>
        </>
      }
    >
      {comparison.error ? (
        <ErrorState error={comparison.error} onRetry={() => void comparison.refetch()} />
      ) : comparison.data ? (
        <ul aria-label="What will happen" className="ml-4 list-disc text-sm">
          {restoreEffects(comparison.data).map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
      ) : (
        <div role="status" aria-label="Looking at what will happen" className="flex flex-col gap-2">
          <Skeleton className="h-4 w-3/4" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      )}
      {restore.error ? <ErrorState error={restore.error} className="mt-3" /> : null}
    </Dialog>
  );
}
