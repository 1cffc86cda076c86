import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ComputeToServer, PlanBody, RunEvent } from '@boathouse/contracts';
import { decodeRows } from '@boathouse/engine';
import { type LinkServer, type Received, signed, spawnCompute, startCompute } from './harness.ts';

type Message<T extends ComputeToServer['type']> = Extract<ComputeToServer, { type: T }>;
type Finished = Extract<RunEvent, { type: 'finished' }>;

const select = (sql: string, type = 'int'): PlanBody => ({
  kind: 'query',
  query: { engineText: [sql], tables: [], columns: [{ name: 'v', type, nullable: true }], ordered: false },
});
const SLOW = 'SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3';

function order(
  server: LinkServer,
  body: PlanBody,
  options: {
    sessionId?: string;
    runId?: string;
    plan?: ReturnType<typeof signed>;
    pageRows?: number;
    hold?: boolean;
  } = {},
): string {
  const runId = options.runId ?? randomUUID();
  server.send({
    type: 'order',
    hold: options.hold,
    order: {
      kind: 'statement',
      runId,
      sessionId: options.sessionId ?? 's1',
      plan: options.plan ?? signed(body, runId),
      pageRows: options.pageRows ?? 100,
    },
  });
  return runId;
}

const ofRun =
  (type: Received['type'], runId: string) =>
  (message: Received): boolean =>
    message.type === type && 'runId' in message && message.runId === runId;
const isFinished = (runId: string) => (message: Received) =>
  message.type === 'event' && message.runId === runId && message.event.type === 'finished';
const finished = async (server: LinkServer, runId: string): Promise<Finished> =>
  (await server.wait<Message<'event'>>(isFinished(runId))).event as Finished;

test('a signed statement runs: the first page, then the outcome with the stored result, then the end', async (t) => {
  const { server, home } = await startCompute(t);
  const register = await server.wait<Message<'register'>>((message) => message.type === 'register');
  assert.match(register.engine, /^duckdb \d+\.\d+/);
  const runId = order(server, select('SELECT 42'));
  const page = await server.wait<Extract<Received, { type: 'page' }>>(ofRun('page', runId));
  assert.deepEqual([page.rows, page.more, decodeRows(page.bytes).rows], [1, false, [[42]]]);
  const { outcome } = await server.wait<Message<'outcome'>>(ofRun('outcome', runId));
  assert.equal(outcome.result!.rowCount, 1);
  assert.deepEqual(decodeRows(await readFile(join(home, 'storage', outcome.result!.key))).rows, [[42]]);
  const end = await finished(server, runId);
  assert.equal(end.state, 'succeeded');
  const types = server.received
    .filter((message) => 'runId' in message && message.runId === runId)
    .map((message) => message.type);
  assert.deepEqual(types, ['accepted', 'page', 'outcome', 'event']);
});

test('a plan that is forged, expired or of another run is refused and nothing runs', async (t) => {
  const { server } = await startCompute(t);
  const other = generateKeyPairSync('ed25519').privateKey;
  const cases: [string, (runId: string) => ReturnType<typeof signed>][] = [
    ['PLAN_NOT_SIGNED', (runId) => signed(select('SELECT 1'), runId, { key: other })],
    [
      'PLAN_NOT_SIGNED',
      (runId) => ({ ...signed(select('SELECT 1'), runId), payload: JSON.stringify(select('SELECT 2')) }),
    ],
    ['PLAN_EXPIRED', (runId) => signed(select('SELECT 1'), runId, { expiresAtMs: Date.now() - 1 })],
    ['PLAN_OF_ANOTHER_RUN', () => signed(select('SELECT 1'), randomUUID())],
  ];
  for (const [code, plan] of cases) {
    const runId = randomUUID();
    order(server, select('SELECT 1'), { runId, plan: plan(runId) });
    const end = await finished(server, runId);
    assert.deepEqual([end.state, end.error?.code], ['failed', code]);
  }
  assert.equal(
    server.received.some((message) => message.type === 'outcome'),
    false,
  );
});

test('statements of one session wait for each other, other sessions do not, and a cancel ends one within a second', async (t) => {
  const { server } = await startCompute(t);
  const slow = order(server, select(SLOW, 'bigint'), { sessionId: 'a' });
  const behind = order(server, select('SELECT 1'), { sessionId: 'a' });
  const beside = order(server, select('SELECT 2'), { sessionId: 'b' });
  assert.equal((await finished(server, beside)).state, 'succeeded');
  assert.equal(server.received.some(isFinished(behind)), false);
  const beat = await server.wait<Message<'heartbeat'>>(
    (message) => message.type === 'heartbeat' && message.runs.length > 0,
  );
  assert.deepEqual(beat.runs.toSorted(), [slow, behind].toSorted());
  const asked = performance.now();
  server.send({ type: 'cancel', runId: slow });
  assert.equal((await finished(server, slow)).state, 'cancelled');
  assert.ok(performance.now() - asked < 1000);
  assert.equal((await finished(server, behind)).state, 'succeeded');
});

test('a held order begins at the word of the server, for which it asks again after a break, or ends by a cancel', async (t) => {
  const { server } = await startCompute(t);
  const held = order(server, select('SELECT 1'), { hold: true });
  const stopped = order(server, select('SELECT 2'), { hold: true, sessionId: 's2' });
  await server.wait(ofRun('accepted', held));
  await server.wait(ofRun('accepted', stopped));
  server.received.length = 0;
  server.drop();
  await server.wait(ofRun('accepted', held));
  assert.equal((await finished(server, order(server, select('SELECT 3'), { sessionId: 's3' }))).state, 'succeeded');
  assert.equal(server.received.some(ofRun('outcome', held)), false);
  server.send({ type: 'go', runId: held });
  assert.equal((await finished(server, held)).state, 'succeeded');
  server.send({ type: 'cancel', runId: stopped });
  assert.equal((await finished(server, stopped)).state, 'cancelled');
});

test('what the server has not acknowledged is sent again after a break of the link, and work goes on meanwhile', async (t) => {
  const { server } = await startCompute(t);
  server.acknowledging = false;
  const runId = order(server, select('SELECT 5'));
  await finished(server, runId);
  server.received.length = 0;
  server.drop();
  const outcome = await server.wait<Message<'outcome'>>(ofRun('outcome', runId));
  assert.equal(outcome.outcome.result?.rowCount, 1);
  const again = await server.wait<Message<'event'>>(isFinished(runId));
  assert.equal(again.seq, 1);
  server.send({ type: 'ack', runId, seq: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  server.received.length = 0;
  server.drop();
  await server.wait((message) => message.type === 'heartbeat');
  assert.equal(server.received.some(ofRun('outcome', runId)), false);
});

test('an order that this compute has no handler for is answered by a typed error', async (t) => {
  const { server } = await startCompute(t);
  const runId = randomUUID();
  const plan = signed(select('SELECT 1'), runId);
  server.send({ type: 'order', order: { kind: 'pipeline', runId, sessionId: 's', order: { plan } } });
  const end = await finished(server, runId);
  assert.equal(end.state, 'failed');
  assert.ok(end.error);
});

test('a schema that moved is reported and the statement is planned anew', async (t) => {
  const { server } = await startCompute(t);
  const target = {
    tableId: 't1',
    fullName: 'main.test.t',
    location: 'tables/t1',
    columns: [{ name: 'a', type: 'int', nullable: true }],
    partitionColumns: [],
  };
  const made = order(server, { kind: 'createTable', target, tableKind: 'MANAGED', mode: 'create', properties: {} });
  assert.equal((await server.wait<Message<'committed'>>(ofRun('committed', made))).write.version, 0);
  const reading = (columns: typeof target.columns, sql: string): PlanBody => ({
    kind: 'query',
    query: {
      engineText: [sql, { table: 0 }, ' AS t'],
      tables: [{ source: 'delta', ...target, columns, needed: columns.map((c) => c.name), predicates: [] }],
      columns: [{ name: 'n', type: 'bigint', nullable: true }],
      ordered: false,
    },
  });
  server.onPlan = (_text, runId) => signed(reading(target.columns, 'SELECT count(*) FROM '), runId);
  const stale = [{ name: 'old', type: 'int', nullable: true }];
  const runId = order(server, reading(stale, 'SELECT count(old) FROM '));
  assert.equal((await finished(server, runId)).state, 'succeeded');
  const moved = await server.wait<Message<'schemaMoved'>>((message) => message.type === 'schemaMoved');
  assert.deepEqual([moved.tableId, moved.version, moved.columns.map((c) => c.name)], ['t1', 0, ['a']]);
});

test('a question about a table and its removal are answered', async (t) => {
  const { server, home } = await startCompute(t);
  const target = {
    tableId: 't2',
    fullName: 'main.test.t2',
    location: 'tables/t2',
    columns: [{ name: 'a', type: 'int', nullable: true }],
    partitionColumns: [],
  };
  const made = order(server, {
    kind: 'createTable',
    target,
    tableKind: 'MANAGED',
    mode: 'create',
    properties: {},
    query: { engineText: ['SELECT 1'], tables: [], columns: target.columns, ordered: false },
  });
  await finished(server, made);
  const ask = async (id: number, question: Parameters<LinkServer['send']>[0] & { type: 'question' }) => {
    server.send(question);
    return (await server.wait<Message<'answer'>>((message) => message.type === 'answer' && message.id === id)).answer;
  };
  const detail = await ask(1, {
    type: 'question',
    id: 1,
    question: { ask: 'tableDetail', tableId: 't2', location: 'tables/t2' },
  });
  assert.ok(detail.ok);
  assert.deepEqual((detail.value as { rowCount: number; fileCount: number }).rowCount, 1);
  assert.ok(
    (await ask(2, { type: 'question', id: 2, question: { ask: 'deleteTable', tableId: 't2', location: 'tables/t2' } }))
      .ok,
  );
  const left = await readdir(join(home, 'storage', 'tables')).catch(() => []);
  assert.deepEqual(left, []);
  const gone = await ask(3, {
    type: 'question',
    id: 3,
    question: { ask: 'tableDetail', tableId: 't2', location: 'tables/t2' },
  });
  assert.ok(!gone.ok);
  assert.equal(gone.error.code, 'DELTA_TABLE_NOT_FOUND');
});

test('compute ends within 2 s of losing its supervisor, and cleanly on SIGTERM', async (t) => {
  const lost = await startCompute(t);
  const began = performance.now();
  lost.child.disconnect();
  assert.equal(await lost.exited, 0);
  assert.ok(performance.now() - began < 2000);
  const asked = await startCompute(t);
  const running = order(asked.server, select(SLOW, 'bigint'));
  await asked.server.wait((message) => message.type === 'heartbeat' && message.runs.includes(running));
  asked.child.kill('SIGTERM');
  assert.equal(await asked.exited, 0);
  assert.equal((await finished(asked.server, running)).state, 'lost');
  assert.deepEqual(await readdir(join(asked.home, 'tmp')), []);
});

test('an uploaded file is previewed, becomes a table in one commit, and a broken one says where', async (t) => {
  const { server, home } = await startCompute(t);
  await mkdir(join(home, 'storage', 'uploads', 'u1'), { recursive: true });
  const put = (name: string, text: string) => writeFile(join(home, 'storage', 'uploads', 'u1', name), text);
  await put('good.csv', 'id,name\n1,ann\n2,bob\n');
  await put('bad.csv', 'id,name\n1,ann\n2\n');
  server.send({
    type: 'question',
    id: 7,
    question: { ask: 'previewFiles', request: { location: 'uploads/u1/good.csv', options: {} }, rows: 1 },
  });
  const { answer } = await server.wait<Message<'answer'>>((message) => message.type === 'answer' && message.id === 7);
  assert.ok(answer.ok);
  const preview = answer.value as {
    columns: { name: string; type: string }[];
    rows: unknown[][];
    options: Record<string, string>;
  };
  assert.deepEqual([preview.columns.map((c) => c.type), preview.rows], [['bigint', 'string'], [['1', 'ann']]]);

  const load = (fileName: string) => {
    const runId = randomUUID();
    const columns = [
      { name: 'key', type: 'int', nullable: true },
      { name: 'name', type: 'string', nullable: true },
    ];
    const target = {
      tableId: fileName,
      fullName: 'main.test.t',
      location: `tables/${fileName}`,
      columns,
      partitionColumns: [],
    };
    const plan = signed({ kind: 'createTable', target, tableKind: 'MANAGED', mode: 'create', properties: {} }, runId);
    server.send({
      type: 'order',
      order: {
        kind: 'import',
        runId,
        sessionId: 's',
        plan,
        source: { location: `uploads/u1/${fileName}`, fileName, format: 'csv', options: preview.options },
        columns: [
          { from: 'id', name: 'key', type: 'int' },
          { from: 'name', name: 'name', type: 'string' },
        ],
      },
    });
    return runId;
  };
  const good = load('good.csv');
  assert.equal((await finished(server, good)).state, 'succeeded');
  const { write } = await server.wait<Message<'committed'>>(ofRun('committed', good));
  assert.deepEqual([write.version, write.rows, write.columns.map((c) => c.name)], [0, 2, ['key', 'name']]);
  const end = await finished(server, load('bad.csv'));
  assert.deepEqual([end.state, end.error?.code], ['failed', 'FILE_RAGGED_ROW']);
  assert.match(end.error!.message, /line 3 of the file bad\.csv/);
  await assert.rejects(readdir(join(home, 'storage', 'tables', 'bad.csv', '_delta_log')));
});

test('a compute process that was killed leaves nothing that the next one does not sweep', async (t) => {
  const first = await startCompute(t);
  first.child.kill('SIGKILL');
  await first.exited;
  assert.deepEqual(await readdir(join(first.home, 'tmp')), [`compute-${first.child.pid}`]);
  const next = spawnCompute(first.home, first.port);
  t.after(() => next.kill('SIGKILL'));
  await first.server.wait((message) => message.type === 'register' && message.pid === next.pid);
  assert.deepEqual(await readdir(join(first.home, 'tmp')), [`compute-${next.pid}`]);
});
