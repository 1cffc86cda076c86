import { sweepReserved } from '@boathouse/catalog';
import type { ObjectStore } from '@boathouse/contracts';
import type { Pool } from 'pg';
import { enqueue } from '../events/index.ts';
import { type Queryable, transaction } from './db.ts';
import type { Removals } from './removals.ts';

export interface SweepOptions {
  pool: Pool;
  store: ObjectStore;
  clock: () => number;
  removals: Removals;
}

interface ReservedRow {
  id: string;
  location: string;
  leaseUntilMs: number | null;
  runAlive: boolean;
  runEnded: boolean;
  workspaceId: string;
  [name: string]: unknown;
}

const reservedSql = (
  condition: string,
) => `SELECT t.id, t.location, (extract(epoch FROM t."leaseUntil") * 1000)::float8 AS "leaseUntilMs", c."workspaceId",
    EXISTS (SELECT 1 FROM run r WHERE r.id = t."leaseRunId" AND r.state IN ('queued', 'running')) AS "runAlive",
    EXISTS (SELECT 1 FROM run r WHERE r.id = t."leaseRunId" AND r.state NOT IN ('queued', 'running')) AS "runEnded"
  FROM "table" t JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId"
  WHERE t.state = 'reserved' AND ${condition} ORDER BY t."leaseUntil" LIMIT 100 FOR UPDATE OF t SKIP LOCKED`;

const firstCommit = (location: string): string => `${location}/_delta_log/${'0'.repeat(20)}.json`;

async function settle(
  tx: Queryable,
  options: SweepOptions,
  row: ReservedRow,
  leaseUntilMs: number | null,
): Promise<void> {
  const versionZero = (await options.store.head(firstCommit(row.location))) !== null;
  const decision = sweepReserved({ leaseUntilMs, nowMs: options.clock(), runAlive: row.runAlive, versionZero });
  switch (decision.action) {
    case 'wait':
      return;
    case 'renew':
      await tx.query('UPDATE "table" SET "leaseUntil" = to_timestamp($2::float8 / 1000) WHERE id = $1', [
        row.id,
        decision.leaseUntilMs,
      ]);
      return;
    case 'publish':
      await tx.query(
        `UPDATE "table" SET state = 'published', "leaseUntil" = NULL, "leaseRunId" = NULL, version = coalesce(version, 0) WHERE id = $1`,
        [row.id],
      );
      break;
    case 'undo':
      await tx.query('DELETE FROM "table" WHERE id = $1', [row.id]);
      await options.removals.add(tx, `${row.location}/`, 'unfinished creation');
      break;
  }
  await enqueue(tx, 'changed', { workspaceId: row.workspaceId, kind: 'table', id: row.id });
}

/** Finishes or undoes creations whose lease ran out. */
export async function sweepLeases(options: SweepOptions): Promise<void> {
  await transaction(options.pool, async (tx) => {
    const { rows } = await tx.query<ReservedRow>(reservedSql('t."leaseUntil" <= to_timestamp($1::float8 / 1000)'), [
      options.clock(),
    ]);
    for (const row of rows) await settle(tx, options, row, row.leaseUntilMs);
  });
}

/** Settles the creations of a run that has ended now, so that its names are free at once. */
export async function settleRun(options: SweepOptions, runId: string): Promise<void> {
  // Nearly every run reserved nothing: one look without a transaction.
  const held = await options.pool.query(`SELECT 1 FROM "table" WHERE state = 'reserved' AND "leaseRunId" = $1`, [
    runId,
  ]);
  if (held.rows.length === 0) return;
  await transaction(options.pool, async (tx) => {
    const { rows } = await tx.query<ReservedRow>(reservedSql('t."leaseRunId" = $1'), [runId]);
    for (const row of rows) await settle(tx, options, row, row.runAlive ? row.leaseUntilMs : null);
  });
}

/** Settles one creation whose run is over although its lease still holds. True where the name may have become free. */
export async function settleTable(options: SweepOptions, tableId: string): Promise<boolean> {
  return transaction(options.pool, async (tx) => {
    const { rows } = await tx.query<ReservedRow>(reservedSql('t.id = $1'), [tableId]);
    const row = rows[0];
    if (!row || row.runAlive) return false;
    // An import reserves a moment before its run is recorded: until the lease is over it counts as alive.
    const leaseOver = row.leaseUntilMs !== null && row.leaseUntilMs <= options.clock();
    if (!row.runEnded && !leaseOver) return false;
    await settle(tx, options, row, null);
    return true;
  });
}
