'use client';
import { tableSample } from '@boathouse/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import { Button } from '@/components/button';
import { Progress } from '@/components/progress';
import { EmptyState, ErrorState, SkeletonRows } from '@/components/states';
import { call } from '@/lib/api';
import { formatDuration } from '@/lib/format';
import { useRun } from '@/lib/use-run';
import { ResultView } from '../../results/result-view';

/** First rows, by a run with the rights of who looks. Rows on screen stay until asked anew: a busy table would dance. */
export function SampleTab({ fullName, version }: { fullName: string; version: number | null }) {
  const cache = useQueryClient();
  const key = ['table-sample', fullName];
  const started = useQuery({
    queryKey: key,
    queryFn: () =>
      call(tableSample, { params: { fullName }, body: { runId: crypto.randomUUID() } }).then(({ runId }) => runId),
    staleTime: 300_000,
    retry: false,
  });
  const { run, progress, error } = useRun(started.data ?? null);
  const again = () => void cache.resetQueries({ queryKey: key });
  const failure = started.error ?? error ?? (run?.state === 'failed' || run?.state === 'lost' ? run.error : null);
  const readVersion = run?.reads.length === 1 ? run.reads[0]!.version : null;
  const isOld = version !== null && readVersion !== null && readVersion < version;

  if (failure) return <ErrorState error={failure} onRetry={again} />;
  if (run?.withheld)
    return (
      <EmptyState icon={RotateCw} title="You may not see these rows">
        {run.withheld.message}
      </EmptyState>
    );
  if (run?.state === 'cancelled')
    return (
      <EmptyState
        icon={RotateCw}
        title="The sample was cancelled"
        action={
          <Button icon={RotateCw} onClick={again}>
            Read again
          </Button>
        }
      />
    );
  if (!run?.result)
    return (
      <div className="flex flex-col gap-2" aria-live="polite">
        <Progress
          label="Reading first rows"
          {...(progress?.percent === undefined ? {} : { percent: progress.percent })}
        />
        <SkeletonRows rows={8} />
      </div>
    );
  return (
    <div className="flex flex-col gap-2">
      <div className="flex min-h-7 items-center gap-2 text-muted text-sm" aria-live="polite">
        <span>
          First rows{readVersion === null ? '' : ` of version ${readVersion}`}
          {isOld ? `. The table is at version ${version} now.` : ''}
        </span>
        <Button icon={RotateCw} kind={isOld ? 'primary' : 'quiet'} onClick={again}>
          Read again
        </Button>
      </div>
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        <ResultView
          runId={run.id}
          manifest={run.result}
          name={fullName}
          details={run.totalMs === null ? null : <span>{formatDuration(run.totalMs)}</span>}
        />
      </div>
    </div>
  );
}
