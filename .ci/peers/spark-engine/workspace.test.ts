import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { RESULT_MIME, ResultManifest, type RunEvent, type RunSummary } from '@boathouse/contracts';
import { decodeRows } from '@boathouse/engine/results';
import { startCompute, type TestCompute } from '../../../apps/server/test/compute.ts';
import { type Client, startServer, type TestServer } from '../../../apps/server/test/harness.ts';
import { type SparkServer, startSparkServer } from '../../../scripts/conformance/spark-engine.ts';

/** A workspace with a real Spark attached: the same statements, tables and rights on both engines. */
const api = '/api/2.0/boathouse';
const root = resolve(import.meta.dirname, '../../..');
let spark: SparkServer;
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let bo: Client;
let engine: string;
let notebookId: string;

before(async () => {
  [spark, server] = await Promise.all([startSparkServer(root), startServer()]);
  compute = await startCompute(server);
  ada = await server.administrator();
  bo = await server.member(ada, 'bo');
  const attached = await ada.send('POST', `${api}/engines`, { name: 'cluster', url: spark.url, tls: false });
  assert.equal(attached.status, 200, attached.text);
  engine = attached.body.id;
  const { body } = await ada.get(`${api}/me`);
  const who = { userId: body.userId ?? body.id, name: 'Ada Lovelace', admin: true };
  const notebook = await server.app.services.objects.create(who, body.workspace.id, {
    kind: 'notebook',
    path: '/Shared/Cells',
    cells: [{ id: 'ts', kind: 'typescript', source: '1', engine }],
  });
  notebookId = notebook.id;
  await onEmbedded("CREATE TABLE main.default.sales AS SELECT * FROM VALUES (1, 'a', 1.50), (2, 'b', 2.25) AS t(id, sku, amount)");
});
after(async () => {
  await compute?.stop();
  await server?.stop();
  await spark?.stop();
});

const statement = (person: Client, text: string, warehouse?: string) =>
  person.send('POST', '/api/2.0/sql/statements', {
    statement: text,
    wait_timeout: '50s',
    ...(warehouse ? { warehouse_id: warehouse } : {}),
  });
async function answered(person: Client, text: string, warehouse?: string): Promise<unknown[][]> {
  const { body, text: whole } = await statement(person, text, warehouse);
  assert.equal(body.status?.state, 'SUCCEEDED', whole);
  return body.result.data_array;
}
const onSpark = (text: string, person = ada) => answered(person, text, engine);
const onEmbedded = (text: string) => answered(ada, text);
const failing = async (text: string, person = ada) => (await statement(person, text, engine)).body.status.error.message;

test('the check of an attached Spark passes every step', { timeout: 120_000 }, async () => {
  const { body } = await ada.send('POST', `${api}/engines/${engine}/check`, {});
  assert.deepEqual(
    body.steps.filter((step: { ok: boolean }) => !step.ok),
    [],
  );
  assert.match(body.version, /^4\./);
});

test('one text gives one answer on both engines, also through views, parameters and functions', async () => {
  await onEmbedded('CREATE VIEW main.default.dear AS SELECT sku, amount FROM main.default.sales WHERE amount > 2');
  for (const text of [
    'SELECT main.default.sales.sku, sum(amount) AS total FROM main.default.sales GROUP BY ALL ORDER BY 1',
    'SELECT * FROM main.default.dear',
    'SELECT current_user(), current_catalog(), current_schema()',
    "SELECT 1 / 3 AS third, cast('2024-01-31' as date) + interval 1 month AS d, array(1, 2)[1] AS second",
  ])
    assert.deepEqual(await onSpark(text), await onEmbedded(text), text);
  // What only Spark carries.
  assert.deepEqual(await onSpark('SELECT theta_sketch_estimate(theta_sketch_agg(id)) FROM main.default.sales'), [['2']]);
});

test('rows that Spark computes are committed here, and both engines read them', async () => {
  await onSpark("INSERT INTO main.default.sales SELECT id + 10, upper(sku), amount FROM main.default.sales");
  assert.deepEqual(await onEmbedded('SELECT count(*), max(sku) FROM main.default.sales'), [['4', 'b']]);
  await onSpark('CREATE TABLE main.default.skus AS SELECT DISTINCT lower(sku) AS sku FROM main.default.sales');
  assert.deepEqual(await onEmbedded('SELECT sku FROM main.default.skus ORDER BY sku'), [['a'], ['b']]);
  assert.match(await failing('DELETE FROM main.default.sales'), /embedded engine/);
});

test('Spark reads nothing that the person may not read, and tells errors in its own words', async () => {
  assert.match(await failing('SELECT * FROM main.default.sales', bo), /PERMISSION_DENIED|TABLE_OR_VIEW_NOT_FOUND/);
  assert.match(await failing('SELECT * FROM parquet.`/etc`'), /TABLE_OR_VIEW_NOT_FOUND/);
  assert.match(await failing("SELECT reflect('java.lang.System', 'getenv', 'PATH')"), /UNSUPPORTED_FUNCTION/);
  assert.match(await failing('SELECT id / 0 FROM main.default.sales'), /DIVIDE_BY_ZERO/);
  const hidden = ['$', '{env:PATH}'].join('');
  assert.deepEqual(await onSpark(`SELECT '${hidden}'`), [[hidden]]);
});

test('a cell that names Spark runs there with its DataFrames, and its run says so', async () => {
  const id = randomUUID();
  const text = "display(spark.table('main.default.sales').filter(col('id').lt(10)).orderBy('id').select('sku'))";
  const started = await ada.send('POST', `${api}/runs`, { id, text, notebookId, cellId: 'ts' });
  assert.equal(started.status, 200, started.text);
  await server.app.services.runs.waitFor(id, 60_000);
  const run = (await ada.get(`${api}/runs/${id}`)).body as RunSummary;
  assert.deepEqual([run.state, run.engine, run.error], ['succeeded', 'Spark: cluster', null]);
  const events = ((await ada.get(`${api}/runs/${id}/events`)).body.events as { event: RunEvent }[]).map((it) => it.event);
  const display = events.find((event) => event.type === 'display');
  assert.ok(display);
  const { key } = ResultManifest.parse(display.data[RESULT_MIME]);
  assert.deepEqual(decodeRows(await server.app.services.store.get(key)).rows, [['a'], ['b']]);
});

test('a job task names Spark by its warehouse', async () => {
  const created = await ada.send('POST', '/api/2.2/jobs/create', {
    name: 'on Spark',
    tasks: [{ task_key: 'one', notebook_task: { notebook_path: '/Shared/Cells', warehouse_id: engine } }],
  });
  assert.equal(created.status, 200, created.text);
  const wrong = await ada.send('POST', '/api/2.2/jobs/create', {
    name: 'nowhere',
    tasks: [{ task_key: 'one', notebook_task: { notebook_path: '/Shared/Cells', warehouse_id: 'spark-none' } }],
  });
  assert.equal(wrong.body.error_code, 'INVALID_PARAMETER_VALUE');
});
