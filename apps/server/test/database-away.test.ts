import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Pool } from 'pg';
import { pino } from 'pino';
import { migrationsDirectory } from '../../../scripts/test/postgres.ts';
import { ensureDatabase, migrate } from '../../cli/start/migrate.ts';
import { type RunningPostgres, startPostgres } from '../../cli/start/postgres.ts';
import { type App, createApp } from '../app.ts';
import { until } from '../compute/test/stand-in.ts';
import { createPatience, persist, transaction } from '../db.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, createClient, testConfig } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'boathouse-away-'));
const start = (port?: number) =>
  startPostgres({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), password: 'test', durable: true, port });
let postgres: RunningPostgres;
let app: App;
let home: string;
let compute: TestCompute | undefined;
let script: Client;
before(async () => {
  postgres = await start();
  const url = await ensureDatabase(postgres.url, 'away');
  await migrate(url, migrationsDirectory);
  const config = await testConfig(url, { adminToken: 'a-token-of-an-administrator' });
  home = config.home;
  app = await createApp(config, pino({ level: process.env.BOATHOUSE_TEST_LOG ?? 'silent' }));
  const origin = `http://127.0.0.1:${app.port}`;
  script = createClient(origin, 'a-token-of-an-administrator');
  compute = await startCompute({ app, config, origin });
});
after(async () => {
  await app.close();
  await compute?.stop();
  await postgres.stop();
  for (const path of [folder, home]) rmSync(path, { recursive: true, force: true });
});

const begin = (id: string, text: string) => script.send('POST', '/api/2.0/boathouse/runs', { id, text });
const stateOf = async (id: string): Promise<string> =>
  (await script.get(`/api/2.0/boathouse/runs/${id}`)).body?.state ?? 'unknown';
const ended = (state: string) => ['succeeded', 'failed', 'lost', 'cancelled'].includes(state);

test('PostgreSQL killed under a line of inserts: each run that says it succeeded has its row once, and none hangs', async () => {
  const made = randomUUID();
  await begin(made, 'CREATE TABLE main.default.log AS SELECT -1 AS n');
  await until(async () => (await stateOf(made)) === 'succeeded', 8000);
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    const id = randomUUID();
    const answer = await begin(id, `INSERT INTO main.default.log VALUES (${n})`);
    if (answer.status === 200) ids[n] = id;
    if (n !== 5) continue;
    process.kill(postgres.pid, 'SIGKILL');
    // The supervisor starts it again, on the same port.
    await new Promise((resolve) => setTimeout(resolve, 300));
    postgres = await start(postgres.port);
  }
  const states = new Map<number, string>();
  await until(async () => {
    for (const [n, id] of ids.entries()) if (id) states.set(n, await stateOf(id));
    return [...states.values()].every(ended);
  }, 25_000);
  const check = randomUUID();
  await begin(check, 'SELECT n, count(*) AS copies FROM main.default.log GROUP BY n');
  await until(async () => (await stateOf(check)) === 'succeeded', 8000);
  const { decodeRows } = await import('@boathouse/engine/results');
  const response = await fetch(`http://127.0.0.1:${app.port}/api/2.0/boathouse/runs/${check}/result`, {
    headers: { authorization: 'Bearer a-token-of-an-administrator' },
  });
  const copies = new Map(decodeRows(new Uint8Array(await response.arrayBuffer())).rows.map(([n, count]) => [n, count]));
  for (const [n, state] of states) {
    if (state === 'succeeded') assert.equal(copies.get(n), '1', `row ${n} of a run that succeeded`);
    else assert.notEqual(copies.get(n), '2', `row ${n} of a run that is ${state}`);
  }
  assert.ok([...states.values()].filter((state) => state === 'succeeded').length >= 6, JSON.stringify([...states]));
});

test('a transaction whose connection is lost between two of its statements is done again, not told as a failure', async () => {
  const pool = new Pool({ connectionString: postgres.url });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const seen: number[] = [];
  await persist(() =>
    transaction(pool, async (tx) => {
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      seen.push(rows[0]!.pid);
      if (seen.length === 1) {
        const lost = new Promise((resolve) => tx.once('end', resolve));
        await pool.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
        await lost;
      }
      await tx.query('SELECT 1');
    }),
  );
  await pool.end();
  assert.equal(new Set(seen).size, 2, 'once on the lost connection, once on another');
});

test('a statement whose turn comes while PostgreSQL is away is planned when it is back', async () => {
  const id = randomUUID();
  const slow = 'SELECT count(*) FROM range(20000) a CROSS JOIN range(500) b WHERE a.id * b.id % 7 = 3';
  await begin(id, `${slow}; CREATE SCHEMA main.later; SELECT 2 AS two`);
  await until(async () => (await stateOf(id)) === 'running', 8000);
  process.kill(postgres.pid, 'SIGKILL');
  // The first statement has ended, so the second is being planned.
  await until(() => app.services.compute.status().computes[0]?.activeRuns === 0, 90_000);
  postgres = await start(postgres.port);
  await until(async () => ended(await stateOf(id)), 60_000);
  const { body } = await script.get(`/api/2.0/boathouse/runs/${id}`);
  assert.deepEqual([body.state, body.error, body.result.rowCount], ['succeeded', null, 1]);
});

test('who waits for a database that does not come back is told so, and a change that may have been made is not made again', async () => {
  const pool = new Pool({ connectionString: 'postgresql://boathouse@127.0.0.1:1/none' });
  await assert.rejects(
    createPatience(200)(() => pool.query('SELECT 1')),
    { code: 'DATABASE_UNAVAILABLE', status: 503 },
  );
  await pool.end();
  const live = new Pool({ connectionString: postgres.url });
  live.on('error', () => undefined);
  live.on('connect', (client) => client.on('error', () => undefined));
  let times = 0;
  const work = () =>
    transaction(live, async (tx) => {
      times++;
      // The connection is lost before the commit is answered.
      await tx.query(`SELECT pg_terminate_backend(pg_backend_pid())`).catch(() => undefined);
    });
  await assert.rejects(createPatience(5000)(work, { repeatable: false }), { code: 'COMMIT_UNKNOWN' });
  assert.equal(times, 1);
  await live.end();
});
