import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RowChanges, VersionComparison } from '@boathouse/contracts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let compute: TestCompute;
let ada: Client;
let bob: Client;
const tables = '/api/2.0/boathouse/catalog/tables';

async function sql(statement: string): Promise<void> {
  const { body } = await ada.send('POST', '/api/2.0/sql/statements', { statement, wait_timeout: '30s' });
  assert.equal(body.status?.state, 'SUCCEEDED', JSON.stringify(body));
}
const rowsOf = ({ rows }: RowChanges) => rows.map(({ change, values }) => `${change} ${values.join(' ')}`).sort();

before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
  compute = await startCompute(server);
  await sql('create table orders (id bigint, city string)');
  await sql("insert into orders values (1, 'Kiel'), (2, 'Bergen')");
  await sql("update orders set city = 'Oslo' where id = 2");
  await sql("alter table orders set tblproperties ('team' = 'north')");
  await sql('alter table orders add columns (amount int)');
});
after(async () => {
  await compute.stop();
  await server.stop();
});

test('two versions are compared by columns, properties, files and rows, whichever is named first', async () => {
  const { body, status } = await ada.get(`${tables}/main.default.orders/compare?from=4&to=1`);
  assert.equal(status, 200, JSON.stringify(body));
  const { from, to, filesAdded, filesRemoved }: VersionComparison = body;
  assert.deepEqual([from.version, to.version, from.rowCount, to.rowCount], [1, 4, 2, 2]);
  assert.deepEqual(
    [from.columns, to.columns].map((columns) => columns.map(({ name }) => name)),
    [
      ['id', 'city'],
      ['id', 'city', 'amount'],
    ],
  );
  assert.deepEqual([from.properties.team, to.properties.team], [undefined, 'north']);
  assert.ok(filesAdded.count > 0 && filesRemoved.count > 0 && filesRemoved.rows === 2);
});

test('without a change feed, rows that only one of two versions holds are told, and columns that cannot be compared are named', async () => {
  const { body } = await ada.get(`${tables}/main.default.orders/compare/rows?from=1&to=4`);
  assert.deepEqual([body.source, body.truncated, body.columnsLeftOut], ['files', false, ['amount']]);
  assert.deepEqual(rowsOf(body), ['delete 2 Bergen', 'insert 2 Oslo']);
  const created: RowChanges = (await ada.get(`${tables}/main.default.orders/compare/rows?from=0&to=1`)).body;
  assert.deepEqual(rowsOf(created), ['insert 1 Kiel', 'insert 2 Bergen']);
});

test('with a change feed, every change is told with the version that made it', async () => {
  await sql("create table fed (id int) tblproperties ('delta.enableChangeDataFeed' = 'true')");
  await sql('insert into fed values (1), (2)');
  await sql('update fed set id = 3 where id = 2');
  await sql('delete from fed where id = 1');
  const { body } = await ada.get(`${tables}/main.default.fed/compare/rows?from=1&to=3`);
  assert.equal(body.source, 'changeFeed');
  assert.deepEqual(rowsOf(body), ['delete 1', 'update_postimage 3', 'update_preimage 2']);
  assert.equal(body.rows[0].version, 3);
});

test('more rows than a page shows are cut, and it says so', async () => {
  await sql('create table many as select id from range(1000)');
  await sql('delete from many where id >= 0');
  await sql('insert into many select id + 5000 from range(1000)');
  const { body } = await ada.get(`${tables}/main.default.many/compare/rows?from=0&to=2`);
  assert.equal(body.truncated, true);
  const count = (change: string) => body.rows.filter((row: { change: string }) => row.change === change).length;
  assert.deepEqual([count('delete'), count('insert')], [50, 50]);
});

test('rows of a version whose files were vacuumed cannot be compared, and the error says so', async () => {
  await sql(
    "create table swept (id int) tblproperties ('delta.deletedFileRetentionDuration' = 'interval 0 seconds', 'delta.logRetentionDuration' = 'interval 30 days')",
  );
  await sql('insert into swept values (1), (2)');
  await sql('insert overwrite swept values (3)');
  await sql('vacuum swept');
  const { body } = await ada.get(`${tables}/main.default.swept/compare/rows?from=1&to=2`);
  assert.equal(body.error_code, 'VERSION_FILES_REMOVED', JSON.stringify(body));
  const log = (await ada.get(`${tables}/main.default.swept/compare?from=1&to=2`)).body;
  assert.deepEqual([log.filesAdded.rows, log.filesRemoved.rows], [1, 2]);
});

test('comparing needs SELECT, two versions, and versions that are there', async () => {
  assert.equal((await bob.get(`${tables}/main.default.orders/compare?from=0&to=1`)).status, 404);
  await sql('grant browse on catalog main to `bob@example.com`');
  assert.equal((await bob.get(`${tables}/main.default.orders/compare?from=0&to=1`)).status, 403);
  assert.equal((await bob.get(`${tables}/main.default.orders/compare/rows?from=0&to=1`)).status, 403);
  const same = await ada.get(`${tables}/main.default.orders/compare?from=1&to=1`);
  assert.deepEqual([same.status, same.body.error_code], [400, 'INVALID_PARAMETER_VALUE']);
  const missing = await ada.get(`${tables}/main.default.orders/compare?from=1&to=99`);
  assert.match(missing.body.error_code, /VERSION_NOT_FOUND/);
});

test('details say the newest checkpoint', async () => {
  assert.equal((await ada.get(`${tables}/main.default.orders/detail`)).body.checkpointVersion, null);
  for (let n = 0; n < 7; n++) await sql(`insert into orders values (${n}, 'x', 1)`);
  // Checkpoints are written after the commit that asks for one.
  const deadline = Date.now() + 30_000;
  let version: number | null = null;
  while (version === null && Date.now() < deadline)
    version = (await ada.get(`${tables}/main.default.orders/detail`)).body.checkpointVersion;
  assert.equal(version, 10);
});
