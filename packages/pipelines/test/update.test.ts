import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type Column,
  EVENT_LOG_COLUMNS,
  type FlowPlan,
  type FlowProgress,
  foldFlows,
  type PipelineEvent,
  PipelinePlan,
  type TableWrite,
} from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { openDuckDb } from '@boathouse/engine';
import { createLocalStore } from '@boathouse/storage';
import type { StreamPoint } from '@boathouse/streaming';
import { runUpdate, type UpdateOptions } from '../index.ts';

const column = (name: string, type: string): Column => ({ name, type, nullable: true });
const columns = [column('id', 'bigint'), column('v', 'bigint')];

/** A streaming table over CSV files of `landing/`. */
function streaming(expectations: FlowPlan['expectations'] = [], more: Partial<FlowPlan> = {}): FlowPlan {
  return {
    name: 'main.s.raw',
    dataset: 'main.s.raw',
    kind: 'streaming',
    inputs: ['/Volumes/main/s/v'],
    expectations,
    target: { tableId: 'raw', fullName: 'main.s.raw', location: 'tables/raw', columns, partitionColumns: [] },
    create: true,
    properties: {},
    refresh: 'refresh',
    query: {
      engineText: ['SELECT t.id AS c0, t.v AS c1 FROM ', { table: 0 }, ' AS t'],
      tables: [
        {
          source: 'files',
          location: 'landing/',
          path: '/Volumes/main/s/v/',
          format: 'csv',
          options: { header: 'true' },
          columns,
          needed: ['id', 'v'],
          stream: true,
        },
      ],
      columns,
      ordered: false,
    },
    ...more,
  };
}

/** A materialized view over the streaming table. */
const total: FlowPlan = {
  name: 'main.s.total',
  dataset: 'main.s.total',
  kind: 'materialized',
  inputs: ['main.s.raw'],
  expectations: [],
  target: {
    tableId: 'total',
    fullName: 'main.s.total',
    location: 'tables/total',
    columns: [column('n', 'bigint')],
    partitionColumns: [],
  },
  create: true,
  properties: {},
  refresh: 'refresh',
  query: {
    engineText: ['SELECT count(*) AS n FROM ', { table: 0 }],
    tables: [
      {
        source: 'delta',
        tableId: 'raw',
        fullName: 'main.s.raw',
        location: 'tables/raw',
        columns,
        needed: [],
        predicates: [],
      },
    ],
    columns: [column('n', 'bigint')],
    ordered: false,
  },
};

const expectation = (name: string, engineText: string, action: 'warn' | 'drop' | 'fail') => ({
  name,
  expression: engineText,
  action,
  engineText,
});

async function openRoom(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'boathouse-pipelines-'));
  const store = await createLocalStore(join(root, 'storage'));
  const engine = await openDuckDb({
    memoryLimitBytes: 512 * 1024 ** 2,
    threads: 2,
    tempDirectory: join(root, 'tmp'),
    allowedDirectories: [join(root, 'storage')],
  });
  const delta = createDelta({ store, engine });
  t.after(async () => {
    await delta.idle();
    await engine.close();
    await rm(root, { recursive: true, force: true });
  });

  async function update(flows: FlowPlan[], more: Partial<Pick<UpdateOptions, 'at' | 'signal'>> = {}) {
    const plan = PipelinePlan.parse({
      pipelineId: 'p',
      pipelineName: 'Pipeline',
      updateId: randomUUID(),
      expiresAtMs: 0,
      fullRefresh: flows.some((flow) => flow.refresh === 'full'),
      cause: 'USER_ACTION',
      runAs: 'ada@example.com',
      checkpointLocation: 'checkpoints/w/p',
      eventLog: {
        tableId: 'log',
        fullName: 'main.s.event_log_p',
        location: 'tables/log',
        columns: EVENT_LOG_COLUMNS,
        partitionColumns: [],
      },
      eventLogCreate: true,
      flows,
    });
    const events: PipelineEvent[] = [];
    const writes: TableWrite[] = [];
    const end = await runUpdate({
      engine,
      delta,
      store,
      clock: Date.now,
      ids: randomUUID,
      plan,
      onEvent: (event) => events.push(event),
      onCommit: (write) => writes.push(write),
      onRead: () => {},
      ...more,
    });
    const progress = events.reduce<FlowProgress[]>((flows_, event) => foldFlows(flows_, event), []);
    return { ...end, plan, events, writes, of: (dataset: string) => progress.find((it) => it.dataset === dataset)! };
  }
  const rows = async (location: string, text: string) => {
    const snapshot = await delta.snapshot(location);
    const all = snapshot.columns.map((it) => it.name);
    return engine.rows(text.replace('$t', await delta.relation(snapshot, await snapshot.files(), all)));
  };
  return {
    store,
    delta,
    engine,
    update,
    rows,
    put: (name: string, ...lines: string[]) =>
      store.put(`landing/${name}`, new TextEncoder().encode(['id,v', ...lines, ''].join('\n'))),
    ids: async () => (await rows('tables/raw', 'SELECT id FROM $t ORDER BY id')).map((row) => Number(row.id)),
  };
}

test('rows that fail a drop rule are dropped once, NULL fails, and each rule counts its own', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5', '2,-1', '3,', '4,200');
  const flow = streaming([
    expectation('positive', '"v" > 0', 'drop'),
    expectation('small', '"v" < 100', 'drop'),
    expectation('even', '"id" % 2 = 0', 'warn'),
  ]);
  const { state, of } = await room.update([flow, total]);
  assert.equal(state, 'COMPLETED');
  assert.deepEqual(await room.ids(), [1]);
  const { rows, dropped, expectations } = of('main.s.raw');
  assert.deepEqual([rows, dropped], [1, 3]);
  assert.deepEqual(
    expectations.map(({ name, passed, failed }) => [name, passed, failed]),
    [
      ['positive', 2, 2],
      ['small', 2, 2],
      ['even', 2, 2],
    ],
  );
  assert.deepEqual(await room.rows('tables/total', 'SELECT n FROM $t'), [{ n: 1n }]);
});

test('a rule that must hold leaves the table as it was, and the corrected data is read by the next update', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  const flow = streaming([expectation('positive', '"v" > 0', 'fail')]);
  await room.update([flow, total]);
  await room.put('b.csv', '2,-5');
  const failed = await room.update([flow, total]);
  assert.equal(failed.state, 'FAILED');
  assert.deepEqual(
    failed.errors.map(({ dataset, error }) => [dataset, error.code]),
    [['main.s.raw', 'EXPECTATION_VIOLATED']],
  );
  assert.equal(failed.of('main.s.total').status, 'SKIPPED');
  assert.deepEqual(failed.of('main.s.raw').expectations, [], 'a rule that stopped the update leaves no counts');
  assert.deepEqual(await room.ids(), [1]);
  await room.put('b.csv', '2,6');
  assert.equal((await room.update([flow, total])).state, 'COMPLETED');
  assert.deepEqual(await room.ids(), [1, 2]);
});

const points: StreamPoint[] = ['discovered', 'offsetsRecorded', 'sinkWritten', 'commitRecorded'];
for (const point of points) {
  test(`a full refresh that dies at ${point} is finished by the next update, with each row once`, async (t) => {
    const room = await openRoom(t);
    await room.put('a.csv', '1,5');
    await room.put('b.csv', '2,5');
    await room.update([streaming()]);
    const broken = await room.update([streaming([], { refresh: 'full' })], {
      at: (reached) => {
        if (reached === point) throw new Error('the process dies');
      },
    });
    assert.equal(broken.state, 'FAILED');
    const next = await room.update([streaming(), total]);
    assert.equal(next.state, 'COMPLETED');
    assert.deepEqual(await room.ids(), [1, 2]);
    assert.deepEqual(await room.rows('tables/total', 'SELECT n FROM $t'), [{ n: 2n }]);
  });
}

test('a full refresh reads again what is there, and rows of files that are gone do not come back', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  await room.put('b.csv', '2,5');
  await room.update([streaming()]);
  await room.store.delete('landing/a.csv');
  await room.update([streaming()]);
  assert.deepEqual(await room.ids(), [1, 2]);
  await room.update([streaming([], { refresh: 'full' })]);
  assert.deepEqual(await room.ids(), [2]);
});

test('a table that was dropped and made anew begins with the first file', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  await room.update([streaming()]);
  const target = { ...streaming().target, tableId: 'raw2', location: 'tables/raw2' };
  const again = await room.update([streaming([], { target })]);
  assert.equal(again.of('main.s.raw').rows, 1);
});

test('a materialized view is replaced in one commit, and its columns may change', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  await room.update([streaming(), total]);
  const before = await room.delta.latestVersion('tables/total');
  await room.update([streaming(), total]);
  assert.equal(await room.delta.latestVersion('tables/total'), before + 1);
  const renamed = [column('rows', 'double')];
  await room.update([
    streaming(),
    { ...total, target: { ...total.target, columns: renamed }, query: { ...total.query, columns: renamed } },
  ]);
  assert.deepEqual(await room.rows('tables/total', 'SELECT * FROM $t'), [{ rows: 1 }]);
  const history = await room.delta.history('tables/total', 10);
  assert.equal(history[0]?.operation, 'REFRESH MATERIALIZED VIEW');
});

test('the event log holds the events of all updates in the columns of Databricks', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5', '2,-1');
  const flow = streaming([expectation('positive', '"v" > 0', 'drop')]);
  const first = await room.update([flow, total]);
  await room.update([flow, total]);
  const [counts] = await room.rows(
    'tables/log',
    `SELECT count(*) AS n, count(DISTINCT id) AS ids, count(DISTINCT origin.update_id) AS updates FROM $t`,
  );
  assert.equal(counts!.updates, 2n);
  assert.equal(counts!.n, counts!.ids);
  const quality = await room.rows(
    'tables/log',
    `SELECT details->'$.flow_progress.data_quality' AS quality FROM $t WHERE event_type = 'flow_progress' AND details LIKE '%data_quality%'`,
  );
  assert.deepEqual(
    quality.map((row) => JSON.parse(String(row.quality))),
    [
      {
        dropped_records: 1,
        expectations: [{ name: 'positive', dataset: 'main.s.raw', passed_records: 1, failed_records: 1 }],
      },
    ],
  );
  const order = await room.rows(
    'tables/log',
    `SELECT details->>'$.update_progress.state' AS state FROM $t WHERE event_type = 'update_progress' AND origin.update_id = '${first.plan.updateId}' ORDER BY sequence.data_plane_id.seq_no`,
  );
  assert.deepEqual(
    order.map((row) => row.state),
    ['INITIALIZING', 'RUNNING', 'COMPLETED'],
  );
});

test('a stopped update leaves what is committed, says so in its log, and the next one goes on', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  const stop = new AbortController();
  const stopped = await room.update([streaming(), total], {
    signal: stop.signal,
    at: (point) => {
      if (point === 'sinkWritten') stop.abort();
    },
  });
  assert.equal(stopped.state, 'CANCELED');
  assert.equal(stopped.of('main.s.total').status, 'STOPPED');
  const [last] = await room.rows(
    'tables/log',
    `SELECT details->>'$.update_progress.state' AS state FROM $t WHERE event_type = 'update_progress' ORDER BY sequence.data_plane_id.seq_no DESC LIMIT 1`,
  );
  assert.equal(last?.state, 'CANCELED');
  assert.equal((await room.update([streaming(), total])).state, 'COMPLETED');
  assert.deepEqual(await room.ids(), [1]);
});

test('a dataset that an update leaves out keeps its rows, and others read them', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  await room.update([streaming(), total]);
  await room.put('b.csv', '2,5');
  const only = await room.update([streaming([], { refresh: 'exclude' }), total]);
  assert.equal(only.of('main.s.raw').status, 'EXCLUDED');
  assert.deepEqual(await room.rows('tables/total', 'SELECT n FROM $t'), [{ n: 1n }]);
});

test('nothing that a flow has staged stays in the engine', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5', '2,-1');
  await room.update([streaming([expectation('positive', '"v" > 0', 'fail')])]);
  assert.deepEqual(await room.engine.rows('SELECT table_name FROM duckdb_tables()'), []);
});

test('a file of the stream that changed after it was read is told as a warning', async (t) => {
  const room = await openRoom(t);
  await room.put('a.csv', '1,5');
  await room.update([streaming()]);
  await room.put('a.csv', '1,5', '9,9');
  const { events } = await room.update([streaming()]);
  const warning = events.find((event) => event.level === 'WARN');
  assert.match(warning?.message ?? '', /\/Volumes\/main\/s\/v\/a\.csv/);
  assert.deepEqual(await room.ids(), [1]);
});

test('a file that broke an update may be taken away: the next one goes on without it and says so', async (t) => {
  const room = await openRoom(t);
  await room.put('bad.csv', '1,-5');
  const flow = streaming([expectation('positive', '"v" > 0', 'fail')]);
  assert.equal((await room.update([flow])).state, 'FAILED');
  await room.store.delete('landing/bad.csv');
  await room.put('good.csv', '2,5');
  const { state, events } = await room.update([flow]);
  assert.equal(state, 'COMPLETED');
  assert.ok(events.some((event) => event.level === 'WARN' && event.message.includes('bad.csv')));
  assert.deepEqual(await room.ids(), [2]);
});
