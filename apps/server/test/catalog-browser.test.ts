import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let compute: TestCompute;
let ada: Client;
let bob: Client;
const browse = '/api/2.0/boathouse/catalog';

async function sql(who: Client, statement: string): Promise<string[][]> {
  const { body } = await who.send('POST', '/api/2.0/sql/statements', { statement, wait_timeout: '30s' });
  assert.equal(body.status?.state, 'SUCCEEDED', JSON.stringify(body));
  return body.result?.data_array ?? [];
}
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
  compute = await startCompute(server);
  await sql(ada, "create table orders (id bigint comment 'order number', city string) comment 'All orders'");
  await sql(ada, "insert into orders values (1, 'Kiel'), (2, 'Bergen')");
  await sql(ada, 'create view northern as select * from orders where id > 1');
  await sql(ada, 'create volume landing');
});
after(async () => {
  await compute.stop();
  await server.stop();
});

test('the tree holds what a person may know of and nothing else', async () => {
  const inDefault = (body: {
    catalogs: { name: string; schemas: { name: string; tables: { name: string }[]; volumes: { name: string }[] }[] }[];
  }) =>
    body.catalogs.flatMap((c) =>
      c.schemas.flatMap((s) => [...s.tables, ...s.volumes].map((it) => `${c.name}.${s.name}.${it.name}`)),
    );
  assert.deepEqual(inDefault((await ada.get(`${browse}/tree`)).body), [
    'main.default.northern',
    'main.default.orders',
    'main.default.landing',
  ]);
  assert.deepEqual(inDefault((await bob.get(`${browse}/tree`)).body), []);
  assert.equal((await bob.get(`${browse}/tables/main.default.orders`)).status, 404);
});

test("a table's page has columns with comments, sizes, history, files and who wrote and read it", async () => {
  const { body } = await ada.get(`${browse}/tables/main.default.orders`);
  assert.deepEqual(
    body.columns.map((it: { name: string; type: string; comment?: string }) => [it.name, it.type, it.comment]),
    [
      ['id', 'bigint', 'order number'],
      ['city', 'string', undefined],
    ],
  );
  assert.deepEqual(
    [body.version, body.comment, body.owner, body.may.manage, body.ask],
    [1, 'All orders', 'ada@example.com', true, null],
  );
  const history = (await ada.get(`${browse}/tables/main.default.orders/history`)).body.entries;
  assert.deepEqual(
    history.map((it: { version: number; userName: string }) => [it.version, it.userName]),
    [
      [1, 'ada@example.com'],
      [0, 'ada@example.com'],
    ],
  );
  const detail = (await ada.get(`${browse}/tables/main.default.orders/detail`)).body;
  assert.deepEqual([detail.rowCount, detail.files.length], [2, 1]);
  await sql(ada, 'select * from orders');
  const lineage = (await ada.get(`${browse}/tables/main.default.orders/lineage`)).body;
  assert.deepEqual([lineage.writers[0].sourceKind, lineage.writers[0].name], ['user', 'Ada Lovelace']);
  assert.ok(
    lineage.readers.some(
      (it: { sourceKind: string; name: string }) => it.sourceKind === 'table' && it.name === 'main.default.northern',
    ),
  );
  assert.ok(lineage.readers.some((it: { sourceKind: string }) => it.sourceKind === 'user'));
  assert.equal(
    (await ada.get(`${browse}/tables/main.default.northern/history`)).body.error_code,
    'EXPECT_TABLE_NOT_VIEW',
  );
});

test('the first rows come by a run of the person who asks', async () => {
  const runId = randomUUID();
  assert.equal((await ada.send('POST', `${browse}/tables/main.default.orders/sample`, { runId })).status, 202);
  const run = await server.app.services.runs.waitFor(runId, 10_000);
  assert.deepEqual([run.state, run.result?.rowCount], ['succeeded', 2]);
});

test('a person who may see a table but not read it is told whom to ask', async () => {
  const granted = await ada.send('POST', `${browse}/grants`, {
    kind: 'table',
    fullName: 'main.default.orders',
    changes: [{ principal: 'bob@example.com', add: ['MODIFY'] }],
  });
  assert.equal(granted.status, 200, granted.text);
  const { body } = await bob.get(`${browse}/tables/main.default.orders`);
  assert.equal(body.may.select, false);
  assert.match(body.ask, /SELECT on table main\.default\.orders.*ada@example\.com/);
  assert.equal((await bob.get(`${browse}/tables/main.default.orders/history`)).status, 403);
  const grants = (await bob.get(`${browse}/grants?kind=table&fullName=main.default.orders`)).body;
  assert.equal(grants.mayManage, false);
  assert.match(grants.ask, /MANAGE.*ada@example\.com/);
  assert.equal(
    (await bob.send('POST', `${browse}/comment`, { kind: 'table', fullName: 'main.default.orders', comment: 'x' }))
      .status,
    403,
  );
  await ada.send('POST', `${browse}/grants`, {
    kind: 'table',
    fullName: 'main.default.orders',
    changes: [{ principal: 'bob@example.com', add: ['SELECT'] }],
  });
  assert.deepEqual(await sql(bob, 'select count(*) from main.default.orders'), [['2']]);
});

test('search finds tables before their columns, and notebooks too, but never what is hidden', async () => {
  await ada.send('POST', '/api/2.0/boathouse/objects', { kind: 'notebook', name: 'Orders by city' });
  const hits = async (who: Client, q: string) =>
    (await who.get(`/api/2.0/boathouse/search?q=${encodeURIComponent(q)}`)).body.hits.map(
      (it: { kind: string; title: string }) => `${it.kind} ${it.title}`,
    );
  const found = await hits(ada, 'orders');
  assert.equal(found[0], 'table orders');
  assert.ok(found.includes('notebook Orders by city'), found.join());
  assert.ok((await hits(ada, 'city')).includes('column city'));
  assert.deepEqual(await hits(bob, 'northern'), []);
});

test('completion offers the columns of visible tables', async () => {
  const { body } = await bob.get(`${browse}/completion`);
  const tables = body.catalogs[0].schemas[0].tables;
  assert.deepEqual(
    tables.map((it: { name: string; columns: unknown[] }) => [it.name, it.columns.length]),
    [['orders', 2]],
  );
});

test('a volume shows its path and files, and its page says what a person may do', async () => {
  await fetch(`${server.origin}/api/2.0/fs/files/Volumes/main/default/landing/a/b.txt`, {
    method: 'PUT',
    headers: { cookie: ada.cookie(), origin: server.origin },
    body: 'hello',
  });
  const page = (await ada.get(`${browse}/volumes/main.default.landing`)).body;
  assert.deepEqual([page.path, page.may.write], ['/Volumes/main/default/landing', true]);
  const top = (await ada.get(`${browse}/volumes/main.default.landing/files`)).body;
  assert.deepEqual(
    top.contents.map((it: { name: string }) => it.name),
    ['a'],
  );
  const below = (await ada.get(`${browse}/volumes/main.default.landing/files?folder=a`)).body;
  assert.deepEqual([below.contents[0].name, below.contents[0].file_size, below.nextPageToken], ['b.txt', 5, null]);
});
