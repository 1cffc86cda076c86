import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let compute: TestCompute;
let ada: Client;
let bob: Client;
const api = '/api/2.0/boathouse';

before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
  compute = await startCompute(server);
});
after(async () => {
  await compute.stop();
  await server.stop();
});

async function upload(who: Client, fileName: string, body: string | Uint8Array) {
  const response = await fetch(`${server.origin}${api}/uploads?fileName=${encodeURIComponent(fileName)}`, {
    method: 'POST',
    headers: { cookie: who.cookie(), origin: server.origin },
    body: Buffer.from(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as { uploadId: string; suggestedName: string; sizeBytes: number; error_code: string },
  };
}
const preview = (who: Client, id: string, body: object = {}) => who.send('POST', `${api}/uploads/${id}/preview`, body);
async function ended(who: Client, runId: string) {
  for (let i = 0; i < 200; i++) {
    const { body } = await who.get(`${api}/runs/${runId}`);
    if (body.state !== 'queued' && body.state !== 'running') return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the run did not end');
}
async function sql(who: Client, statement: string): Promise<string[][]> {
  const { body } = await who.send('POST', '/api/2.0/sql/statements', {
    statement,
    wait_timeout: '30s',
  });
  assert.equal(body.status?.state, 'SUCCEEDED', JSON.stringify(body));
  return body.result?.data_array ?? [];
}

test('a gzip of CSV is previewed, its columns renamed and typed anew, and becomes a table in one commit', async () => {
  const received = await upload(
    ada,
    'Unit prices.csv.gz',
    gzipSync('Article,Unit price,Note\nApple,1.5,x\nPear,2.25,y\n'),
  );
  assert.deepEqual([received.status, received.body.suggestedName], [201, 'unit_prices']);
  const { body } = await preview(ada, received.body.uploadId);
  assert.deepEqual(
    body.columns.map((it: { name: string; type: string }) => `${it.name}: ${it.type}`),
    ['Article: string', 'Unit price: double', 'Note: string'],
  );
  assert.deepEqual(body.suggestedNames, ['Article', 'Unit_price', 'Note']);
  assert.deepEqual(body.rows[1], ['Pear', 2.25, 'y']);
  assert.equal((await preview(bob, received.body.uploadId)).status, 404);

  const runId = randomUUID();
  const request = {
    runId,
    catalog: 'main',
    schema: 'default',
    table: 'prices',
    format: body.format,
    options: body.options,
    columns: [
      { from: 'Article', name: 'article', type: 'string' },
      { from: 'Unit price', name: 'price', type: 'decimal(10,2)' },
    ],
  };
  const started = await ada.send('POST', `${api}/uploads/${received.body.uploadId}/load`, request);
  assert.equal(started.status, 202, started.text);
  const run = await ended(ada, runId);
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  assert.deepEqual(await sql(ada, 'select article, price from prices order by article'), [
    ['Apple', '1.50'],
    ['Pear', '2.25'],
  ]);
  const again = await ada.send('POST', `${api}/uploads/${received.body.uploadId}/load`, request);
  assert.equal(again.body.tableId, started.body.tableId);
  assert.equal((await preview(ada, received.body.uploadId)).status, 404, 'a loaded file is not kept');
  const table = (await ada.get(`/api/2.1/unity-catalog/tables/main.default.prices`)).body;
  assert.deepEqual(
    table.columns.map((it: { type_text: string }) => it.type_text),
    ['string', 'decimal(10,2)'],
  );
});

test('a broken file names its line, loads nothing, and leaves its name free for the next attempt', async () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `${i},${i}`).join('\n');
  const { body } = await upload(ada, 'bad.csv', `id,n\n${rows}\nx,oops\n`);
  const shown = await preview(ada, body.uploadId);
  const columns = [
    { from: 'id', name: 'id', type: 'bigint' },
    { from: 'n', name: 'n', type: 'bigint' },
  ];
  const request = (runId: string) => ({
    runId,
    catalog: 'main',
    schema: 'default',
    table: 'bad',
    format: 'csv',
    options: shown.body.options,
    columns,
  });
  const first = randomUUID();
  await ada.send('POST', `${api}/uploads/${body.uploadId}/load`, request(first));
  const run = await ended(ada, first);
  assert.equal(run.state, 'failed');
  assert.match(run.error.message, /30002/);
  assert.equal((await ada.get('/api/2.1/unity-catalog/tables/main.default.bad/exists')).body.table_exists, false);
  const second = randomUUID();
  const asText = { ...request(second), columns: columns.map((it) => ({ ...it, type: 'string' })) };
  await ada.send('POST', `${api}/uploads/${body.uploadId}/load`, asText);
  assert.equal((await ended(ada, second)).state, 'succeeded');
});

test('an empty file is refused when it arrives, and a discarded one is gone', async () => {
  const empty = await upload(ada, 'empty.csv', '');
  assert.deepEqual([empty.status, empty.body.error_code], [400, 'FILE_EMPTY']);
  const { body } = await upload(ada, 'x.csv', 'a\n1\n');
  assert.equal(
    (await ada.get(`${api}/uploads`)).body.uploads.some((it: { uploadId: string }) => it.uploadId === body.uploadId),
    true,
  );
  assert.equal((await ada.send('DELETE', `${api}/uploads/${body.uploadId}`)).status, 200);
  assert.equal((await preview(ada, body.uploadId)).body.error_code, 'UPLOAD_NOT_FOUND');
});

test('a member may load into main.default, not into a schema that nobody opened for them', async () => {
  const { body } = await upload(bob, 'mine.csv', 'a\n1\n');
  const load = (schema: string, runId: string) =>
    bob.send('POST', `${api}/uploads/${body.uploadId}/load`, {
      runId,
      catalog: 'main',
      schema,
      table: 'mine',
      columns: [{ from: 'a', name: 'a', type: 'int' }],
    });
  await ada.send('POST', '/api/2.1/unity-catalog/schemas', { name: 'closed', catalog_name: 'main' });
  assert.equal((await load('closed', randomUUID())).body.error_code, 'SCHEMA_NOT_FOUND');
  const runId = randomUUID();
  assert.equal((await load('default', runId)).status, 202);
  assert.equal((await ended(bob, runId)).state, 'succeeded');
});

test('the sample data loads once, with a notebook whose cells run', async () => {
  const first = await ada.send('POST', `${api}/samples`);
  assert.equal(first.status, 202, first.text);
  assert.ok(
    first.body.tables.every((it: { state: string }) => it.state === 'ready'),
    JSON.stringify(first.body),
  );
  assert.equal(await sql(ada, 'select count(*) from main.samples.flights').then((rows) => rows[0]![0]), '3000000');
  const again = (await ada.send('POST', `${api}/samples`)).body;
  assert.equal(again.notebookId, first.body.notebookId);
  assert.ok(again.tables.every((it: { runId: string | null }) => it.runId === null));
  const notebook = await server.app.services.documents.read(first.body.notebookId);
  for (const cell of notebook.cells.filter((it) => it.kind === 'sql')) await sql(ada, cell.source);
  assert.deepEqual((await bob.get(`${api}/samples`)).body.tables, []);
});

test('a table is made by the API with the columns asked for', async () => {
  const answer = await ada.send('POST', '/api/2.1/unity-catalog/tables', {
    catalog_name: 'main',
    schema_name: 'default',
    name: 'by_api',
    table_type: 'MANAGED',
    data_source_format: 'DELTA',
    columns: [
      { name: 'id', type_text: 'bigint', nullable: false, position: 0 },
      { name: 'day', type_text: 'date', position: 1, partition_index: 0, comment: "the day's date" },
    ],
    comment: 'made by the API',
  });
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(
    [answer.body.columns[1].comment, answer.body.columns[1].partition_index, answer.body.columns[0].nullable],
    ["the day's date", 0, false],
  );
  await sql(ada, "insert into by_api values (1, date'2024-01-02')");
  assert.deepEqual(await sql(ada, 'select * from by_api'), [['1', '2024-01-02']]);
});

test('a file put into a volume is read by a statement', async () => {
  await sql(ada, 'create volume main.default.landing');
  const path = '/Volumes/main/default/landing/in/a.csv';
  await fetch(`${server.origin}/api/2.0/fs/files${path}`, {
    method: 'PUT',
    headers: { cookie: ada.cookie(), origin: server.origin },
    body: 'id,name\n1,a\n2,b\n',
  });
  assert.deepEqual(
    await sql(ada, `select name from read_files('${path}', format => 'csv', header => true) order by id desc`),
    [['b'], ['a']],
  );
});
