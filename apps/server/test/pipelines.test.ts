import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { PipelineEvent, PipelineUpdateDetail, PipelineUpdateView, PipelineView } from '@boathouse/contracts';
import { decodeRows } from '@boathouse/engine/results';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';
import { LiveBrowser } from './live.ts';

const api = '/api/2.0/boathouse';
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let who: { userId: string; name: string; admin: boolean };
let workspaceId: string;

before(async () => {
  server = await startServer();
  ada = await server.administrator();
  compute = await startCompute(server);
  const { body } = await ada.get(`${api}/me`);
  who = { userId: body.userId ?? body.id, name: 'Ada Lovelace', admin: true };
  workspaceId = body.workspace.id;
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

async function notebook(name: string, sources: string[], folder = '/Shared'): Promise<string> {
  const object = await server.app.services.objects.create(who, workspaceId, {
    kind: 'notebook',
    path: `${folder}/${name}`,
    cells: sources.map((source, i) => ({ id: `${name}-${i}`, kind: 'pipeline', source })),
  });
  return object.id;
}

async function sql(text: string, client = ada): Promise<unknown[][]> {
  const id = randomUUID();
  const started = await client.send('POST', `${api}/runs`, { id, text });
  assert.equal(started.status, 200, started.text);
  await server.app.services.runs.waitFor(id, 10_000);
  const { body } = await client.get(`${api}/runs/${id}`);
  assert.equal(body.state, 'succeeded', `${text}: ${JSON.stringify(body.error)}`);
  if (!body.result) return [];
  const response = await fetch(`${server.origin}${api}/runs/${id}/result`, { headers: { cookie: client.cookie() } });
  return decodeRows(new Uint8Array(await response.arrayBuffer())).rows;
}

async function upload(path: string, text: string): Promise<void> {
  const response = await fetch(`${server.origin}/api/2.0/fs/files${path}`, {
    method: 'PUT',
    headers: { cookie: ada.cookie(), origin: server.origin },
    body: text,
  });
  assert.ok(response.ok, await response.text());
}

async function start(notebookId: string, more: object = {}, client = ada): Promise<PipelineUpdateView> {
  const { status, body, text } = await client.send('POST', `${api}/notebooks/${notebookId}/pipeline/updates`, {
    id: randomUUID(),
    ...more,
  });
  assert.equal(status, 200, text);
  return body;
}

async function detail(update: PipelineUpdateView): Promise<PipelineUpdateDetail> {
  return (await ada.get(`${api}/pipelines/${update.pipelineId}/updates/${update.id}`)).body;
}

/** Runs an update to its end. */
async function update(notebookId: string, more: object = {}): Promise<PipelineUpdateDetail> {
  const started = await start(notebookId, more);
  await server.app.services.runs.waitFor(started.id, 20_000);
  return detail(started);
}

const rowsAndDrops = ({ flows }: PipelineUpdateDetail) =>
  Object.fromEntries(flows.map((flow) => [flow.dataset.split('.').at(-1), [flow.status, flow.rows, flow.dropped]]));

const landing = (name: string) => `/Volumes/main/default/${name}`;
const orders = (volume: string, table = 'orders') => `CREATE OR REFRESH STREAMING TABLE ${table} (
    CONSTRAINT paid EXPECT (amount > 0) ON VIOLATION DROP ROW,
    CONSTRAINT has_item EXPECT (item IS NOT NULL))
  AS SELECT id, item, amount FROM STREAM read_files('${landing(volume)}', format => 'csv', header => true)`;
const totals =
  'CREATE OR REFRESH MATERIALIZED VIEW totals AS SELECT item, sum(amount) AS total FROM orders GROUP BY item';

test('a pipeline reads each file of a volume once, counts what it keeps and drops, and tells it live and in its event log', async () => {
  await sql('CREATE VOLUME main.default.landing');
  await upload(`${landing('landing')}/a.csv`, 'id,item,amount\n1,tea,3\n2,cake,-1\n3,,5\n');
  await upload(`${landing('landing')}/b.csv`, 'id,item,amount\n4,tea,7\n');
  const notebookId = await notebook('Shop', [totals, orders('landing')]);

  const validated = await ada.send('POST', `${api}/notebooks/${notebookId}/pipeline/validate`, {});
  assert.deepEqual(validated.body.errors, [], validated.text);
  assert.equal((await ada.get(`${api}/notebooks/${notebookId}/pipeline`)).body.pipeline, null);

  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  assert.ok(await browser.follow(`notebook:${notebookId}`));
  const first = await update(notebookId);
  assert.equal(first.state, 'COMPLETED', JSON.stringify([first.error, first.events.at(-1)]));
  assert.deepEqual(rowsAndDrops(first), { orders: ['COMPLETED', 3, 1], totals: ['COMPLETED', 2, 0] });
  assert.deepEqual(first.flows.find((flow) => flow.dataset.endsWith('.orders'))?.expectations, [
    { name: 'paid', passed: 3, failed: 1 },
    { name: 'has_item', passed: 3, failed: 1 },
  ]);
  await browser.wait(
    (it) => it.type === 'event' && it.row.event.type === 'flow' && it.row.event.flow === 'main.default.orders',
  );
  browser.close();
  assert.deepEqual(await sql('SELECT id FROM main.default.orders ORDER BY id'), [['1'], ['3'], ['4']]);

  await upload(`${landing('landing')}/c.csv`, 'id,item,amount\n5,cake,2\n6,cake,4\n');
  const second = await update(notebookId);
  assert.deepEqual(rowsAndDrops(second), { orders: ['COMPLETED', 2, 0], totals: ['COMPLETED', 3, 0] });
  assert.deepEqual(await sql('SELECT count(*) FROM main.default.orders'), [['5']]);
  assert.deepEqual(await sql('SELECT total FROM main.default.totals WHERE item = "cake"'), [['6']]);

  const { pipeline } = (await ada.get(`${api}/notebooks/${notebookId}/pipeline`)).body as { pipeline: PipelineView };
  assert.equal(pipeline.latestUpdate?.id, second.id);
  assert.match(pipeline.eventLog ?? '', /^main\.default\.event_log_[0-9a-f_]+$/);
  const log = `event_log('${pipeline.id}')`;
  assert.deepEqual(
    await sql(`SELECT origin.update_id, count(*) FROM ${log} WHERE event_type = 'create_update' GROUP BY ALL`).then(
      (rows) => rows.map(([id, n]) => [id, n]).sort(),
    ),
    [
      [first.id, '1'],
      [second.id, '1'],
    ].sort(),
  );
  const kinds = await sql(`SELECT DISTINCT event_type FROM ${log} ORDER BY 1`);
  assert.deepEqual(
    kinds.map(([kind]) => kind),
    ['create_update', 'dataset_definition', 'flow_definition', 'flow_progress', 'update_progress', 'user_action'],
  );
});

test('a full refresh reads all files again and gives the same table', async () => {
  const notebookId = (await ada.get(`${api}/pipelines`)).body.pipelines[0].notebookId;
  const before = await sql('SELECT * FROM main.default.orders ORDER BY id');
  const full = await update(notebookId, { fullRefresh: true });
  assert.equal(full.state, 'COMPLETED', JSON.stringify(full.error));
  assert.deepEqual(rowsAndDrops(full), { orders: ['COMPLETED', 5, 1], totals: ['COMPLETED', 3, 0] });
  assert.deepEqual(await sql('SELECT * FROM main.default.orders ORDER BY id'), before);
  const nothing = await update(notebookId);
  assert.deepEqual(rowsAndDrops(nothing).orders, ['COMPLETED', 0, 0]);
});

test('errors of the text are found before any data moves, and stand in the history', async () => {
  const notebookId = await notebook('Wrong', ['CREATE OR REFRESH MATERIALIZED VIEW m AS SELECT * FROM nowhere']);
  const { body } = await ada.send('POST', `${api}/notebooks/${notebookId}/pipeline/validate`, {});
  assert.equal(body.errors[0].code, 'TABLE_OR_VIEW_NOT_FOUND');
  assert.equal(body.errors[0].cellId, 'Wrong-0');
  const failed = await start(notebookId);
  assert.deepEqual([failed.state, failed.runId, failed.error?.code], ['FAILED', null, 'TABLE_OR_VIEW_NOT_FOUND']);
  assert.equal((await detail(failed)).graph.errors.length, 1);
  const empty = await notebook('Empty', []);
  const refused = await ada.send('POST', `${api}/notebooks/${empty}/pipeline/updates`, { id: randomUUID() });
  assert.deepEqual([refused.status, refused.body.error_code], [400, 'PIPELINE_IS_EMPTY']);
});

test('an expectation that must hold stops its flow with nothing committed, and what needs it is skipped', async () => {
  await sql('CREATE VOLUME main.default.strict');
  await upload(`${landing('strict')}/a.csv`, 'id,item,amount\n1,tea,3\n2,cake,-1\n');
  const notebookId = await notebook('Strict', [
    orders('strict', 'strict_orders').replace('ON VIOLATION DROP ROW', 'ON VIOLATION FAIL UPDATE'),
    'CREATE OR REFRESH MATERIALIZED VIEW strict_totals AS SELECT count(*) AS n FROM strict_orders',
    'CREATE OR REFRESH MATERIALIZED VIEW alone AS SELECT 1 AS x',
  ]);
  const failed = await update(notebookId);
  assert.deepEqual([failed.state, failed.error?.code], ['FAILED', 'EXPECTATION_VIOLATED']);
  assert.deepEqual(rowsAndDrops(failed), {
    strict_orders: ['FAILED', 0, 0],
    strict_totals: ['SKIPPED', 0, 0],
    alone: ['COMPLETED', 1, 0],
  });
  assert.deepEqual(await sql('SELECT count(*) FROM main.default.strict_orders'), [['0']]);
  const exists = await sql(`SHOW TABLES IN main.default LIKE 'strict_totals'`);
  assert.deepEqual(exists, []);
});

test('a second update while one is active is refused, and stopping the first one lets the next begin', async () => {
  await sql('CREATE VOLUME main.default.slow');
  await upload(`${landing('slow')}/a.csv`, 'id,item,amount\n1,tea,3\n');
  const notebookId = await notebook('Slow', [
    'CREATE OR REFRESH MATERIALIZED VIEW endless AS SELECT sum(a.id * b.id % 7) AS s FROM range(3000000) a JOIN range(3000000) b ON a.id % 3 = b.id % 3',
    orders('slow', 'slow_orders'),
  ]);
  const running = await start(notebookId);
  const id = randomUUID();
  const second = await ada.send('POST', `${api}/notebooks/${notebookId}/pipeline/updates`, { id });
  assert.deepEqual([second.status, second.body.error_code], [409, 'UPDATE_ALREADY_ACTIVE']);
  assert.equal((await start(notebookId, { id: running.id })).id, running.id, 'a repeated request starts nothing twice');
  await until(async () => (await detail(running)).flows.some((it) => it.status === 'COMPLETED'), 10_000);
  const stopped = await ada.send('POST', `${api}/pipelines/${running.pipelineId}/stop`, {});
  assert.equal(stopped.status, 200);
  await server.app.services.runs.waitFor(running.id, 10_000);
  const ended = await detail(running);
  assert.equal(ended.state, 'CANCELED');
  await until(async () => (await detail(running)).flows.some((it) => it.status === 'STOPPED'));
  const next = await start(notebookId);
  await ada.send('POST', `${api}/pipelines/${running.pipelineId}/stop`, {});
  await server.app.services.runs.waitFor(next.id, 10_000);
});

test('a column more in the files is an error by name until a full refresh', async () => {
  await sql('CREATE VOLUME main.default.moving');
  await upload(`${landing('moving')}/a.csv`, 'id,v\n1,2\n');
  const notebookId = await notebook('Moving', [
    `CREATE OR REFRESH STREAMING TABLE moving AS SELECT * FROM STREAM read_files('${landing('moving')}', format => 'csv', header => true)`,
  ]);
  assert.equal((await update(notebookId)).state, 'COMPLETED');
  await upload(`${landing('moving')}/b.csv`, 'id,v,w\n2,3,4\n');
  const refused = await start(notebookId);
  assert.equal(refused.error?.code, 'STREAMING_TABLE_SCHEMA_CHANGED');
  assert.match(refused.error?.message ?? '', /w \(\w+\) is new/);
  const full = await update(notebookId, { fullRefresh: true });
  assert.equal(full.state, 'COMPLETED', JSON.stringify(full.error));
  assert.deepEqual(await sql('SELECT id, w FROM main.default.moving ORDER BY id'), [
    ['1', null],
    ['2', '4'],
  ]);
});

test('an update whose compute is killed is lost, and the next one gives the same table', async () => {
  await sql('CREATE VOLUME main.default.many');
  for (let i = 0; i < 3; i++) {
    const rows = Array.from({ length: 200_000 }, (_, n) => `${i * 200_000 + n},thing,${n + 1}`);
    await upload(`${landing('many')}/f${i}.csv`, `id,item,amount\n${rows.join('\n')}\n`);
  }
  const notebookId = await notebook('Many', [orders('many', 'many_orders')]);
  const first = await start(notebookId);
  await until(async () => (await detail(first)).flows.some((it) => it.status === 'RUNNING'), 10_000);
  await compute!.kill();
  await server.app.services.runs.waitFor(first.id, 20_000);
  const lost = await detail(first);
  assert.equal(lost.state, 'FAILED');
  compute = await startCompute(server);
  const again = await update(notebookId);
  assert.equal(again.state, 'COMPLETED', JSON.stringify(again.error));
  assert.deepEqual(await sql('SELECT count(*), count(DISTINCT id) FROM main.default.many_orders'), [
    ['600000', '600000'],
  ]);
});

test('a pipeline is seen and run by those who see and run its notebook', async () => {
  const bob = await server.member(ada, 'bob');
  const own = await notebook(
    'Private',
    [`CREATE OR REFRESH MATERIALIZED VIEW private_counts AS SELECT count(*) AS n FROM main.default.orders`],
    (await ada.get(`${api}/me`)).body.homePath,
  );
  const { pipelineId: id } = await update(own);
  const { body: bobs } = await bob.get(`${api}/me`);
  assert.equal((await bob.get(`${api}/pipelines/${id}`)).status, 404);
  assert.ok(!(await bob.get(`${api}/pipelines`)).body.pipelines.some((it: PipelineView) => it.id === id));
  const granted = await ada.send('PUT', `${api}/objects/${own}/grants/${bobs.userId ?? bobs.id}`, { level: 'view' });
  assert.ok(granted.status < 300, granted.text);
  const seen = await bob.get(`${api}/pipelines/${id}`);
  assert.deepEqual([seen.status, seen.body.level], [200, 'view']);
  const refused = await bob.send('POST', `${api}/pipelines/${id}/updates`, { id: randomUUID() });
  assert.deepEqual([refused.status, refused.body.error_code], [403, 'PERMISSION_DENIED']);
  const { updates } = (await bob.get(`${api}/pipelines/${id}/updates`)).body;
  const hidden = (await bob.get(`${api}/pipelines/${id}/updates/${updates[0].id}`)).body;
  assert.deepEqual(hidden.events as PipelineEvent[], [], 'what is said of tables is for those who may read them');
  assert.ok(hidden.withheld.message);
});

test("Databricks' clients make a pipeline of notebooks, run it, wait for it and read its events", async () => {
  const pipelines = '/api/2.0/pipelines';
  await notebook('Numbers', ['CREATE OR REFRESH MATERIALIZED VIEW numbers AS SELECT * FROM range(5)']);
  await notebook('Sums', ['CREATE OR REFRESH MATERIALIZED VIEW sums AS SELECT sum(id) AS s FROM numbers']);
  const libraries = ['Numbers', 'Sums'].map((name) => ({ notebook: { path: `/Shared/${name}` } }));
  const spec = { name: 'Two notebooks', catalog: 'main', schema: 'default', libraries };
  const refused = await ada.send('POST', pipelines, { ...spec, continuous: true });
  assert.deepEqual([refused.status, refused.body.error_code], [400, 'INVALID_PARAMETER_VALUE']);
  assert.match(refused.body.message, /continuous/);
  const { pipeline_id: id } = (await ada.send('POST', pipelines, spec)).body;
  const check = await ada.send('POST', `${pipelines}/${id}/updates`, { validate_only: true });
  const checked = (await ada.get(`${pipelines}/${id}/updates/${check.body.update_id}`)).body.update;
  assert.deepEqual([checked.state, checked.validate_only], ['COMPLETED', true]);
  const { update_id: updateId } = (await ada.send('POST', `${pipelines}/${id}/updates`, {})).body;
  await server.app.services.runs.waitFor(updateId, 20_000);
  const { update: done } = (await ada.get(`${pipelines}/${id}/updates/${updateId}`)).body;
  assert.deepEqual([done.state, done.cause], ['COMPLETED', 'API_CALL']);
  assert.deepEqual(await sql('SELECT s FROM main.default.sums'), [['10']]);
  const some = await ada.send('POST', `${pipelines}/${id}/updates`, { refresh_selection: ['sums'] });
  await server.app.services.runs.waitFor(some.body.update_id, 20_000);
  const events = (await ada.get(`${pipelines}/${id}/events?max_results=200`)).body.events as PipelineEvent[];
  assert.equal(events[0]?.event_type, 'update_progress');
  const excluded = events.find((it) => JSON.stringify(it.details).includes('EXCLUDED'));
  assert.equal(excluded?.origin.dataset_name, 'main.default.numbers');
  const unknown = await ada.send('POST', `${pipelines}/${id}/updates`, { refresh_selection: ['nothing'] });
  assert.equal(unknown.status, 400);
  const got = (await ada.get(`${pipelines}/${id}`)).body;
  assert.deepEqual([got.state, got.spec.libraries], ['IDLE', libraries]);
  const first = (await ada.get(`${pipelines}?max_results=1`)).body;
  assert.equal(first.statuses.length, 1);
  assert.ok(first.next_page_token);
  assert.equal((await ada.send('DELETE', `${pipelines}/${id}`)).status, 200);
  assert.equal((await ada.get(`${pipelines}/${id}`)).status, 404);
  assert.deepEqual(await sql('SELECT s FROM main.default.sums'), [['10']], 'its tables stay');
});
