'use client';
import type { ComputeStatus, RunSummary } from '@boathouse/contracts';
import { CircleAlert, CircleCheck, Cpu, LoaderCircle, Square } from 'lucide-react';
import Link from 'next/link';
import { useEffect } from 'react';
import { IconButton } from '@/components/button';
import { DataList } from '@/components/data-list';
import { PageHeader } from '@/components/page-header';
import { RelativeTime } from '@/components/relative-time';
import { Pill, StatusBadge } from '@/components/status';
import { formatBytes, formatCount } from '@/lib/format';
import { useMe } from '../session/use-session';
import { EngineList } from './engine-list';
import { useComputes, useRunning, useStopRun } from './use-compute';

/** What runs queries here: the processes, how much memory they use, and what they do now. */
export function ComputePage() {
  const me = useMe().data;
  const computes = useComputes();
  const running = useRunning();
  // A run that began or ended changes what the processes do: both lists tell of the same moment.
  const { refetch } = computes;
  const heardAt = running.dataUpdatedAt;
  useEffect(() => {
    if (heardAt > 0) void refetch();
  }, [heardAt, refetch]);
  const waiting = computes.data?.waitingRuns ?? 0;
  return (
    <div className="px-6 pb-10">
      <PageHeader
        icon={Cpu}
        title="Compute"
        status={
          waiting > 0 ? (
            <Pill tone="amber" icon={LoaderCircle} spin>
              {formatCount(waiting)} waiting for a process
            </Pill>
          ) : null
        }
        description="Processes that run queries, cells and pipelines. One that ends is started again by itself."
      />
      <DataList<ComputeStatus>
        label="Processes"
        rows={computes.data?.computes}
        rowKey={(one) => one.id}
        error={computes.error}
        onRetry={() => void computes.refetch()}
        columns={[
          {
            key: 'engine',
            title: 'Engine',
            sort: (one) => one.engine,
            cell: (one) => one.engine.replace(/^duckdb\b/, 'DuckDB'),
          },
          {
            key: 'state',
            title: 'State',
            width: '150px',
            sort: (one) => one.state,
            cell: (one) =>
              one.state === 'ready' ? (
                <Pill tone="green" icon={CircleCheck}>
                  Ready
                </Pill>
              ) : (
                <Pill tone="amber" icon={CircleAlert} title="It has not answered for a while">
                  Not answering
                </Pill>
              ),
          },
          {
            key: 'memory',
            title: 'Memory',
            width: '240px',
            sort: (one) => one.memoryBytes,
            cell: (one) => <Memory used={one.memoryBytes} limit={one.memoryLimitBytes} />,
          },
          {
            key: 'runs',
            title: 'Running',
            numeric: true,
            width: '100px',
            sort: (one) => one.activeRuns,
            cell: (one) => formatCount(one.activeRuns),
          },
          {
            key: 'sessions',
            title: 'Sessions',
            numeric: true,
            width: '100px',
            sort: (one) => one.sessions,
            cell: (one) => formatCount(one.sessions),
          },
          {
            key: 'since',
            title: 'Connected',
            width: '160px',
            sort: (one) => one.connectedAtMs,
            cell: (one) => <RelativeTime atMs={one.connectedAtMs} />,
          },
        ]}
        empty={{
          icon: Cpu,
          title: 'No process is connected',
          text: 'It is being started again. What is asked for meanwhile waits and runs then.',
        }}
      />
      <EngineList admin={me?.role === 'admin'} />
      <section aria-labelledby="running-heading" className="mt-6">
        <h2 id="running-heading" className="mb-2 text-sm">
          {me?.role === 'admin' ? 'Running now' : 'Your runs'}
        </h2>
        <RunningList runs={running.data?.runs} error={running.error} onRetry={() => void running.refetch()} />
      </section>
    </div>
  );
}

function Memory({ used, limit }: { used: number; limit: number }) {
  const percent = limit > 0 ? Math.min(100, (100 * used) / limit) : 0;
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden className="h-1.5 w-20 overflow-hidden rounded-full bg-line">
        <span
          className={percent > 90 ? 'block h-full rounded-full bg-amber' : 'block h-full rounded-full bg-accent'}
          style={{ width: `${percent}%` }}
        />
      </span>
      <span className="tabular-nums">
        {formatBytes(used)} of {formatBytes(limit)}
      </span>
    </span>
  );
}

function RunningList({
  runs,
  error,
  onRetry,
}: {
  runs: RunSummary[] | undefined;
  error: Error | null;
  onRetry: () => void;
}) {
  const stop = useStopRun();
  return (
    <DataList<RunSummary>
      label="Runs"
      rows={runs}
      rowKey={(run) => run.id}
      error={error}
      onRetry={onRetry}
      columns={[
        {
          key: 'text',
          title: 'What',
          cell: (run) => {
            const line = run.text.trim().split('\n')[0] ?? '';
            return (
              <code className="text-xs" title={run.text.slice(0, 2000)}>
                {line || run.kind}
              </code>
            );
          },
        },
        { key: 'state', title: 'State', width: '120px', cell: (run) => <StatusBadge status={run.state} /> },
        { key: 'who', title: 'By', width: '160px', sort: (run) => run.principalName, cell: (run) => run.principalName },
        {
          key: 'since',
          title: 'Since',
          width: '140px',
          sort: (run) => run.startedAtMs ?? run.createdAtMs,
          cell: (run) => <RelativeTime atMs={run.startedAtMs ?? run.createdAtMs} />,
        },
        {
          key: 'where',
          title: 'Where',
          width: '110px',
          cell: (run) =>
            run.notebookId ? (
              <Link href={`/notebook/${run.notebookId}`} className="text-accent hover:underline">
                Notebook
              </Link>
            ) : (
              <span className="text-muted">{run.kind}</span>
            ),
        },
        {
          key: 'stop',
          title: '',
          width: '48px',
          cell: (run) => (
            <IconButton
              icon={Square}
              label="Stop"
              kind="danger"
              busy={stop.isPending && stop.variables === run.id}
              onClick={() => stop.mutate(run.id)}
            />
          ),
        },
      ]}
      empty={{ icon: Cpu, title: 'Nothing runs now' }}
    />
  );
}
