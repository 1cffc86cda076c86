import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { ObjectStore } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import pg from 'pg';
import { pino } from 'pino';
import { startPostgres } from '../../../../scripts/test/postgres.ts';
import { createResultSweeper } from '../sweeper.ts';

let database: Awaited<ReturnType<typeof startPostgres>>;
let pool: pg.Pool;
let home: string;
let store: ObjectStore;
before(async () => {
  database = await startPostgres();
  pool = new pg.Pool({ connectionString: database.url });
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  home = await mkdtemp(join(tmpdir(), 'boathouse-results-'));
  store = await createLocalStore(home);
});
after(async () => {
  await pool.end();
  await database.stop();
  await rm(home, { recursive: true, force: true });
});
beforeEach(() => pool.query('TRUNCATE result_object, run CASCADE'));

/** A stored result of some bytes that was used so many days ago. */
async function stored(name: string, days: number, bytes = 100): Promise<string> {
  const hash = createHash('sha256').update(name).digest('hex');
  const key = `results/${hash}.arrow`;
  await store.put(key, new Uint8Array(bytes));
  await pool.query(
    `INSERT INTO result_object (hash, key, "byteCount", "lastUsedAt") VALUES ($1, $2, $3, now() - $4 * interval '1 day')`,
    [hash, key, bytes, days],
  );
  return hash;
}
async function runOf(hash: string, kind: string): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `INSERT INTO run (id, "workspaceId", kind, state, "principalId", language, text, "codeHash", "resultHash") VALUES ($1, 'w', $2, 'succeeded', 'ada', 'sql', '', '', $3)`,
    [id, kind, hash],
  );
  return id;
}
const left = async (): Promise<string[]> =>
  (await pool.query('SELECT hash FROM result_object')).rows.map((row) => row.hash);
const sweeper = (quotaBytes: number) =>
  createResultSweeper({ pool, store, log: pino({ level: 'silent' }), quotaBytes, maxAgeDays: 30 });

test('a result that nobody used for thirty days goes, with its bytes', async () => {
  const [old, fresh] = [await stored('old', 31), await stored('fresh', 29)];
  const it = sweeper(1e9);
  assert.equal(await it.sweep(), 1);
  it.stop();
  assert.deepEqual(await left(), [fresh]);
  assert.equal(await store.head(`results/${old}.arrow`), null);
  assert.notEqual(await store.head(`results/${fresh}.arrow`), null);
});

test('over the quota the results that were used longest ago go first', async () => {
  for (const days of [5, 4, 3, 2, 1]) await stored(`day ${days}`, days);
  const it = sweeper(250);
  await it.sweep();
  it.stop();
  const hashOf = (name: string) => createHash('sha256').update(name).digest('hex');
  assert.deepEqual((await left()).sort(), [hashOf('day 1'), hashOf('day 2')].sort());
});

test('what a job gave and what a tile shows stay, however old and large', async () => {
  const ofJob = await stored('job', 400, 1000);
  await runOf(ofJob, 'task');
  const ofTile = await stored('tile', 400, 1000);
  const runId = await runOf(ofTile, 'tile');
  await pool.query(
    `INSERT INTO workspace_object (id, "workspaceId", path, kind, name, "ownerId") VALUES ('d', 'w', '/d', 'dashboard', 'd', 'ada')`,
  );
  await pool.query(`INSERT INTO dashboard (id) VALUES ('d')`);
  await pool.query(
    `INSERT INTO dashboard_tile (id, "dashboardId", title, query, catalog, schema, layout, "publisherId", "shownRunId") VALUES ('t', 'd', '', '', '', '', '{}', 'ada', $1)`,
    [runId],
  );
  const ofCell = await stored('cell', 400, 1000);
  await runOf(ofCell, 'cell');
  const it = sweeper(10);
  await it.sweep();
  it.stop();
  assert.deepEqual((await left()).sort(), [ofJob, ofTile].sort());
  assert.equal((await left()).includes(ofCell), false);
});

test('a result that was stored a moment ago stays: its run may still be on its way into the log', async () => {
  const hash = await stored('new', 0, 1000);
  const it = sweeper(10);
  assert.equal(await it.sweep(), 0);
  it.stop();
  assert.deepEqual(await left(), [hash]);
});
