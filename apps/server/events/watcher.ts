import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { type ObjectStore, TableDetail, TableHistoryEntry, type TableWrite } from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { EventBus } from '../bus.ts';
import type { CatalogService } from '../catalog/index.ts';
import type { Compute } from '../compute/index.ts';
import { transaction } from '../db.ts';
import { listen } from './kinds.ts';

export interface WatcherOptions {
  pool: Pool;
  store: ObjectStore;
  /** Folder of a local store: its logs can be watched. Null where only the periodic look is possible. */
  storageRoot: string | null;
  compute: Pick<Compute, 'ask'>;
  catalog: Pick<CatalogService, 'applyWrite'>;
  bus: EventBus;
  log: Logger;
  /** How often every log is looked at: the net under the file system's events, which may be lost. */
  everyMs?: number;
}

export interface LogWatcher {
  start(): Promise<void>;
  /** Looks at every published table now. */
  check(): Promise<void>;
  stop(): void;
}

interface Watched {
  id: string;
  location: string;
  fullName: string;
  version: number;
}

/** A commit of our own compute is reported with its run; the watcher leaves it this time, so that lineage names the run. */
const SETTLE_MS = 250;
const commitFile = /^(\d{20})\.json$/;
const History = z.array(TableHistoryEntry);

/**
 * Notices commits that nobody reported (Spark, delta-rs, a report that was lost): by the file system's events, by a
 * periodic look, and at start for what happened meanwhile. Each version is told once, by the catalog's own count.
 */
export function createLogWatcher(options: WatcherOptions): LogWatcher {
  const { pool, store, log } = options;
  const watchers = new Map<string, FSWatcher>();
  const due = new Map<string, NodeJS.Timeout>();
  const active = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | null = null;
  let unlisten: (() => void) | null = null;
  let stopped = false;

  async function tables(tableId: string | null): Promise<Watched[]> {
    const { rows } = await pool.query<Omit<Watched, 'version'> & { version: string }>(
      `SELECT t.id, t.location, c.name || '.' || s.name || '.' || t.name AS "fullName", t.version::text AS version FROM "table" t
         JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId"
         WHERE t.state = 'published' AND t.location IS NOT NULL AND t.version IS NOT NULL AND ($1::text IS NULL OR t.id = $1)`,
      [tableId],
    );
    return rows.map((row) => ({ ...row, version: Number(row.version) }));
  }

  const logPrefix = (location: string): string => `${location}/_delta_log/`;

  async function latestVersion(table: Watched): Promise<number> {
    let latest = table.version;
    const prefix = logPrefix(table.location);
    const known = `${prefix}${String(table.version).padStart(20, '0')}.json`;
    for await (const { key } of store.list(prefix, { startAfter: known })) {
      const match = commitFile.exec(key.slice(prefix.length));
      if (match) latest = Math.max(latest, Number(match[1]));
    }
    return latest;
  }

  /** Tells the catalog of every version after the known one. */
  async function catchUp(tableId: string): Promise<void> {
    const [table] = await tables(tableId);
    if (!table) return;
    const latest = await latestVersion(table);
    if (latest <= table.version) return;
    const facts = { tableId: table.id, location: table.location };
    const [detail, history] = await Promise.all([
      options.compute.ask({ ask: 'tableDetail', ...facts }).then((it) => TableDetail.parse(it)),
      options.compute
        .ask({ ask: 'tableHistory', ...facts, limit: latest - table.version + 1 })
        .then((it) => History.parse(it)),
    ]);
    for (const entry of history.filter((it) => it.version > table.version).sort((a, b) => a.version - b.version)) {
      const write: TableWrite = {
        tableId: table.id,
        fullName: table.fullName,
        version: entry.version,
        operation: entry.operation,
        rows: Number(entry.operationMetrics.numOutputRows ?? 0),
        columns: detail.columns,
        sizeBytes: detail.sizeBytes,
        fileCount: detail.fileCount,
      };
      await transaction(pool, (tx) => options.catalog.applyWrite(tx, write, null));
    }
  }

  /** One look at a table at a time; a failure is tried again with the next periodic look. */
  function look(tableId: string): Promise<void> {
    const running = (active.get(tableId) ?? Promise.resolve())
      .then(() => (stopped ? undefined : catchUp(tableId)))
      .catch((error) => log.warn({ err: error, tableId }, 'the log of a table could not be followed'));
    active.set(tableId, running);
    void running.then(() => active.get(tableId) === running && active.delete(tableId));
    return running;
  }

  function watchTable({ id, location }: Watched): void {
    if (options.storageRoot === null || watchers.has(id)) return;
    const folder = join(options.storageRoot, logPrefix(location));
    if (!existsSync(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (!name || !commitFile.test(name) || due.has(id)) return;
        due.set(
          id,
          setTimeout(() => {
            due.delete(id);
            void look(id);
          }, SETTLE_MS).unref(),
        );
      });
      watcher.on('error', () => unwatch(id));
      watchers.set(id, watcher);
    } catch (error) {
      // The system's limit of watches: the periodic look goes on without.
      log.debug({ err: error, id }, 'a log is not watched');
    }
  }

  function unwatch(tableId: string): void {
    watchers.get(tableId)?.close();
    watchers.delete(tableId);
  }

  async function check(): Promise<void> {
    const all = await tables(null);
    const ids = new Set(all.map((table) => table.id));
    for (const id of watchers.keys()) if (!ids.has(id)) unwatch(id);
    for (const table of all) {
      if (stopped) return;
      watchTable(table);
      if ((await latestVersion(table)) > table.version) await look(table.id);
    }
  }
  const checkSafely = () => check().catch((error) => log.warn({ err: error }, 'logs of tables could not be looked at'));

  return {
    check,
    async start() {
      unlisten = listen(options.bus, 'changed', ({ kind, id }) => {
        if (kind !== 'table') return;
        tables(id).then(
          ([table]) => (table ? watchTable(table) : unwatch(id)),
          () => undefined,
        );
      });
      timer = setInterval(() => void checkSafely(), options.everyMs ?? 30_000);
      timer.unref();
      // Not awaited: compute, which reads the logs, comes after the server.
      void checkSafely();
    },
    stop() {
      stopped = true;
      unlisten?.();
      if (timer) clearInterval(timer);
      for (const pending of due.values()) clearTimeout(pending);
      for (const id of [...watchers.keys()]) unwatch(id);
    },
  };
}
