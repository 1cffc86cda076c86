import type { FlowProgress, PipelineGraph, PipelineUpdateView } from '@boathouse/contracts';
import { formatCount } from '@/lib/format';

export type GraphNode = PipelineGraph['nodes'][number];

export const kindWords: Record<GraphNode['kind'], string> = {
  streaming_table: 'Streaming table',
  materialized_view: 'Materialized view',
  table: 'Table',
  files: 'Files of a volume',
};

export const isDataset = (node: GraphNode): boolean =>
  node.kind === 'streaming_table' || node.kind === 'materialized_view';

/** The name in lists and graphs: without catalog and schema; of files, the last part of the path. */
export const shortName = (fullName: string): string =>
  fullName.startsWith('/')
    ? (fullName.replace(/\/$/, '').split('/').at(-1) ?? fullName)
    : (fullName.split('.').at(-1) ?? fullName);

export const flowOf = (flows: readonly FlowProgress[], node: GraphNode): FlowProgress | undefined =>
  flows.find((flow) => flow.dataset.toLowerCase() === node.fullName.toLowerCase());

/** What one line says of a flow; `short` for a node of the graph. */
export function flowLine(flow: FlowProgress | undefined, length: 'full' | 'short' = 'full'): string {
  if (!flow) return 'Not run yet';
  const rows = `${formatCount(flow.rows)} ${flow.rows === 1 ? 'row' : 'rows'}${length === 'full' ? ' written' : ''}`;
  const dropped = flow.dropped ? `, ${formatCount(flow.dropped)} dropped` : '';
  switch (flow.status) {
    case 'COMPLETED':
    case 'RUNNING':
      return `${rows}${dropped}`;
    case 'QUEUED':
    case 'STARTING':
      return 'Waiting';
    case 'SKIPPED':
      return 'Skipped: what it reads has failed';
    case 'STOPPED':
      return 'Stopped';
    case 'EXCLUDED':
      return 'Left as it is';
    case 'IDLE':
      return 'Nothing to do';
    case 'FAILED':
      return flow.error?.message ?? 'Failed';
  }
}

export const isActive = (update: PipelineUpdateView | null | undefined): boolean =>
  !!update && update.state !== 'COMPLETED' && update.state !== 'FAILED' && update.state !== 'CANCELED';

/** States of an update and of a flow, as words that the status badge knows. */
export const badgeOf = (state: string): string =>
  state === 'CREATED' || state === 'QUEUED' || state === 'STARTING'
    ? 'queued'
    : ['INITIALIZING', 'RESETTING', 'SETTING_UP_TABLES'].includes(state)
      ? 'running'
      : state === 'STOPPING'
        ? 'terminating'
        : state === 'STOPPED'
          ? 'canceled'
          : state.toLowerCase();

export const actionWords: Record<GraphNode['expectations'][number]['action'], string> = {
  warn: 'Keep and count',
  drop: 'Drop the row',
  fail: 'Stop the update',
};
