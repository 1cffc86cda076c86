import { randomUUID } from 'node:crypto';
import {
  ChartSpec,
  type DashboardTileView,
  type DashboardView,
  type Principal,
  type RunSummary,
  type TileLayout,
  userError,
} from '@boathouse/contracts';
import { fit, placeTile, settleLayout } from '@boathouse/dashboards';
import { parseQuery } from '@boathouse/sql';
import { transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { Planning } from '../planning/index.ts';
import type { RunRecord, RunService, Sessions } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import { type Access, homePath, type ObjectRow, type WorkspaceObjects } from '../workspace/index.ts';
import type { TileRunner } from './runner.ts';
import type { Tile, TileStore } from './store.ts';

export interface DashboardCaller {
  principal: Principal;
  workspaceId: string;
}
export interface TileFields {
  title: string;
  query: string;
  catalog: string;
  schema: string;
  chart: ChartSpec;
  layout: TileLayout;
  live: boolean;
}
export interface DashboardListEntry {
  id: string;
  name: string;
  path: string;
  ownerName: string;
  tiles: number;
  updatedAtMs: number;
}

export interface Dashboards {
  list(caller: DashboardCaller): Promise<DashboardListEntry[]>;
  create(caller: DashboardCaller, name: string, parentPath?: string): Promise<DashboardView>;
  get(caller: DashboardCaller, id: string): Promise<DashboardView>;
  /** Throws DASHBOARD_CHANGED where `version` is not the newest. */
  update(
    caller: DashboardCaller,
    id: string,
    change: { name?: string; version?: number; layout?: { tileId: string; layout: TileLayout }[] },
  ): Promise<DashboardView>;
  remove(caller: DashboardCaller, id: string): Promise<void>;
  /** Throws what planning the query throws: a tile whose query cannot run is not made. */
  addTile(
    caller: DashboardCaller,
    id: string,
    tile: Omit<TileFields, 'chart' | 'layout'> & { chart?: ChartSpec; layout?: TileLayout },
  ): Promise<DashboardTileView>;
  updateTile(
    caller: DashboardCaller,
    id: string,
    tileId: string,
    change: Partial<TileFields>,
  ): Promise<DashboardTileView>;
  removeTile(caller: DashboardCaller, id: string, tileId: string): Promise<void>;
  runTile(caller: DashboardCaller, id: string, tileId: string): Promise<RunSummary>;
  runAll(caller: DashboardCaller, id: string): Promise<RunSummary[]>;
}

export interface DashboardOptions {
  base: BaseServices;
  access: Access;
  objects: WorkspaceObjects;
  planning: Planning;
  sessions: Sessions;
  runs: RunService;
  store: TileStore;
  runner: TileRunner;
}

const noTile = () =>
  userError('RESOURCE_DOES_NOT_EXIST', 'This tile is not on the dashboard any more.', { status: 404 });

export function createDashboards(options: DashboardOptions): Dashboards {
  const { base, access, objects, planning, sessions, runs, store, runner } = options;

  async function dashboard(
    { principal, workspaceId }: DashboardCaller,
    id: string,
    level: 'view' | 'run' | 'edit' | 'manage',
  ): Promise<ObjectRow> {
    const object = await access.require(principal, id, level);
    if (object.kind !== 'dashboard' || object.workspaceId !== workspaceId)
      throw userError('RESOURCE_DOES_NOT_EXIST', `There is no dashboard ${id}.`, { status: 404 });
    return object;
  }

  async function tileOf(dashboardId: string, tileId: string): Promise<Tile> {
    const tile = await store.get(tileId);
    if (tile?.dashboardId !== dashboardId) throw noTile();
    return tile;
  }

  async function views(caller: DashboardCaller, tiles: Tile[]): Promise<DashboardTileView[]> {
    const ids = [...new Set(tiles.flatMap((tile) => [tile.shownRunId, tile.latestRunId]).filter((id) => id !== null))];
    const found = (await Promise.all(ids.map((id) => runs.get(caller.workspaceId, id)))).filter(
      (run): run is RunRecord => run !== null,
    );
    const summaries = new Map((await runs.summaries(caller.principal, found)).map((run) => [run.id, run]));
    return tiles.map(({ dashboardId: _dashboard, workspaceId: _workspace, shownRunId, latestRunId, ...tile }) => ({
      ...tile,
      shown: (shownRunId && summaries.get(shownRunId)) || null,
      latest: (latestRunId && latestRunId !== shownRunId && summaries.get(latestRunId)) || null,
    }));
  }

  async function view(caller: DashboardCaller, object: ObjectRow): Promise<DashboardView> {
    const [facts, tiles] = await Promise.all([store.facts([object.id]), store.ofDashboard(object.id)]);
    const { version, updatedAtMs } = facts.get(object.id) ?? { version: 1, updatedAtMs: object.updatedAt.getTime() };
    return {
      id: object.id,
      name: object.name,
      path: object.path,
      version,
      updatedAtMs,
      level: object.level,
      tiles: await views(caller, tiles),
    };
  }

  /** The tables that the query reads, where the caller may run it. Only queries: a tile changes nothing. */
  async function checkQuery(
    { principal, workspaceId }: DashboardCaller,
    tile: Pick<TileFields, 'query' | 'catalog' | 'schema'>,
  ): Promise<string[]> {
    parseQuery(tile.query);
    const id = randomUUID();
    const session = sessions.passing(id, { catalog: tile.catalog, schema: tile.schema });
    const { body } = await planning.plan({
      text: tile.query,
      session,
      principal,
      workspaceId,
      runId: id,
      parameters: [],
    });
    if (body.kind !== 'query') return [];
    return [...new Set(body.query.tables.flatMap((table) => (table.source === 'delta' ? [table.tableId] : [])))];
  }

  /** Edits in one transaction with the dashboard's version and the news. */
  async function edit(
    workspaceId: string,
    dashboardId: string,
    version: number | undefined,
    work: Parameters<typeof transaction<void>>[1],
  ): Promise<void> {
    await transaction(base.pool, async (tx) => {
      if ((await store.bump(tx, dashboardId, version)) === null) {
        throw userError(
          'DASHBOARD_CHANGED',
          'Somebody else has changed this dashboard meanwhile. Look at it anew, then try again.',
          { status: 409 },
        );
      }
      await work(tx);
      await enqueue(tx, 'changed', { workspaceId, kind: 'dashboard', id: dashboardId });
    });
  }

  const oneView = async (caller: DashboardCaller, tileId: string): Promise<DashboardTileView> => {
    const tile = await store.get(tileId);
    if (!tile) throw noTile();
    return (await views(caller, [tile]))[0]!;
  };

  return {
    async list({ principal, workspaceId }) {
      const found = (await access.search(principal, workspaceId, '', 1000)).filter(
        (object) => object.kind === 'dashboard',
      );
      const facts = await store.facts(found.map((object) => object.id));
      return found.map(({ id, name, path, ownerName, updatedAt }) => ({
        id,
        name,
        path,
        ownerName,
        tiles: 0,
        updatedAtMs: updatedAt.getTime(),
        ...pick(facts.get(id)),
      }));
    },
    async create(caller, name, parentPath) {
      const { principal, workspaceId } = caller;
      const { rows } = await base.pool.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [
        principal.userId,
      ]);
      const parent = parentPath ?? homePath(rows[0]?.email ?? '');
      const object = await objects.create(principal, workspaceId, {
        kind: 'dashboard',
        path: `${parent === '/' ? '' : parent}/${name}`,
        makeUnique: true,
      });
      return view(caller, object);
    },
    async get(caller, id) {
      const object = await dashboard(caller, id, 'view');
      // What was overtaken while nobody looked is run now; everybody who looks hears of it.
      for (const tile of await store.overtaken(id))
        runner.wake(tile, `${tile.shownRunId} overtaken ${Math.floor(base.clock() / 1000)}`);
      return view(caller, object);
    },
    async update(caller, id, change) {
      await dashboard(caller, id, 'edit');
      if (change.layout) {
        const tiles = new Map((await store.ofDashboard(id)).map((tile) => [tile.id, tile]));
        for (const { tileId, layout } of change.layout) {
          const tile = tiles.get(tileId);
          if (!tile) throw noTile();
          tiles.set(tileId, { ...tile, layout });
        }
        await edit(caller.workspaceId, id, change.version, async (tx) => {
          for (const tile of settleLayout([...tiles.values()])) await store.setLayout(tx, tile.id, tile.layout);
        });
      }
      if (change.name !== undefined) await objects.move(caller.principal, id, { name: change.name });
      return view(caller, await dashboard(caller, id, 'view'));
    },
    async remove(caller, id) {
      await dashboard(caller, id, 'manage');
      await objects.remove(caller.principal, id, { recursive: false });
    },
    async addTile(caller, id, fields) {
      await dashboard(caller, id, 'edit');
      const tableIds = await checkQuery(caller, fields);
      const others = (await store.ofDashboard(id)).map((tile) => tile.layout);
      const tileId = randomUUID();
      const tile = {
        ...fields,
        id: tileId,
        dashboardId: id,
        chart: fields.chart ?? ChartSpec.parse({}),
        layout: fields.layout ? fit(fields.layout) : placeTile(others),
        publisherId: caller.principal.userId,
      };
      await edit(caller.workspaceId, id, undefined, (tx) => store.insert(tx, tile, tableIds));
      await runner.run(await tileOf(id, tileId), randomUUID());
      return oneView(caller, tileId);
    },
    async updateTile(caller, id, tileId, change) {
      await dashboard(caller, id, 'edit');
      const tile = await tileOf(id, tileId);
      const next = { ...tile, ...change, layout: fit(change.layout ?? tile.layout) };
      const moved = next.query !== tile.query || next.catalog !== tile.catalog || next.schema !== tile.schema;
      // Whoever writes a query answers for it with their own rights, never with those of who wrote the old one.
      const tableIds = moved ? await checkQuery(caller, next) : null;
      if (moved) next.publisherId = caller.principal.userId;
      await edit(caller.workspaceId, id, undefined, (tx) => store.update(tx, next, tableIds));
      if (moved) await runner.run(await tileOf(id, tileId), randomUUID());
      return oneView(caller, tileId);
    },
    async removeTile(caller, id, tileId) {
      await dashboard(caller, id, 'edit');
      await tileOf(id, tileId);
      await edit(caller.workspaceId, id, undefined, (tx) => store.remove(tx, tileId));
    },
    async runTile(caller, id, tileId) {
      await dashboard(caller, id, 'run');
      return runs.summary(caller.principal, await runner.run(await tileOf(id, tileId), randomUUID()));
    },
    async runAll(caller, id) {
      await dashboard(caller, id, 'run');
      const started = await Promise.all((await store.ofDashboard(id)).map((tile) => runner.run(tile, randomUUID())));
      return runs.summaries(caller.principal, started);
    },
  };
}

const pick = (facts: { tiles: number; updatedAtMs: number } | undefined): { tiles?: number; updatedAtMs?: number } =>
  facts ? { tiles: facts.tiles, updatedAtMs: facts.updatedAtMs } : {};
