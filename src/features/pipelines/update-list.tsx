'use client';
import type { PipelineUpdateView } from '@boathouse/contracts';
import { History } from 'lucide-react';
import { DataList, type ListColumn } from '@/components/data-list';
import { RelativeTime } from '@/components/relative-time';
import { StatusBadge } from '@/components/status';
import { formatDuration } from '@/lib/format';
import { usePipelineUpdates } from './use-pipelines';
import { badgeOf } from './words';

const causeWords: Record<PipelineUpdateView['cause'], string> = {
  USER_ACTION: 'By hand',
  API_CALL: 'By the API',
  JOB_TASK: 'By a job',
};

/** All updates of a pipeline, newest first. */
export function UpdateList({ pipelineId, onOpen }: { pipelineId: string; onOpen: (updateId: string) => void }) {
  const updates = usePipelineUpdates(pipelineId);
  const columns: ListColumn<PipelineUpdateView>[] = [
    { key: 'state', title: 'State', cell: (it) => <StatusBadge status={badgeOf(it.state)} /> },
    {
      key: 'when',
      title: 'Started',
      sort: (it) => it.createdAtMs,
      cell: (it) => <RelativeTime atMs={it.createdAtMs} />,
    },
    {
      key: 'took',
      title: 'Took',
      numeric: true,
      cell: (it) => (it.endedAtMs === null ? '–' : formatDuration(Math.max(0, it.endedAtMs - it.createdAtMs))),
    },
    { key: 'by', title: 'Started by', cell: (it) => it.createdBy },
    { key: 'cause', title: 'How', cell: (it) => causeWords[it.cause] },
    {
      key: 'kind',
      title: 'Kind',
      cell: (it) => (it.validateOnly ? 'Check only' : it.fullRefresh ? 'Full refresh' : 'Refresh'),
    },
    {
      key: 'error',
      title: 'Error',
      cell: (it) => (it.error ? <span title={it.error.message}>{it.error.message}</span> : ''),
    },
  ];
  return (
    <DataList
      label="Updates"
      rows={updates.data?.updates}
      columns={columns}
      rowKey={(it) => it.id}
      onOpen={(it) => onOpen(it.id)}
      error={updates.error}
      onRetry={() => void updates.refetch()}
      empty={{ icon: History, title: 'No updates yet', text: 'Run the pipeline: each update is kept here.' }}
    />
  );
}
