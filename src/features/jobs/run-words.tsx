'use client';
import type { JobRunLine, JobRunStateName, TaskStateName } from '@boathouse/contracts';
import Link from 'next/link';
import { StatusBadge } from '@/components/status';
import { classNames } from '@/lib/class-names';
import { formatDuration, formatExact } from '@/lib/format';

const badges: Partial<Record<JobRunStateName | TaskStateName, string>> = {
  ready: 'pending',
  cancelling: 'terminating',
  upstream_cancelled: 'upstream_canceled',
};

export const JobStatus = ({ state, detail }: { state: JobRunStateName | TaskStateName; detail?: string }) => (
  <StatusBadge status={badges[state] ?? state} {...(detail ? { detail } : {})} />
);

export const isActive = (state: JobRunStateName): boolean =>
  state === 'queued' || state === 'running' || state === 'cancelling';

const dots: Record<JobRunStateName, { word: string; className: string }> = {
  queued: { word: 'Queued', className: 'border border-line-strong bg-surface' },
  running: { word: 'Running', className: 'bg-blue animate-pulse' },
  cancelling: { word: 'Stopping', className: 'bg-amber animate-pulse' },
  succeeded: { word: 'Succeeded', className: 'bg-green' },
  failed: { word: 'Failed', className: 'bg-red' },
  cancelled: { word: 'Cancelled', className: 'bg-amber' },
  skipped: { word: 'Skipped', className: 'bg-line-strong' },
};

/** The last runs, oldest first, each a link; the newest also in words. */
export function RunDots({ jobId, runs }: { jobId: number; runs: JobRunLine[] }) {
  const newest = runs[0];
  if (!newest) return <span className="text-muted">No runs yet</span>;
  return (
    <span className="flex items-center gap-2">
      <span className="flex items-center">
        {[...runs].reverse().map((run) => (
          <Link
            key={run.id}
            href={`/jobs/${jobId}/runs/${run.id}`}
            title={`${dots[run.state].word}, ${formatExact(run.createdAtMs)}`}
            aria-label={`Run ${run.numberInJob}: ${dots[run.state].word}`}
            className="grid size-4.5 place-items-center"
          >
            <span aria-hidden className={classNames('size-2.5 rounded-full', dots[run.state].className)} />
          </Link>
        ))}
      </span>
      <span className="text-muted text-xs">{dots[newest.state].word}</span>
    </span>
  );
}

/** How long something took, or has taken so far. */
export const durationOf = (
  times: { startedAtMs: number | null; endedAtMs: number | null },
  nowMs: number = Date.now(),
): string =>
  times.startedAtMs === null ? '–' : formatDuration(Math.max(0, (times.endedAtMs ?? nowMs) - times.startedAtMs));
