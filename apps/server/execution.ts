import { join } from 'node:path';
import { type ObjectKind, userError } from '@boathouse/contracts';
import type { CatalogService } from './catalog/index.ts';
import { type Compute, createComputeLink } from './compute/index.ts';
import { createDashboards, createTileRunner, createTileStore, type Dashboards } from './dashboards/index.ts';
import type { Engines } from './engines/index.ts';
import { createDispatcher, createLogWatcher, type Dispatcher, enqueue } from './events/index.ts';
import type { SocketRoute } from './http/sockets.ts';
import { createJobs, type Jobs } from './jobs/index.ts';
import { createLive, type Live } from './live/index.ts';
import { createPipelines, type Pipelines } from './pipelines/index.ts';
import type { Planning } from './planning/index.ts';
import { createResultSweeper, type ResultSweeper } from './results/index.ts';
import {
  type Cells,
  createCells,
  createRunHooks,
  createRuns,
  createSessions,
  type NotebookReader,
  type RunService,
  type Sessions,
} from './runs/index.ts';
import type { BaseServices } from './services.ts';
import { createStatements, type Statements } from './statements/index.ts';
import type { Access, WorkspaceObjects } from './workspace/index.ts';

export interface ExecutionDoors {
  catalog: CatalogService;
  access: Access;
  objects: WorkspaceObjects;
  planning: Planning;
  documents: NotebookReader;
  engines: Engines;
}

/** The rooms that run things and tell of it. */
export interface Execution {
  dispatcher: Dispatcher;
  compute: Compute;
  sessions: Sessions;
  cells: Cells;
  runs: RunService;
  live: Live;
  statements: Statements;
  dashboards: Dashboards;
  results: ResultSweeper;
  jobs: Jobs;
  pipelines: Pipelines;
}

export interface Wired {
  doors: Execution;
  compute: Compute;
  sockets: SocketRoute[];
  start: () => Promise<void>;
  stop: () => Promise<void>;
}

const LINK_PAYLOAD_BYTES = 256 * 1024 * 1024;
const LIVE_PAYLOAD_BYTES = 64 * 1024;

/** Wires runs, the compute link, the live channel, results and the statement API over the doors given. */
export function createExecution(base: BaseServices, doors: ExecutionDoors): Wired {
  const { catalog, access, objects, planning } = doors;
  const dispatcher = createDispatcher({
    pool: base.pool,
    databaseUrl: base.config.databaseUrl,
    bus: base.bus,
    log: base.log,
    serverId: base.serverId,
  });
  const sessions = createSessions(base.pool, base.clock);
  const cells = createCells(doors.documents);
  const hooks = createRunHooks({ base, catalog, access, sessions, plan: planning.plan });
  const runs = createRuns({ base, hooks });

  const workspaceIds = async (): Promise<string[]> =>
    (await base.pool.query<{ id: string }>('SELECT id FROM workspace')).rows.map((row) => row.id);
  const computeChanged = async () => {
    for (const workspaceId of await workspaceIds())
      await enqueue(base.pool, 'changed', { workspaceId, kind: 'compute', id: 'compute' });
  };
  const compute = createComputeLink({
    log: base.log,
    clock: base.clock,
    hooks: {
      schemaMoved: (moved) => catalog.schemaMoved(moved),
      sessionLost: sessions.lost,
      commits: (ask) => catalog.commits(ask),
      strayCommit: hooks.committed,
      adopt: runs.adopt,
      changed: () =>
        void computeChanged().catch((error) => base.log.warn({ err: error }, 'a change of compute could not be told')),
    },
  });
  runs.connect(compute);

  const seesObject =
    (kind: ObjectKind) => async (principal: Parameters<Access['require']>[0], workspaceId: string, id: string) => {
      const object = await access.require(principal, id, 'view');
      if (object.workspaceId !== workspaceId || object.kind !== kind)
        throw userError('RESOURCE_DOES_NOT_EXIST', `There is no ${kind} ${id}.`, { status: 404 });
    };
  const live = createLive({
    base,
    runs,
    refresh: hooks.principalOf,
    topics: {
      notebook: seesObject('notebook'),
      dashboard: seesObject('dashboard'),
      table: async (principal, workspaceId, tableId) => {
        const { rows } = await base.pool.query<{ catalog: string; schema: string; name: string }>(
          `SELECT c.name AS catalog, s.name AS schema, t.name FROM "table" t JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId"
             WHERE t.id = $1 AND c."workspaceId" = $2`,
          [tableId, workspaceId],
        );
        const seen =
          rows[0] &&
          (await catalog.reader(workspaceId).table(principal, rows[0].catalog, rows[0].schema, rows[0].name));
        if (!seen)
          throw userError('RESOURCE_DOES_NOT_EXIST', 'There is no such table, or you may not see it.', { status: 404 });
      },
    },
  });
  const statements = createStatements({ base, runs, sessions, engines: doors.engines, principalOf: hooks.principalOf });
  const tiles = createTileStore(base.pool);
  const runner = createTileRunner({ base, store: tiles, runs, sessions, live, principalOf: hooks.principalOf });
  const dashboards = createDashboards({ base, access, objects, planning, sessions, runs, store: tiles, runner });
  const watcher = createLogWatcher({ ...base, storageRoot: join(base.config.home, 'storage'), compute, catalog });
  const sweeper = createResultSweeper({ pool: base.pool, store: base.store, log: base.log });

  const pipelines = createPipelines({ base, ...doors, sessions, runs, live });
  const jobs = createJobs({ base, ...doors, sessions, runs, compute, live, pipelines, principalOf: hooks.principalOf });

  const opened: Execution = {
    dispatcher,
    compute,
    sessions,
    cells,
    runs,
    live,
    statements,
    dashboards,
    results: sweeper,
    jobs,
    pipelines,
  };
  return {
    doors: opened,
    compute,
    sockets: [
      { path: '/internal/compute', auth: 'compute', maxPayloadBytes: LINK_PAYLOAD_BYTES, open: compute.open },
      { path: '/live', auth: 'session', maxPayloadBytes: LIVE_PAYLOAD_BYTES, open: live.open },
    ],
    async start() {
      await dispatcher.start();
      await watcher.start();
      jobs.start();
    },
    async stop() {
      await jobs.stop();
      sweeper.stop();
      watcher.stop();
      runner.stop();
      live.stop();
      await runs.stop();
      compute.stop();
      await dispatcher.stop();
    },
  };
}
