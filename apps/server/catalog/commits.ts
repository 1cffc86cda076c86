import { type CommitAsk, systemError } from '@boathouse/contracts';
import type { Pool } from 'pg';
import type { Queryable } from './db.ts';

/**
 * The catalog's word on commits of catalog-managed tables (PROTOCOL.md "Catalog-managed tables"): which staged file is which
 * version. The primary key gives a version to one of those who want it. Of the published versions the last one stays, so
 * that no version is ever given out again.
 */
export async function answerCommits(pool: Pool, ask: CommitAsk): Promise<unknown> {
  const tableId = await tableOf(pool, ask.logKey);
  switch (ask.ask) {
    case 'ratify':
      return ratify(pool, tableId, ask.version, ask.path);
    case 'unpublished': {
      const { rows } = await pool.query<{ version: string; path: string }>(
        `SELECT version, path FROM delta_commit WHERE "tableId" = $1 AND version > $2 AND "publishedAt" IS NULL ORDER BY version`,
        [tableId, ask.afterVersion],
      );
      return rows.map(({ version, path }) => ({ version: Number(version), path }));
    }
    case 'published':
      await pool.query(
        `UPDATE delta_commit SET "publishedAt" = coalesce("publishedAt", now()) WHERE "tableId" = $1 AND version = $2`,
        [tableId, ask.version],
      );
      await pool.query(`DELETE FROM delta_commit WHERE "tableId" = $1 AND version < $2 AND "publishedAt" IS NOT NULL`, [
        tableId,
        ask.version,
      ]);
      return null;
  }
}

/** A version follows the last one that was given out; a table's first one follows what its log says. */
async function ratify(db: Queryable, tableId: string, version: number, path: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO delta_commit ("tableId", version, path)
     SELECT $1, $2::bigint, $3 WHERE coalesce((SELECT max(version) FROM delta_commit WHERE "tableId" = $1), $2::bigint - 1) = $2::bigint - 1
     ON CONFLICT DO NOTHING`,
    [tableId, version, path],
  );
  if (rowCount === 1) return true;
  // Asked again after a lost answer.
  const { rows } = await db.query<{ path: string }>(
    'SELECT path FROM delta_commit WHERE "tableId" = $1 AND version = $2',
    [tableId, version],
  );
  return rows[0]?.path === path;
}

async function tableOf(db: Queryable, logKey: string): Promise<string> {
  const location = logKey.replace(/\/_delta_log$/, '');
  const { rows } = await db.query<{ id: string }>('SELECT id FROM "table" WHERE location = $1', [location]);
  if (rows[0]) return rows[0].id;
  throw systemError(
    'COMMIT_TABLE_UNKNOWN',
    `The catalog has no table at "${location}": it was dropped, or its creation was given up. Nothing was committed.`,
    { status: 404 },
  );
}
