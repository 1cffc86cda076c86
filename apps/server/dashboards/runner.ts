import { createHash } from 'node:crypto';
import { isFinal } from '@boathouse/contracts';
import { type WakeEvent, type WakeState, wake } from '@boathouse/dashboards';
import { listen } from '../events/index.ts';
import type { Live } from '../live/index.ts';
import type { RunHooks, RunRecord, RunService, Sessions } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import type { Tile, TileStore } from './store.ts';

export interface TileRunnerOptions {
  base: Pick<BaseServices, 'bus' | 'log' | 'serverId'>;
  store: TileStore;
  runs: RunService;
  sessions: Sessions;
  live: Live;
  principalOf: RunHooks['principalOf'];
}

export interface TileRunner {
  /** Runs the tile with its publisher's rights, for all viewers. Throws where the publisher is gone. */
  run(tile: Tile, runId: string): Promise<RunRecord>;
  /** As after a commit: at once, or after the run under way. `cause` names what it is for, alike on every server. */
  wake(tile: Tile, cause: string): void;
  stop(): void;
}

/** A UUID that every server derives alike: two servers that hear of one commit start one run. */
function sharedId(...parts: string[]): string {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Runs tiles when asked and when their tables change, and tells all viewers of the answers. */
export function createTileRunner(options: TileRunnerOptions): TileRunner {
  const { base, store, runs, sessions, live } = options;
  const states = new Map<string, { wake: WakeState; cause: string }>();

  async function run(tile: Tile, runId: string): Promise<RunRecord> {
    const principal = await options.principalOf(tile.publisherId, tile.workspaceId);
    const session = sessions.passing(`tile-${tile.id}`, { catalog: tile.catalog, schema: tile.schema });
    const record = await runs.start({
      id: runId,
      kind: 'tile',
      workspaceId: tile.workspaceId,
      principal,
      session,
      language: 'sql',
      text: tile.query,
      dashboardId: tile.dashboardId,
      tileId: tile.id,
    });
    await store.begun(tile.id, runId);
    return record;
  }

  function hear(tileId: string, event: WakeEvent, cause: string): void {
    const before = states.get(tileId);
    const { next, start } = wake(before?.wake ?? { state: 'idle' }, event);
    const latest = event === 'commit' ? cause : (before?.cause ?? cause);
    if (next.state === 'idle') states.delete(tileId);
    else states.set(tileId, { wake: next, cause: latest });
    if (start) void begin(tileId, latest);
  }

  async function begin(tileId: string, cause: string): Promise<void> {
    try {
      const tile = await store.get(tileId);
      if (!tile) return void states.delete(tileId);
      const record = await run(tile, sharedId(tileId, tile.query, cause));
      // Another server began this very run, or it has been run for this cause already: its end will not be heard again.
      if (isFinal(record.state)) hear(tileId, 'run ended', cause);
    } catch (error) {
      base.log.warn({ err: error, tileId }, 'a tile could not be run');
      hear(tileId, 'run ended', cause);
    }
  }

  /** Writes what the run shows before viewers hear of it. */
  async function ended(run: RunRecord): Promise<void> {
    const { tileId, dashboardId } = run;
    if (!tileId || !dashboardId) return;
    if (run.state === 'succeeded') {
      const tableIds = [...new Set(run.reads.map((read) => read.tableId))];
      await store.shown(tileId, run.id, tableIds);
    }
    live.tile({ dashboardId, tileId, runId: run.id, state: run.state });
    if (states.has(tileId)) hear(tileId, 'run ended', run.id);
  }

  const endings = [
    runs.onLog(({ run: record, rows }) => {
      if (!record.tileId || !record.dashboardId) return;
      if (isFinal(record.state))
        ended(record).catch((error) =>
          base.log.error({ err: error, runId: record.id }, 'the answer of a tile could not be shown'),
        );
      else if (rows.some(({ event }) => event.type === 'started')) {
        live.tile({ dashboardId: record.dashboardId, tileId: record.tileId, runId: record.id, state: record.state });
      }
    }),
    // A run of another server: its viewers here hear of it too.
    listen(base.bus, 'run.changed', (event) => {
      if (event.serverId === base.serverId || !event.tileId || !event.dashboardId || event.state === 'queued') return;
      live.tile({ dashboardId: event.dashboardId, tileId: event.tileId, runId: event.runId, state: event.state });
      if (isFinal(event.state) && states.has(event.tileId)) hear(event.tileId, 'run ended', event.runId);
    }),
    listen(base.bus, 'table.changed', ({ tableId, version }) => {
      store.readersOf(tableId).then(
        (tiles) => {
          for (const tile of tiles)
            if (live.follows(`dashboard:${tile.dashboardId}`)) hear(tile.id, 'commit', `${tableId} ${version}`);
        },
        (error) => base.log.warn({ err: error, tableId }, 'tiles of a changed table could not be found'),
      );
    }),
  ];

  return {
    run,
    wake: (tile, cause) => hear(tile.id, 'commit', cause),
    stop() {
      for (const end of endings) end();
    },
  };
}
