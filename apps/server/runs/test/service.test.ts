import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { PlanBody, type Principal, type Requirement, userError } from '@boathouse/contracts';
import { decodeRows } from '@boathouse/engine/results';
import { createLocalStore } from '@boathouse/storage';
import pg from 'pg';
import { pino } from 'pino';
import { startPostgres } from '../../../../scripts/test/postgres.ts';
import { createBus } from '../../bus.ts';
import { createComputeLink } from '../../compute/index.ts';
import { ComputeClient, socketServer, until } from '../../compute/test/stand-in.ts';
import { createRuns, type PlannedRun, type RunPage, type StartRun } from '../index.ts';

const log = pino({ level: process.env.BOATHOUSE_TEST_LOG ?? 'silent' });
const ada: Principal = { userId: 'ada', name: 'Ada', admin: false };
const bob: Principal = { userId: 'bob', name: 'Bob', admin: false };
const select: Requirement = { kind: 'table', id: 't1', fullName: 'main.default.t', privilege: 'SELECT' };

let database: Awaited<ReturnType<typeof startPostgres>>;
let pool: pg.Pool;
let home: string;
before(async () => {
  database = await startPostgres();
  pool = new pg.Pool({ connectionString: database.url });
  pool.on('connect', (client) => client.on('error', () => {}));
  pool.on('error', () => {});
  home = await mkdtemp(join(tmpdir(), 'boathouse-runs-'));
});
after(async () => {
  await pool.end();
  await database.stop();
  await rm(home, { recursive: true, force: true });
});

const target = { tableId: 't1', fullName: 'main.default.t', location: 't1', columns: [], partitionColumns: [] };

/** A server's runs with a real link; planning answers by the text, as its tests are elsewhere. */
async function startServer(serverId: string) {
  const planned: string[] = [];
  const runs = createRuns({
    base: { pool, log, clock: Date.now, bus: createBus(log), serverId, store: await createLocalStore(home) },
    leaseMs: 900,
    hooks: {
      async plan({ text }) {
        planned.push(text);
        if (text.includes('nope'))
          throw userError('TABLE_OR_VIEW_NOT_FOUND', 'There is no table nope.', {
            position: { line: 1, column: 1, start: 0, end: 4 },
          });
        const query = { engineText: [text], tables: [], columns: [], ordered: false };
        const body: PlannedRun['body'] = text.startsWith('SHOW')
          ? { kind: 'local', columns: [{ name: 'name', type: 'string', nullable: false }], rows: [['one'], [null]] }
          : text.startsWith('INSERT')
            ? PlanBody.parse({ kind: 'insert', target, mode: 'append', query })
            : { kind: 'query', query };
        return {
          signed: { payload: text, signature: '' },
          body,
          requires: text.includes('secret') ? [select] : [],
          reads: [],
        };
      },
      split: (text) =>
        [...text.matchAll(/[^;]+/g)].map((match) => ({
          text: match[0].trim(),
          start: match.index + match[0].search(/\S/),
        })),
      committed: async () => {},
      read: async () => {},
      authorise: async (principal) => {
        if (principal.userId !== 'ada')
          throw userError('PERMISSION_DENIED', 'You need SELECT on main.default.t. Ask Ada.', { status: 403 });
      },
      requireObject: async () => {},
      principalOf: async () => ada,
      session: async () => null,
    },
  });
  const link = createComputeLink({
    log,
    clock: Date.now,
    leaseMs: 900,
    graceMs: 100,
    waitMs: 1500,
    hooks: {
      schemaMoved: async () => {},
      sessionLost: async () => {},
      commits: async () => null,
      strayCommit: async () => {},
      adopt: runs.adopt,
      changed: () => {},
    },
  });
  runs.connect(link);
  const sockets = await socketServer(link.open);
  return {
    runs,
    link,
    planned,
    url: sockets.url,
    async stop() {
      await runs.stop();
      link.stop();
      await sockets.close();
    },
  };
}

let server: Awaited<ReturnType<typeof startServer>>;
let compute: ComputeClient;
beforeEach(async () => {
  server = await startServer(randomUUID());
  compute = await new ComputeClient(server.url, randomUUID()).connect();
  await until(() => server.link.status().computes.length === 1);
});
afterEach(async () => {
  compute.die();
  await server.stop();
});

const request = (text: string, more: Partial<StartRun> = {}): StartRun => ({
  id: randomUUID(),
  kind: 'cell',
  workspaceId: 'w',
  principal: ada,
  session: { id: 's1', catalog: 'main', schema: 'default', timeZone: 'UTC', settings: {}, tempViews: {} },
  language: 'sql',
  text,
  ...more,
});
/** Does every order at once. */
const obey = (client: ComputeClient) => {
  client.onOrder = (order) => {
    client.started(order.runId);
    client.outcome(order.runId);
  };
};
const seqsOf = async (id: string) =>
  (await pool.query('SELECT seq, event->>\'type\' AS type FROM run_event WHERE "runId" = $1 ORDER BY seq', [id])).rows;

test('a repeated request starts nothing twice, and the id of a run is not given to other code', async () => {
  obey(compute);
  const first = request('SELECT 1');
  const answers = await Promise.all([
    server.runs.start(first),
    server.runs.start({ ...first }),
    server.runs.start({ ...first }),
  ]);
  assert.equal(new Set(answers.map((it) => it.id)).size, 1);
  assert.equal((await server.runs.waitFor(first.id, 2000)).state, 'succeeded');
  await server.runs.start({ ...first });
  assert.equal(compute.orders.length, 1);
  await assert.rejects(server.runs.start({ ...first, text: 'SELECT 2' }), { code: 'RUN_ID_TAKEN' });
  await assert.rejects(server.runs.start({ ...first, principal: bob }), { code: 'RUN_ID_TAKEN' });
});

test('the log of a run has no gaps and ends with its end', async () => {
  compute.onOrder = (order) => {
    compute.started(order.runId);
    for (let line = 0; line < 50; line++)
      compute.event(order.runId, { type: 'stream', name: 'stdout', text: `${line}\n` });
    compute.outcome(order.runId);
  };
  const { id } = await server.runs.start(request('SELECT 1'));
  const run = await server.runs.waitFor(id, 2000);
  const rows = await seqsOf(id);
  assert.deepEqual(
    rows.map((row) => row.seq),
    rows.map((_row, index) => index + 1),
  );
  assert.deepEqual([rows[0].type, rows.at(-1).type, rows.length], ['queued', 'finished', 53]);
  assert.equal(run.lastSeq, 53);
  await until(() => compute.received.some((message) => message.type === 'ack' && message.seq === 51));
});

test('the statements of a cell run in order, each planned when the one before has ended', async () => {
  compute.onOrder = (order) => {
    assert.equal(server.planned.length, compute.orders.length);
    compute.outcome(order.runId);
  };
  const { id } = await server.runs.start(request('INSERT a; INSERT b; INSERT c'));
  assert.equal((await server.runs.waitFor(id, 2000)).state, 'succeeded');
  assert.deepEqual(server.planned, ['INSERT a', 'INSERT b', 'INSERT c']);
});

test('runs of one session wait for each other, runs of two sessions do not', async () => {
  const first = await server.runs.start(request('SELECT 1'));
  const second = await server.runs.start(request('SELECT 2'));
  const other = await server.runs.start(request('SELECT 3', { session: { ...request('').session, id: 's2' } }));
  await until(() => compute.orders.length === 2);
  assert.deepEqual(compute.orders.map((it) => it.runId).sort(), [first.id, other.id].sort());
  compute.outcome(first.id);
  await until(() => compute.orders.length === 3);
  assert.equal(compute.orders[2]!.runId, second.id);
});

test('runs of one session start in the order of their requests, and a later one is not planned before its turn', async () => {
  obey(compute);
  const texts = ['USE a', 'SELECT 1', 'INSERT b', 'SELECT 2', 'SELECT 3'];
  const started = await Promise.all(texts.map((text) => server.runs.start(request(text))));
  await Promise.all(started.map(({ id }) => server.runs.waitFor(id, 3000)));
  assert.deepEqual(server.planned, texts);
  assert.deepEqual(
    compute.orders.map((it) => it.runId),
    started.map(({ id }) => id),
  );
});

test('a cell that prints without end fills neither database nor browser', async () => {
  compute.onOrder = (order) => {
    compute.started(order.runId);
    for (let index = 0; index < 20; index++)
      compute.event(order.runId, { type: 'stream', name: 'stdout', text: 'x'.repeat(1024 * 1024) });
    compute.outcome(order.runId);
  };
  const { id } = await server.runs.start(request('SELECT 1'));
  const run = await server.runs.waitFor(id, 5000);
  const { events } = await server.runs.events(ada, run, 0, 100);
  const text = events.flatMap(({ event }) => (event.type === 'stream' ? [event.text] : []));
  assert.ok(text.join('').length < 9 * 1024 * 1024);
  assert.match(text.at(-1)!, /the rest is left out/);
});

test('a statement that cannot be planned fails with its position and reaches no compute process', async () => {
  const { id } = await server.runs.start(request('SELECT 1;\nSELECT nope'));
  await until(() => compute.orders.length === 1);
  compute.outcome(id);
  const run = await server.runs.waitFor(id, 2000);
  assert.equal(run.state, 'failed');
  assert.equal(run.error?.code, 'TABLE_OR_VIEW_NOT_FOUND');
  assert.equal(run.error?.position?.line, 2);
  assert.equal(compute.orders.length, 1);
});

test('what the planner answers itself needs no compute process', async () => {
  compute.die();
  const pages: RunPage[] = [];
  server.runs.onPage((_run, page) => pages.push(page));
  const { id } = await server.runs.start(request('SHOW TABLES'));
  const run = await server.runs.waitFor(id, 2000);
  assert.equal(run.state, 'succeeded');
  assert.equal(run.result?.rowCount, 2);
  assert.deepEqual(decodeRows(pages[0]!.bytes).rows, [['one'], [null]]);
});

test('a compute process that dies loses its run, and the next query runs on the next process', async () => {
  const { id } = await server.runs.start(request('SELECT slow'));
  await until(() => compute.orders.length === 1);
  compute.started(id);
  await until(async () => (await seqsOf(id)).length === 2);
  const diedAt = Date.now();
  compute.die();
  const next = server.runs.start(request('SELECT 2'));
  const lost = await server.runs.waitFor(id, 3000);
  assert.equal(lost.state, 'lost');
  assert.match(lost.error!.message, /nothing it had committed is lost\. Run it again/);
  const replacement = await new ComputeClient(server.url, randomUUID()).connect();
  obey(replacement);
  assert.equal((await server.runs.waitFor((await next).id, 3000)).state, 'succeeded');
  assert.ok(Date.now() - diedAt < 3000);
  replacement.die();
});

test('an order that reached a dying process and did not begin there runs on the next process, once', async () => {
  const read = await server.runs.start(request('SELECT 1'));
  const write = await server.runs.start(request('INSERT 1', { session: { ...request('').session, id: 's2' } }));
  const cell = await server.runs.start(
    request('f()', { language: 'typescript', session: { ...request('').session, id: 's3' } }),
  );
  await until(() => compute.orders.length === 3);
  assert.deepEqual(
    compute.received.flatMap((it) => (it.type === 'order' ? [[it.order.runId, it.hold]] : [])),
    [
      [read.id, false],
      [write.id, true],
      [cell.id, true],
    ],
    'what may change something begins only at the word of the server',
  );
  compute.die();
  const replacement = await new ComputeClient(server.url, randomUUID()).connect();
  replacement.onOrder = (order) => replacement.accepted(order.runId);
  replacement.onMessage = (message) => {
    if (message.type !== 'go') return;
    if (message.runId === cell.id) replacement.event(cell.id, { type: 'finished', state: 'succeeded' });
    else replacement.outcome(message.runId);
  };
  for (const { id } of [read, write, cell]) {
    const run = await server.runs.waitFor(id, 5000);
    assert.deepEqual([run.state, run.computeId], ['succeeded', replacement.id]);
  }
  assert.equal(replacement.orders.length, 3);
  replacement.die();
});

test('a write that was told to begin, and a cell that counted on the variables of a dead process, are lost and not begun elsewhere', async () => {
  const session = { ...request('').session, id: 's3' };
  const first = await server.runs.start(request('const x = 1', { language: 'typescript', session }));
  await until(() => compute.orders.length === 1);
  compute.accepted(first.id);
  compute.event(first.id, { type: 'finished', state: 'succeeded' });
  await server.runs.waitFor(first.id, 2000);
  const cell = await server.runs.start(request('f(x)', { language: 'typescript', session }));
  const write = await server.runs.start(request('INSERT 1'));
  await until(() => compute.orders.length === 3);
  compute.accepted(write.id);
  await until(() => compute.received.some((it) => it.type === 'go' && it.runId === write.id));
  compute.die();
  const replacement = await new ComputeClient(server.url, randomUUID()).connect();
  for (const { id } of [cell, write]) assert.equal((await server.runs.waitFor(id, 5000)).state, 'lost');
  assert.equal(replacement.orders.length, 0);
  replacement.die();
});

test('an order that is on its way to the next process is not begun where it was before, nor anywhere once it is stopped', async () => {
  const { id } = await server.runs.start(request('INSERT 1'));
  await until(() => compute.orders.length === 1);
  compute.hang();
  await until(() => server.link.status().waitingRuns === 1);
  const back = await new ComputeClient(server.url, compute.id).connect();
  await until(() => server.link.status().computes.length === 1);
  back.accepted(id);
  await until(() => back.received.some((it) => it.type === 'cancel' && it.runId === id));
  assert.equal(
    back.received.some((it) => it.type === 'go' || it.type === 'order'),
    false,
  );
  await server.runs.cancel(id);
  assert.equal((await server.runs.waitFor(id, 2000)).state, 'cancelled');
  const replacement = await new ComputeClient(server.url, randomUUID()).connect();
  await until(() => server.link.status().computes.length === 2);
  assert.deepEqual([replacement.orders.length, server.link.status().waitingRuns], [0, 0]);
  for (const client of [back, replacement]) client.die();
});

test('a compute process that hangs, and an order that it forgot, are lost after their lease', async () => {
  const forgotten = await server.runs.start(request('SELECT 1'));
  await until(() => compute.orders.length === 1);
  compute.forget(forgotten.id);
  assert.equal((await server.runs.waitFor(forgotten.id, 3000)).state, 'lost');
  const hung = await server.runs.start(request('SELECT 2'));
  await until(() => compute.orders.length === 2);
  compute.started(hung.id);
  await until(async () => (await seqsOf(hung.id)).length === 2);
  compute.hang();
  assert.equal((await server.runs.waitFor(hung.id, 3000)).state, 'lost');
  assert.deepEqual(server.link.status().computes, []);
});

test('without any compute process a query says so after a while', async () => {
  compute.die();
  await until(() => server.link.status().computes.length === 0);
  const { id } = await server.runs.start(request('SELECT 1'));
  const run = await server.runs.waitFor(id, 3000);
  assert.deepEqual([run.state, run.error?.code], ['failed', 'COMPUTE_UNAVAILABLE']);
});

test('a run is stopped where it is: waiting for its session, or at compute', async () => {
  const atCompute = await server.runs.start(request('SELECT 1'));
  const waiting = await server.runs.start(request('SELECT 2'));
  await until(() => compute.orders.length === 1);
  await server.runs.cancel(waiting.id);
  assert.equal((await server.runs.waitFor(waiting.id, 1000)).state, 'cancelled');
  compute.onMessage = (message) => {
    if (message.type === 'cancel') compute.event(message.runId, { type: 'finished', state: 'cancelled' });
  };
  await server.runs.cancel(atCompute.id);
  assert.equal((await server.runs.waitFor(atCompute.id, 1000)).state, 'cancelled');
  await server.runs.cancel(atCompute.id);
  assert.equal(compute.orders.length, 1);
});

test('an output is withheld from who may not read what it was made of, saying whom to ask', async () => {
  compute.onOrder = (order) => {
    compute.started(order.runId);
    compute.event(order.runId, { type: 'stream', name: 'stdout', text: 'secret row' });
    compute.event(order.runId, {
      type: 'finished',
      state: 'failed',
      error: { code: 'CAST', message: "'secret row' is not a number", fault: 'user', status: 400 },
    });
  };
  const { id } = await server.runs.start(request('SELECT secret'));
  const run = await server.runs.waitFor(id, 2000);
  const [own, other] = await Promise.all([server.runs.events(ada, run, 0, 100), server.runs.events(bob, run, 0, 100)]);
  assert.ok(JSON.stringify(own).includes('secret row'));
  assert.equal(JSON.stringify([other, await server.runs.summary(bob, run)]).includes('secret row'), false);
  assert.match(other.withheld!.message, /Ask Ada/);
});

test('a run of a server that died goes on at the next one where compute still has it, else it is lost', async () => {
  const kept = await server.runs.start(request('SELECT 1'));
  const gone = await server.runs.start(request('SELECT 2', { session: { ...request('').session, id: 's2' } }));
  await until(() => compute.orders.length === 2);
  compute.started(kept.id);
  compute.started(gone.id);
  await until(async () => (await seqsOf(kept.id)).length === 2 && (await seqsOf(gone.id)).length === 2);
  // The server dies: nothing is written any more.
  compute.die();
  server.link.stop();
  await pool.query('UPDATE run SET "leaseUntil" = now() + interval \'900 ms\'');
  const next = await startServer('next');
  const back = new ComputeClient(next.url, compute.id);
  await back.connect();
  back.event(kept.id, { type: 'started', computeId: compute.id, engine: 'duckdb' });
  back.event(kept.id, { type: 'stream', name: 'stdout', text: 'after the restart' });
  back.outcome(kept.id);
  assert.equal((await next.runs.waitFor(kept.id, 2000)).state, 'succeeded');
  const rows = await seqsOf(kept.id);
  assert.deepEqual(
    rows.map((row) => row.type),
    ['queued', 'started', 'stream', 'finished'],
  );
  back.die();
  await next.stop();
});
