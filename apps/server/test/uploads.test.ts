import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { until } from '../compute/test/stand-in.ts';
import { receive } from '../files/index.ts';
import { createUploads } from '../uploads/index.ts';
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

/** A sender that stops in the middle and keeps the connection open; `handle` is what the server does with it. */
async function halfSent(handle: (req: IncomingMessage) => Promise<unknown>) {
  const http = createServer();
  const handled = new Promise<unknown>((resolve) => {
    http.on('request', (req) => handle(req).then(resolve, resolve));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const port = (http.address() as AddressInfo).port;
  const sending = request({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': '1000000' } });
  sending.on('error', () => undefined);
  sending.write(Buffer.alloc(100_000));
  return {
    /** What `handle` gave or threw. */
    handled,
    async close() {
      sending.destroy();
      http.closeAllConnections();
      http.close();
      await handled;
    },
  };
}
const unfinished = () => readdir(join(server.config.home, 'storage', '.boathouse-tmp'));

test('a sender who falls silent is let go after a while, and nothing of the file stays', async () => {
  const { store } = server.app.services;
  const silent = await halfSent(async (req) => receive(req, await store.writer('uploads/silent'), 300));
  const end = await silent.handled;
  assert.equal(end instanceof Error && 'code' in end && end.code, 'REQUEST_TIMEOUT');
  assert.deepEqual(await unfinished(), []);
  await silent.close();
});

test('a half-received upload is kept as long as its server receives it, and swept soon after that server has gone', async () => {
  const { services } = server.app;
  const me = (await ada.get(`${api}/me`)).body;
  const who = { workspaceId: me.workspace.id, principal: { userId: me.userId ?? me.id, name: 'Ada', admin: true } };
  // A second server over the same database and storage.
  const other = createUploads({ ...services, leaseMs: 3000 });
  const sending = await halfSent((req) => other.receive(who, 'half.csv', req));
  const row = async (): Promise<{ expiresAt: Date } | undefined> =>
    (await services.pool.query(`SELECT "expiresAt" FROM upload WHERE state = 'receiving'`)).rows[0];
  await until(async () => (await row()) !== undefined);
  const { expiresAt } = (await row())!;
  assert.ok(expiresAt.getTime() < Date.now() + 60_000);
  await until(async () => (await row())!.expiresAt > expiresAt);
  await services.uploads.sweep();
  assert.ok(await row(), 'it is still coming in');
  // As by its death: nobody speaks for the upload any more.
  other.stop();
  await until(async () => {
    await services.uploads.sweep();
    return (await row()) === undefined;
  });
  await sending.close();
  assert.deepEqual(await unfinished(), []);
});
