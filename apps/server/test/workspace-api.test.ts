import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Client, startServer, type TestServer } from './harness.ts';

let server: TestServer;
let sdk: Client;
before(async () => {
  server = await startServer({ adminToken: 'bh_administrator_token_of_this_test' });
  sdk = server.client('bh_administrator_token_of_this_test');
});
after(() => server.stop());

const api = '/api/2.0/workspace';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const source = '-- Databricks notebook source\nselect 1\n\n-- COMMAND ----------\n\n-- MAGIC %md\n-- MAGIC # Two\n';
const home = '/Users/admin@localhost';

test('BOATHOUSE_ADMIN_TOKEN makes an administrator who signs in by it', async () => {
  const me = await sdk.get('/api/2.0/preview/scim/v2/Me');
  assert.equal(me.body.userName, 'admin@localhost');
  assert.equal(me.headers.get('x-databricks-org-id'), '1');
});

test('a notebook imported as JSON is exported as the same text', async () => {
  const path = `${home}/imported`;
  const imported = await sdk.send('POST', `${api}/import`, {
    path,
    format: 'SOURCE',
    language: 'SQL',
    content: base64(source),
  });
  assert.deepEqual([imported.status, imported.body], [200, {}]);
  const exported = await sdk.get(`${api}/export?path=${path}&format=SOURCE`);
  assert.deepEqual(exported.body, { content: base64(source), file_type: 'sql' });
  assert.equal((await sdk.get(`${api}/export?path=${path}&direct_download=true`)).text, source);
  const status = await sdk.get(`${api}/get-status?path=${path}`);
  assert.deepEqual([status.body.object_type, status.body.language, status.body.path], ['NOTEBOOK', 'SQL', path]);
  assert.equal(typeof status.body.object_id, 'number');
});

test('a notebook imported as a multipart form overwrites only when told to', async () => {
  const form = (overwrite?: string) => {
    const data = new FormData();
    data.set('path', `${home}/from-form`);
    data.set('format', 'SOURCE');
    data.set('language', 'SQL');
    if (overwrite) data.set('overwrite', overwrite);
    data.set('content', new Blob([source]), 'from-form.sql');
    return data;
  };
  assert.equal((await sdk.send('POST', `${api}/import`, form())).status, 200);
  const again = await sdk.send('POST', `${api}/import`, form());
  assert.deepEqual([again.status, again.body.error_code], [400, 'RESOURCE_ALREADY_EXISTS']);
  assert.equal((await sdk.send('POST', `${api}/import`, form('true'))).status, 200);
});

test('files are kept as they are, and AUTO tells notebooks by their header', async () => {
  const bytes = Buffer.from([0, 255, 1, 254]);
  await sdk.send('POST', `${api}/import`, {
    path: `${home}/data.bin`,
    format: 'RAW',
    content: bytes.toString('base64'),
  });
  const exported = await sdk.get(`${api}/export?path=${home}/data.bin&format=AUTO`);
  assert.deepEqual(exported.body, { content: bytes.toString('base64'), file_type: 'bin' });
  assert.equal((await sdk.get(`${api}/get-status?path=${home}/data.bin`)).body.size, 4);
  await sdk.send('POST', `${api}/import`, { path: `${home}/auto.sql`, format: 'AUTO', content: base64(source) });
  assert.equal((await sdk.get(`${api}/get-status?path=${home}/auto`)).body.object_type, 'NOTEBOOK');
});

test('folders are made with those above them, listed, and deleted with what they hold', async () => {
  assert.equal((await sdk.send('POST', `${api}/mkdirs`, { path: `${home}/a/b/c` })).status, 200);
  assert.equal((await sdk.send('POST', `${api}/mkdirs`, { path: `${home}/a/b/c` })).status, 200);
  const listed = await sdk.get(`${api}/list?path=${home}/a`);
  assert.deepEqual(
    listed.body.objects.map((object: { path: string }) => object.path),
    [`${home}/a/b`],
  );
  assert.deepEqual((await sdk.get(`${api}/list?path=${home}/a/b/c`)).body, {});
  const refused = await sdk.send('POST', `${api}/delete`, { path: `${home}/a` });
  assert.deepEqual([refused.status, refused.body.error_code], [400, 'DIRECTORY_NOT_EMPTY']);
  assert.equal((await sdk.send('POST', `${api}/delete`, { path: `${home}/a`, recursive: true })).status, 200);
  const gone = await sdk.get(`${api}/get-status?path=${home}/a/b`);
  assert.deepEqual([gone.status, gone.body.error_code], [404, 'RESOURCE_DOES_NOT_EXIST']);
});

for (const [what, body, named] of [
  ['Python', { format: 'SOURCE', language: 'PYTHON' }, /language PYTHON/],
  ['Jupyter files', { format: 'JUPYTER' }, /format JUPYTER/],
  [
    'a cell in another language',
    { content: base64('-- Databricks notebook source\n-- MAGIC %scala\n-- MAGIC 1') },
    /%scala/,
  ],
  ['what is not base64', { content: '%%%' }, /"content"/],
  ['an unknown field', { tags: [] }, /"tags"/],
  ['a path that escapes', { path: '/Users/../x' }, /"path"/],
] as const) {
  test(`importing ${what} is refused by name and leaves nothing`, async () => {
    const answer = await sdk.send('POST', `${api}/import`, {
      path: `${home}/refused`,
      content: base64('select 1'),
      ...body,
    });
    assert.equal(answer.status, 400);
    assert.match(answer.body.message, named);
    assert.equal((await sdk.get(`${api}/get-status?path=${home}/refused`)).status, 404);
  });
}
