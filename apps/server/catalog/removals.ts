import { leaseMs } from '@boathouse/catalog';
import type { ComputeQuestion, ObjectStore } from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Queryable } from './db.ts';

export interface Removals {
  /** Lists a folder (key prefix ending with '/') for deletion, within the transaction that makes it unreachable. */
  add(tx: Queryable, location: string, reason: string): Promise<void>;
  /** Deletes what is due. Several servers may do so at once. Answers how many folders went. */
  run(): Promise<number>;
}

/** Table folders go through compute, which forgets what it keeps of them; the store does it where compute does not answer. */
export function createRemovals(options: {
  pool: Pool;
  store: ObjectStore;
  log: Logger;
  ask: (question: ComputeQuestion) => Promise<unknown>;
}): Removals {
  const { pool, store, log } = options;

  async function remove(location: string): Promise<void> {
    const table = /^tables\/[^/]+\/([^/]+)\/$/.exec(location);
    if (table)
      await options
        .ask({ ask: 'deleteTable', tableId: table[1]!, location: location.slice(0, -1) })
        .catch(() => undefined);
    await store.deletePrefix(location);
  }

  return {
    async add(tx, location, reason) {
      await tx.query(
        'INSERT INTO storage_removal (location, reason) VALUES ($1, $2) ON CONFLICT (location) DO NOTHING',
        [location, reason],
      );
    },
    async run() {
      const { rows } = await pool.query<{ location: string }>(
        `UPDATE storage_removal SET "leaseUntil" = now() + $1::float8 * interval '1 millisecond'
          WHERE location IN (SELECT location FROM storage_removal WHERE "leaseUntil" <= now() ORDER BY "createdAt" LIMIT 100 FOR UPDATE SKIP LOCKED)
          RETURNING location`,
        [leaseMs],
      );
      let removed = 0;
      for (const { location } of rows) {
        try {
          await remove(location);
          await pool.query('DELETE FROM storage_removal WHERE location = $1', [location]);
          removed++;
        } catch (error) {
          log.warn({ err: error, location }, 'a dropped folder could not be deleted yet; trying again');
        }
      }
      return removed;
    },
  };
}
