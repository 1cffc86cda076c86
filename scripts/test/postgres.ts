import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ensureDatabase, migrate } from '../../apps/cli/start/migrate.ts';
import { startPostgres as startCluster } from '../../apps/cli/start/postgres.ts';

export const migrationsDirectory = new URL('../../prisma/migrations', import.meta.url).pathname;

/**
 * A fresh, migrated database for one test file. Uses the cluster of the test run (BOATHOUSE_TEST_POSTGRES) where there is
 * one, else starts its own. `stop` drops the database, or ends the cluster.
 */
export async function startPostgres(): Promise<{ url: string; stop: () => Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const shared = process.env.BOATHOUSE_TEST_POSTGRES;
  if (shared) {
    const url = await ensureDatabase(shared, name);
    await migrate(url, migrationsDirectory);
    return {
      url,
      stop: async () => {
        const client = new pg.Client({ connectionString: shared });
        await client.connect();
        await client.query(`drop database if exists "${name}" with (force)`);
        await client.end();
      },
    };
  }
  const cluster = await startTestCluster();
  const url = await ensureDatabase(cluster.url, name);
  await migrate(url, migrationsDirectory);
  return { url, stop: cluster.stop };
}

/** A cluster of its own in a temporary folder, without fsync. */
export async function startTestCluster(): Promise<{ url: string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-pg-'));
  const cluster = await startCluster({
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'log'),
    password: 'test',
    durable: false,
  });
  return {
    url: cluster.url,
    stop: async () => {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
