import type { KeyObject } from 'node:crypto';
import type {
  Column,
  PlanBody,
  PlanEngine,
  PlannedStatement,
  Principal,
  Requirement,
  RunParameter,
  SessionState,
  SignedPlan,
} from '@boathouse/contracts';
import { engineSettings, sparkEngineName, unreachable, userError } from '@boathouse/contracts';
import { planStatement } from '@boathouse/sql';
import type { Pool } from 'pg';
import type { CatalogService, Reservation, TableDefinition } from '../catalog/index.ts';
import { createPatience, type Patience } from '../db.ts';
import type { Engines } from '../engines/index.ts';
import type { PlannedRun, PlanRequest } from '../runs/index.ts';
import { rememberNames } from './names.ts';
import { createPipelinePlanning, type PipelinePlanning } from './pipelines.ts';
import { sealPlan } from './sign.ts';

export interface PlanningOptions {
  pool: Pool;
  clock: () => number;
  installationKey: KeyObject;
  catalog: CatalogService;
  engines: Pick<Engines, 'open'>;
}

export interface ImportTarget {
  workspaceId: string;
  principal: Principal;
  runId: string;
  catalog: string;
  schema: string;
  table: string;
  columns: Column[];
  comment?: string;
}

export interface Planning extends PipelinePlanning {
  /**
   * Plans one statement. Catalog commands are performed here, in one transaction with their events; a new table's name is
   * reserved, and published when its commit is reported; a changed session is stored. Waits a while for a database that is away.
   * Throws BoathouseError with a position, DATABASE_UNAVAILABLE, COMMIT_UNKNOWN.
   */
  plan(request: PlanRequest): Promise<PlannedRun>;
  /** Reserves a new table for an import and signs its creation. Needs USE CATALOG, USE SCHEMA and CREATE TABLE. */
  planImport(
    target: ImportTarget,
  ): Promise<{ signed: SignedPlan; requires: Requirement[]; tableId: string; fullName: string }>;
}

/** A run's parameters are named; types compare without case. */
const bound = (parameters: RunParameter[]) =>
  Object.fromEntries(parameters.map(({ name, value, type }) => [name, { value, type: type.toLowerCase() }]));

const nothing: PlanBody = { kind: 'local', columns: [], rows: [] };

export function createPlanning(options: PlanningOptions): Planning {
  const { pool, clock, catalog } = options;

  async function createTable(
    request: PlanRequest,
    planned: Extract<PlannedStatement, { kind: 'createTable' }>,
    patiently: Patience,
  ): Promise<PlanBody> {
    const definition: TableDefinition = {
      workspaceId: request.workspaceId,
      catalog: planned.catalog,
      schema: planned.schema,
      name: planned.name,
      kind: 'MANAGED',
      columns: planned.columns,
      partitionColumns: planned.partitionColumns,
      properties: planned.properties,
      ...(planned.comment === undefined ? {} : { comment: planned.comment }),
      ifNotExists: planned.ifNotExists,
      orReplace: planned.orReplace,
      ownerId: request.principal.userId,
      runId: request.runId,
    };
    // A run that reserves again finds its own reservation.
    const reservation = await patiently(() => catalog.reserveTable(definition));
    return reservation.outcome === 'exists' ? nothing : createBody(reservation, planned);
  }

  async function bodyOf(request: PlanRequest, planned: PlannedStatement, patiently: Patience): Promise<PlanBody> {
    switch (planned.kind) {
      case 'plan':
        return planned.body;
      case 'command':
        await patiently(() => catalog.perform(request.workspaceId, request.principal, planned.command), {
          repeatable: false,
        });
        return nothing;
      case 'createTable':
        return createTable(request, planned, patiently);
      default:
        return unreachable(planned);
    }
  }

  const readsOf = (planned: PlannedStatement): string[] => (planned.kind === 'command' ? [] : planned.reads);

  return {
    ...createPipelinePlanning(options),

    async plan(request) {
      const { text, session, workspaceId, runId } = request;
      const patiently = createPatience();
      // In SQL a person's name is their e-mail, as in grants.
      const name = await patiently(() => catalog.emailOf(request.principal.userId));
      const principal = { ...request.principal, name };
      const wanted = await patiently(() => options.engines.open(request, request.engine));
      const names = rememberNames(catalog.reader(workspaceId), workspaceId, principal);
      const planned = await patiently(() =>
        planStatement({
          text,
          session,
          principal,
          catalog: names.reader,
          parameters: { named: bound(request.parameters) },
          ...(request.statement ? { statement: request.statement } : {}),
          now: new Date(clock()),
          ...(wanted ? { engine: 'spark' as const } : {}),
        }),
      );
      const body = await bodyOf(request, planned, patiently);
      const after = planned.kind === 'createTable' ? undefined : planned.session;
      if (after) await patiently(() => saveSession(pool, after));
      const engine = engineOf(body, wanted);
      const signed = sealPlan(options.installationKey, body, {
        runId,
        workspaceId,
        ...(engine ? { engine: { ...engine, settings: engineSettings(session.settings) } } : {}),
        principal: principal.name,
        statement: text,
        timeZone: session.timeZone,
        nowMs: clock(),
      });
      return {
        signed,
        body,
        requires:
          body.kind === 'local' && body.columns.length > 0 ? [...planned.requires, ...names.told()] : planned.requires,
        reads: readsOf(planned),
        ...(after ? { session: after } : {}),
        ...(engine ? { engine: sparkEngineName(engine.name) } : {}),
      };
    },

    async planImport(target) {
      const { workspaceId, principal, runId } = target;
      const reader = catalog.reader(workspaceId);
      const schema = await reader.schema(principal, target.catalog, target.schema);
      if (!schema) {
        throw userError(
          'SCHEMA_NOT_FOUND',
          `The schema ${target.catalog}.${target.schema} cannot be found. Choose another, or ask its owner for a grant.`,
          {
            status: 404,
          },
        );
      }
      const requires: Requirement[] = [
        { kind: 'schema', id: schema.id, fullName: `${schema.catalog}.${schema.name}`, privilege: 'CREATE TABLE' },
      ];
      await reader.authorise(principal, requires);
      const reservation = await catalog.reserveTable({
        workspaceId,
        catalog: target.catalog,
        schema: target.schema,
        name: target.table,
        kind: 'MANAGED',
        columns: target.columns,
        partitionColumns: [],
        properties: {},
        ...(target.comment === undefined ? {} : { comment: target.comment }),
        ifNotExists: false,
        orReplace: false,
        ownerId: principal.userId,
        runId,
      });
      if (reservation.outcome === 'exists')
        throw new Error('Invariant broken: a table that is there refuses an import');
      const body = createBody(reservation, {
        columns: target.columns,
        partitionColumns: [],
        properties: {},
        comment: target.comment,
      });
      const signed = sealPlan(options.installationKey, body, {
        runId,
        workspaceId,
        principal: await catalog.emailOf(principal.userId),
        statement: `import into ${reservation.fullName}`,
        timeZone: 'UTC',
        nowMs: clock(),
      });
      return { signed, requires, tableId: reservation.tableId, fullName: reservation.fullName };
    },
  };
}

/**
 * Where a plan runs: what carries a query in Spark's words runs there, everything else (names, tables' own properties, files)
 * is the embedded engine's affair.
 */
const engineOf = (body: PlanBody, wanted: PlanEngine | undefined): PlanEngine | undefined =>
  'query' in body && body.query?.sparkText ? wanted : undefined;

type NewTable = Pick<
  Extract<PlannedStatement, { kind: 'createTable' }>,
  'columns' | 'partitionColumns' | 'properties' | 'clusterBy' | 'comment' | 'query' | 'clone'
>;

const createBody = (reservation: Exclude<Reservation, { outcome: 'exists' | 'held' }>, table: NewTable): PlanBody => ({
  kind: 'createTable',
  target: {
    tableId: reservation.tableId,
    fullName: reservation.fullName,
    location: reservation.location,
    columns: table.columns,
    partitionColumns: table.partitionColumns,
  },
  tableKind: 'MANAGED',
  mode: reservation.outcome === 'replace' ? 'replace' : 'create',
  ...(table.comment === undefined ? {} : { comment: table.comment }),
  ...(table.clusterBy ? { clusterBy: table.clusterBy } : {}),
  properties: table.properties,
  ...(table.query === undefined ? {} : { query: table.query }),
  ...(table.clone === undefined ? {} : { clone: table.clone }),
});

/** A passing session has no row: nothing of it is kept. */
async function saveSession(pool: Pool, session: SessionState): Promise<void> {
  await pool.query('UPDATE sql_session SET state = $2::jsonb, "usedAt" = now() WHERE id = $1', [
    session.id,
    JSON.stringify(session),
  ]);
}
