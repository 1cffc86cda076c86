'use client';
import type { RunSummary } from '@boathouse/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Layers2 } from 'lucide-react';
import { z } from 'zod';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { ErrorState, Skeleton } from '@/components/states';
import { formatBytes, formatCounted } from '@/lib/format';
import { useStatement } from '@/lib/use-statement';
import { readAnswer } from '../../results/read-answer';
import { catalogKeys } from '../use-catalog';
import { optimizeText } from './statements';

const Files = z.object({ totalFiles: z.number(), totalSize: z.number() });
const Answer = z.object({
  metrics: z.object({
    numFilesAdded: z.number(),
    numFilesRemoved: z.number(),
    filesAdded: Files,
    filesRemoved: Files,
    totalConsideredFiles: z.number(),
  }),
});

/** OPTIMIZE as a statement of the person, and what it did. */
export function OptimizeDialog({ name, fullName, onClose }: { name: string; fullName: string; onClose: () => void }) {
  const cache = useQueryClient();
  const optimize = useStatement(() => cache.invalidateQueries({ queryKey: catalogKeys.page('table', fullName) }));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Optimize ${name}`}
      description="Small files are put together, deleted rows are left out, and rows are laid out by the clustering columns where there are some. The table holds the same rows afterwards."
      actions={
        optimize.done ? (
          <Button kind="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            {optimize.stop ? <Button onClick={optimize.stop}>Stop</Button> : <Button onClick={onClose}>Cancel</Button>}
            <Button
              kind="primary"
              icon={Layers2}
              busy={optimize.busy}
              onClick={() => optimize.run(optimizeText(fullName))}
            >
              Optimize
            </Button>
          </>
        )
      }
    >
      <div role="status" className="min-h-6 text-sm">
        {optimize.busy ? 'Rewriting files…' : null}
        {optimize.done ? <Outcome run={optimize.done} /> : null}
      </div>
      {optimize.error ? <ErrorState error={optimize.error} /> : null}
    </Dialog>
  );
}

function Outcome({ run }: { run: RunSummary }) {
  const answer = useQuery({
    queryKey: ['run', run.id, 'answer'],
    queryFn: async () => Answer.parse((await readAnswer(run))[0]).metrics,
    retry: false,
  });
  if (answer.error) return <ErrorState error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return <Skeleton className="h-4 w-2/3" />;
  const { numFilesAdded, numFilesRemoved, filesAdded, filesRemoved, totalConsideredFiles } = answer.data;
  if (numFilesRemoved === 0)
    return (
      <p>
        Nothing to do: {formatCounted(totalConsideredFiles, 'file')} looked at, and none is better put together with
        another.
      </p>
    );
  return (
    <p>
      {formatCounted(numFilesRemoved, 'file')} ({formatBytes(filesRemoved.totalSize)}) became{' '}
      {formatCounted(numFilesAdded, 'file')} ({formatBytes(filesAdded.totalSize)})
      {run.writes[0] ? `, as version ${run.writes[0].version}` : ''}.
    </p>
  );
}
