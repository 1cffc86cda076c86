import type { FlowPlan, ObjectStore, PipelinePlan, PlanTable, TableRead, TableWrite } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import { type Engine, filesRelation, openTables, relationOfFiles, rowsForTarget, spliceText } from '@boathouse/engine';
import type { StreamPoint } from '@boathouse/streaming';
import type { FlowMore } from './events.ts';

/** What a flow works with, and whom it tells. */
export interface FlowContext {
  engine: Engine;
  delta: Delta;
  store: ObjectStore;
  clock: () => number;
  ids: () => string;
  plan: PipelinePlan;
  signal: AbortSignal | undefined;
  /** Numbers of a batch, or of the whole where there is one. */
  progress(more: FlowMore): void;
  /** Files that changed after they were read. */
  changedFiles(names: readonly string[]): void;
  /** Files that were removed before they were read. */
  missingFiles(names: readonly string[]): void;
  committed(write: TableWrite): void;
  read(reads: TableRead[]): void;
  at?(point: StreamPoint, batchId: number): void | Promise<void>;
}

type FilesTable = Extract<PlanTable, { source: 'files' }>;

/**
 * The rows of a flow as a SELECT with exactly the columns of its target. `streamed`: the keys of the batch's files, for the
 * one source that is a stream; all other sources are read whole, at one version each. Throws SchemaMoved.
 */
export async function flowRows(
  context: Pick<FlowContext, 'delta' | 'store' | 'read'>,
  flow: FlowPlan,
  streamed: readonly string[] = [],
): Promise<string> {
  const { store, delta } = context;
  const files = (table: FilesTable) =>
    table.stream ? relationOfFiles({ store }, streamed, table) : filesRelation({ store }, table);
  const { relations, reads } = await openTables({ delta, files }, flow.query.tables);
  if (reads.length) context.read(reads);
  return rowsForTarget(flow.query, spliceText(flow.query.engineText, relations), flow.target.columns);
}

export const definitionOf = (flow: FlowPlan) => ({
  columns: flow.target.columns,
  partitionColumns: flow.target.partitionColumns,
  properties: flow.properties,
  ...(flow.comment === undefined ? {} : { comment: flow.comment }),
});

export const checkTargetOf = (flow: FlowPlan) => ({
  location: flow.target.location,
  fullName: flow.target.fullName,
  columns: flow.target.columns,
  partitionColumns: flow.target.partitionColumns,
  properties: flow.properties,
});

export const provenanceOf = (plan: PipelinePlan) => ({ userName: plan.runAs, runId: plan.updateId });
