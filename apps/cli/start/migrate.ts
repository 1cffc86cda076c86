import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemError, userError } from '@boathouse/contracts';
import pg from 'pg';

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

/**
 * Applies `prisma/migrations/<name>/migration.sql` forward only, each in one transaction, with Prisma's own bookkeeping and
 * lock, so that `prisma migrate status` agrees. A database with migrations that we don't know was made by a newer version
 * and is refused with nothing changed. Returns the number applied.
 */
export async function migrate(url: string, directory: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(72707369)'); // the lock that Prisma Migrate takes
    await client.query(`create table if not exists _prisma_migrations (
      id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz, migration_name varchar(255) not null,
      logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
    const rows = await client.query<AppliedMigration>(
      'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
    );
    const applied = new Map(rows.rows.map((row) => [row.migration_name, row]));
    const names = readdirSync(directory)
      .filter((name) => existsSync(join(directory, name, 'migration.sql')))
      .sort();
    const unknown = [...applied.keys()].filter((name) => !names.includes(name)).sort();
    if (unknown.length) {
      throw userError(
        'DATABASE_NEWER',
        `This database was made by a newer version of Boathouse (it has the migration ${unknown.at(-1)}). Start that version; nothing was changed.`,
      );
    }
    let count = 0;
    for (const name of names) {
      const sql = readFileSync(join(directory, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const row = applied.get(name);
      if (row) {
        if (row.checksum !== checksum) {
          throw systemError(
            'MIGRATION_CHANGED',
            `The migration ${name} differs from the one that made this database: the checkout was modified. Restore prisma/migrations.`,
          );
        }
        continue;
      }
      await client.query('begin');
      try {
        await client.query(sql);
        await client.query(
          'insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) values ($1, $2, now(), $3, 1)',
          [randomUUID(), checksum, name],
        );
        await client.query('commit');
        count++;
      } catch (error) {
        await client.query('rollback');
        throw systemError(
          'MIGRATION_FAILED',
          `The migration ${name} failed and was undone: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    return count;
  } finally {
    await client.end();
  }
}

/** Creates the database `name` beside the one of `adminUrl` where it is missing; returns its URL. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<string> {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database "${name.replaceAll('"', '""')}"`);
  } finally {
    await client.end();
  }
  return url.toString();
}
