import type { KeyObject } from 'node:crypto';
import {
  type Column,
  type FlowPlan,
  PipelinePlan,
  type PlanTable,
  type Principal,
  type SessionState,
  type SignedPlan,
  userError,
  type WriteTarget,
} from '@boathouse/contracts';
import { type PipelinePiece, type PlannedFlow, type PlannedPipeline, planPipeline } from '@boathouse/sql';
import type { CatalogService } from '../catalog/index.ts';
import { planLifetimeMs, signPayload } from './sign.ts';

export interface PipelineText {
  workspaceId: string;
  /** With whose rights it reads and writes. */
  principal: Principal;
  pieces: readonly PipelinePiece[];
  /** Where its datasets go and short names lead. */
  catalog: string;
  schema: string;
}

export interface PipelineUpdateFacts {
  workspaceId: string;
  principal: Principal;
  runId: string;
  pipelineId: string;
  pipelineName: string;
  updateId: string;
  fullRefresh: boolean;
  /** By full name in lower case; absent: as `fullRefresh` says. */
  refresh?: ReadonlyMap<string, FlowPlan['refresh']>;
  cause: string;
  /** The pipeline's specification, for its event log. */
  config?: Record<string, unknown>;
  catalog: string;
  schema: string;
  eventLogColumns: Column[];
  planned: PlannedPipeline;
}

export interface PipelinePlanning {
  /** Resolves the graph and plans every flow; problems of the text are in `graph.errors`. Moves no data, changes nothing. */
  planPipeline(text: PipelineText): Promise<PlannedPipeline>;
  /**
   * Reserves the datasets that are missing and the event log, and signs the update. Each is published with its first commit;
   * what the run leaves without one is undone. Throws PIPELINE_HAS_ERRORS, DATASET_OF_ANOTHER_PIPELINE, TABLE_BEING_CREATED.
   */
  sealPipeline(facts: PipelineUpdateFacts): Promise<{ signed: SignedPlan; plan: PipelinePlan }>;
}

export interface PipelinePlanningOptions {
  catalog: CatalogService;
  installationKey: KeyObject;
  clock: () => number;
}

interface Reserved {
  target: WriteTarget;
  create: boolean;
}

/** A pipeline's checkpoints lie beside its tables and are named by its id. */
export const checkpointLocation = (workspaceId: string, pipelineId: string): string =>
  `checkpoints/${workspaceId}/${pipelineId}`;
/** As in Databricks, the event log is a table in the pipeline's schema. */
export const eventLogName = (pipelineId: string): string => `event_log_${pipelineId.replaceAll('-', '_')}`;

export function createPipelinePlanning(options: PipelinePlanningOptions): PipelinePlanning {
  const { catalog } = options;

  async function reserve(
    facts: PipelineUpdateFacts,
    table: Pick<
      PlannedFlow,
      'catalog' | 'schema' | 'table' | 'columns' | 'partitionColumns' | 'properties' | 'comment'
    >,
    kind: 'STREAMING_TABLE' | 'MATERIALIZED_VIEW' | 'MANAGED',
  ): Promise<Reserved> {
    const { workspaceId, principal } = facts;
    const existing = await catalog
      .reader(workspaceId)
      .find(principal, 'table', [table.catalog, table.schema, table.table]);
    const row = existing?.table;
    const target = (tableId: string, fullName: string, location: string): WriteTarget => ({
      tableId,
      fullName,
      location,
      columns: table.columns,
      partitionColumns: table.partitionColumns,
    });
    if (existing && row) {
      const { fullName } = existing.securables.at(-1)!;
      if (row.pipelineId !== facts.pipelineId || row.location === null) {
        throw userError(
          'DATASET_OF_ANOTHER_PIPELINE',
          `${fullName} exists already and this pipeline did not make it. Choose another name for the dataset, or drop the table first.`,
          { status: 409, sqlState: '42P07' },
        );
      }
      return { target: target(row.id, fullName, row.location), create: false };
    }
    const made = await catalog.reserveTable({
      workspaceId,
      catalog: table.catalog,
      schema: table.schema,
      name: table.table,
      kind,
      columns: table.columns,
      partitionColumns: table.partitionColumns,
      properties: table.properties,
      ...(table.comment === undefined ? {} : { comment: table.comment }),
      ifNotExists: false,
      orReplace: false,
      ownerId: principal.userId,
      runId: facts.runId,
      pipelineId: facts.pipelineId,
    });
    if (made.outcome === 'exists') throw new Error('Invariant broken: only IF NOT EXISTS is answered with exists');
    return { target: target(made.tableId, made.fullName, made.location), create: true };
  }

  return {
    async planPipeline({ workspaceId, principal, pieces, catalog: outer, schema }) {
      const session: SessionState = {
        id: 'pipeline',
        catalog: outer,
        schema,
        timeZone: 'UTC',
        settings: {},
        tempViews: {},
      };
      const who = { ...principal, name: await catalog.emailOf(principal.userId) };
      return planPipeline(pieces, {
        catalog: catalog.reader(workspaceId),
        session,
        principal: who,
        now: new Date(options.clock()),
        defaults: { catalog: outer, schema },
      });
    },

    async sealPipeline(facts) {
      const [problem] = facts.planned.graph.errors;
      if (problem)
        throw userError('PIPELINE_HAS_ERRORS', problem.message, problem.position ? { position: problem.position } : {});
      const { workspaceId, pipelineId } = facts;
      const reserved = new Map<string, Reserved>();
      for (const flow of facts.planned.flows) {
        reserved.set(
          flow.dataset.toLowerCase(),
          await reserve(facts, flow, flow.kind === 'streaming' ? 'STREAMING_TABLE' : 'MATERIALIZED_VIEW'),
        );
      }
      const log = {
        catalog: facts.catalog,
        schema: facts.schema,
        table: eventLogName(pipelineId),
        columns: facts.eventLogColumns,
      };
      const eventLog = await reserve(
        facts,
        { ...log, partitionColumns: [], properties: {}, comment: `Event log of ${facts.pipelineName}` },
        'MANAGED',
      );
      const plan: PipelinePlan = PipelinePlan.parse({
        pipelineId,
        pipelineName: facts.pipelineName,
        updateId: facts.updateId,
        expiresAtMs: options.clock() + planLifetimeMs,
        fullRefresh: facts.fullRefresh,
        cause: facts.cause,
        config: facts.config ?? {},
        runAs: await catalog.emailOf(facts.principal.userId),
        checkpointLocation: checkpointLocation(workspaceId, pipelineId),
        eventLog: eventLog.target,
        eventLogCreate: eventLog.create,
        flows: facts.planned.flows.map((flow) => flowPlan(flow, reserved, facts)),
      });
      return { signed: signPayload(options.installationKey, JSON.stringify(plan)), plan };
    },
  };
}

function flowPlan(
  flow: PlannedFlow,
  reserved: ReadonlyMap<string, Reserved>,
  facts: Pick<PipelineUpdateFacts, 'fullRefresh' | 'refresh'>,
): FlowPlan {
  const own = reserved.get(flow.dataset.toLowerCase());
  if (!own) throw new Error(`Invariant broken: the dataset ${flow.dataset} was reserved`);
  return {
    name: flow.name,
    dataset: flow.dataset,
    kind: flow.kind,
    inputs: flow.inputs,
    expectations: flow.expectations,
    target: own.target,
    create: own.create,
    properties: flow.properties,
    ...(flow.comment === undefined ? {} : { comment: flow.comment }),
    refresh: facts.refresh?.get(flow.dataset.toLowerCase()) ?? (facts.fullRefresh ? 'full' : 'refresh'),
    query: { ...flow.query, tables: flow.query.tables.map((table) => located(table, reserved)) },
  };
}

/** A dataset of the same update was planned before it had an id and a folder. */
function located(table: PlanTable, reserved: ReadonlyMap<string, Reserved>): PlanTable {
  if (table.source !== 'delta') return table;
  const dataset = reserved.get(table.fullName.toLowerCase());
  return dataset ? { ...table, tableId: dataset.target.tableId, location: dataset.target.location } : table;
}
