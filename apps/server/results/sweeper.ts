import type { ObjectStore } from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';

export interface SweeperOptions {
  pool: Pool;
  store: ObjectStore;
  log: Logger;
  /** All results together; the ones used longest ago go first. */
  quotaBytes?: number;
  maxAgeDays?: number;
  everyMs?: number;
}

export interface ResultSweeper {
  /** Somebody reads this result: it is used. */
  used(hash: string): void;
  /** Removes what is too old or too much; answers how many results went. */
  sweep(): Promise<number>;
  stop(): void;
}

/** A result that was stored or used just now may belong to a run that is being written. */
const YOUNG = "interval '1 hour'";
const BATCH = 200;
const EXPORT_LIFE_MS = 60 * 60_000;

/** What a dashboard shows and what a task of a job gave are kept: their pages promise outputs as they were. */
const needed = `SELECT r."resultHash" FROM run r WHERE r."resultHash" IS NOT NULL AND (r.kind = 'task' OR r."taskAttemptId" IS NOT NULL
    OR r.id IN (SELECT t."shownRunId" FROM dashboard_tile t WHERE t."shownRunId" IS NOT NULL)
    OR r.id IN (SELECT t."latestRunId" FROM dashboard_tile t WHERE t."latestRunId" IS NOT NULL))`;

const doomed = `WITH ranked AS (
    SELECT hash, key, "lastUsedAt", sum("byteCount") OVER (ORDER BY "lastUsedAt" DESC, hash) AS total FROM result_object)
  SELECT hash, key FROM ranked WHERE ("lastUsedAt" < now() - $1 * interval '1 day' OR total > $2) AND "lastUsedAt" < now() - ${YOUNG}
    AND hash NOT IN (${needed}) ORDER BY "lastUsedAt" LIMIT ${BATCH}`;

/** Keeps stored results within a quota (10 GB) and an age (30 days). */
export function createResultSweeper(options: SweeperOptions): ResultSweeper {
  const { pool, store, log } = options;
  const limits = [options.maxAgeDays ?? 30, options.quotaBytes ?? 10 * 1024 ** 3];

  async function sweep(): Promise<number> {
    let removed = 0;
    // Downloads that ended with the server's death.
    for await (const { key, modifiedMs } of store.list('exports/')) {
      if (modifiedMs < Date.now() - EXPORT_LIFE_MS) await store.delete(key);
    }
    for (;;) {
      const { rows } = await pool.query<{ hash: string; key: string }>(doomed, limits);
      for (const { hash, key } of rows) {
        // The row first: a run that finds the same bytes again stores them anew, and its row anew.
        const taken = await pool.query(
          `DELETE FROM result_object WHERE hash = $1 AND "lastUsedAt" < now() - ${YOUNG}`,
          [hash],
        );
        if (taken.rowCount === 1) await store.delete(key);
      }
      removed += rows.length;
      if (rows.length < BATCH) return removed;
    }
  }

  const timer = setInterval(
    () =>
      void sweep().then(
        (count) => count > 0 && log.info({ count }, 'old results were removed'),
        (error) => log.warn({ err: error }, 'old results could not be removed'),
      ),
    options.everyMs ?? 10 * 60_000,
  );
  timer.unref();
  return {
    used(hash) {
      pool
        .query(
          `UPDATE result_object SET "lastUsedAt" = now() WHERE hash = $1 AND "lastUsedAt" < now() - interval '1 hour'`,
          [hash],
        )
        .catch((error) => log.debug({ err: error }, 'the use of a result could not be noted'));
    },
    sweep,
    stop: () => clearInterval(timer),
  };
}
