import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decodeRows } from '@boathouse/engine/results';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

const path = '/api/2.0/sql/statements';
let server: TestServer;
let compute: TestCompute | undefined;
let script: Client;
let warehouse: string;
before(async () => {
  server = await startServer({ adminToken: 'a-token-of-an-administrator' });
  script = server.client('a-token-of-an-administrator');
  compute = await startCompute(server);
  warehouse = (await script.get('/api/2.0/sql/warehouses')).body.warehouses[0].id;
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

const execute = (statement: string, more: object = {}) =>
  script.send('POST', path, { statement, warehouse_id: warehouse, ...more });

test('the engine is listed as a warehouse that runs', async () => {
  const { body } = await script.get(`/api/2.0/sql/warehouses/${warehouse}`);
  assert.equal(body.state, 'RUNNING');
  assert.equal(body.odbc_params.path, `/sql/1.0/warehouses/${warehouse}`);
  assert.equal((await script.get('/api/2.0/sql/warehouses/none')).body.error_code, 'RESOURCE_DOES_NOT_EXIST');
});

test('a statement with typed parameters answers inline, every value as text', async () => {
  const { status, body } = await execute(
    "SELECT :n + 1 AS n, :s AS s, cast(null AS string) AS nothing, true AS b, 1.50 AS d, timestamp '2024-01-02 03:04:05' AS t, array(1, 2) AS a, named_struct('k', 1) AS st",
    {
      parameters: [
        { name: 'n', value: '41', type: 'INT' },
        { name: 's', value: "o'clock" },
      ],
    },
  );
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.status.state, 'SUCCEEDED', JSON.stringify(body.status));
  assert.deepEqual(body.result.data_array, [
    ['42', "o'clock", null, 'true', '1.50', '2024-01-02T03:04:05.000Z', '["1","2"]', '{"k":"1"}'],
  ]);
  const types = body.manifest.schema.columns.map((it: { type_name: string; type_text: string }) => [
    it.type_name,
    it.type_text,
  ]);
  assert.deepEqual(types, [
    ['INT', 'INT'],
    ['STRING', 'STRING'],
    ['STRING', 'STRING'],
    ['BOOLEAN', 'BOOLEAN'],
    ['DECIMAL', 'DECIMAL(3,2)'],
    ['TIMESTAMP', 'TIMESTAMP'],
    ['ARRAY', 'ARRAY<INT>'],
    ['STRUCT', 'STRUCT<k: INT>'],
  ]);
  assert.equal(body.manifest.total_row_count, 1);
});

test('a long result comes in chunks, through links that need no token and cannot be forged', async () => {
  const { body } = await execute('SELECT id FROM range(250000)', {
    disposition: 'EXTERNAL_LINKS',
    format: 'ARROW_STREAM',
  });
  assert.equal(body.status.state, 'SUCCEEDED', JSON.stringify(body.status));
  assert.ok(body.manifest.total_chunk_count >= 2);
  let rows = 0;
  for (let index: number | undefined = 0; index !== undefined; ) {
    const { body: chunk } = await script.get(`${path}/${body.statement_id}/result/chunks/${index}`);
    const link = chunk.external_links[0];
    const response = await fetch(link.external_link);
    assert.equal(response.headers.get('content-type'), 'application/vnd.apache.arrow.stream');
    const decoded = decodeRows(new Uint8Array(await response.arrayBuffer()));
    assert.equal(decoded.rows.length, link.row_count);
    assert.equal(decoded.rows[0]![0], String(link.row_offset));
    rows += decoded.rows.length;
    index = link.next_chunk_index;
  }
  assert.equal(rows, 250_000);
  const link: string = body.result.external_links[0].external_link;
  assert.equal((await fetch(`${link.slice(0, -3)}AAA`)).status, 403);
});

test('row_limit cuts in the middle of a batch and says so', async () => {
  for (const disposition of ['INLINE', 'EXTERNAL_LINKS']) {
    const { body } = await execute('SELECT id FROM range(5000)', { row_limit: 1234, disposition });
    assert.equal(body.manifest.truncated, true);
    assert.equal(body.manifest.total_row_count, 1234);
    const rows = body.result.data_array ?? (await (await fetch(body.result.external_links[0].external_link)).json());
    assert.equal(rows.length, Math.min(1234, body.manifest.chunks[0].row_count));
  }
});

test('a statement that cannot run is FAILED, with its code in the message', async () => {
  const { status, body } = await execute('SELECT * FROM main.default.nowhere');
  assert.equal(status, 200);
  assert.equal(body.status.state, 'FAILED');
  assert.equal(body.status.error.error_code, 'BAD_REQUEST');
  assert.match(body.status.error.message, /^\[TABLE_OR_VIEW_NOT_FOUND\]/);
});

test('a long statement is left to run and polled, or stopped when the wait is over', async () => {
  const slow = 'SELECT count(*) FROM range(100000) a CROSS JOIN range(10000000) b WHERE a.id * b.id % 7 = 3';
  const begun = await execute(slow, { wait_timeout: '0s' });
  const id = begun.body.statement_id;
  assert.ok(['PENDING', 'RUNNING'].includes(begun.body.status.state));
  assert.equal((await script.send('POST', `${path}/${id}/cancel`, {})).status, 200);
  await server.app.services.runs.waitFor(id, 3000);
  assert.equal((await script.get(`${path}/${id}`)).body.status.state, 'CANCELED');
  const waited = await execute(slow, { wait_timeout: '5s', on_wait_timeout: 'CANCEL' });
  assert.equal(waited.body.status.state, 'CANCELED');
});

test('sessions keep the current schema from statement to statement', async () => {
  const { body: session } = await script.send('POST', '/api/2.0/sql/sessions', { warehouse_id: warehouse });
  const inSession = (statement: string) =>
    script.send('POST', `${path}/`, { statement, session_id: session.session_id });
  assert.equal((await inSession('CREATE SCHEMA main.other')).body.status.state, 'SUCCEEDED');
  assert.equal((await inSession('USE main.other')).body.status.state, 'SUCCEEDED');
  assert.deepEqual((await inSession('SELECT current_schema()')).body.result?.data_array, [['other']]);
  await script.send('DELETE', `/api/2.0/sql/sessions/${session.session_id}`);
  assert.equal((await inSession('SELECT 1')).status, 404);
});

test('what is not honoured is refused by name', async () => {
  const cases: [object, RegExp][] = [
    [{ byte_limit: 10 }, /byte_limit/],
    [{ wait_timeout: '3s' }, /wait_timeout/],
    [{ format: 'ARROW_STREAM' }, /EXTERNAL_LINKS/],
    [{ surprise: 1 }, /surprise/],
    [{ warehouse_id: 'other' }, /warehouse/],
  ];
  for (const [more, message] of cases) {
    const { status, body } = await execute('SELECT 1', more);
    assert.ok(status === 400 || status === 404);
    assert.match(body.message, message);
  }
});

test('a statement belongs to who made it, and is gone when closed', async () => {
  const { body } = await execute('SELECT 1');
  const { token } = (
    await script.send('POST', '/api/2.0/boathouse/invites', { email: 'bob@example.com', role: 'member' })
  ).body;
  const bob = server.client();
  await bob.send('POST', '/api/2.0/boathouse/invitation/accept', {
    token,
    name: 'Bob',
    password: 'correct horse battery',
  });
  assert.equal((await bob.get(`${path}/${body.statement_id}`)).status, 404);
  await script.send('DELETE', `${path}/${body.statement_id}`);
  assert.equal((await script.get(`${path}/${body.statement_id}`)).body.status.state, 'CLOSED');
  const history = (await script.get('/api/2.0/sql/history/queries?max_results=2')).body;
  assert.equal(history.res.length, 2);
  assert.equal(history.has_next_page, true);
});

test('a grant that was revoked takes its old results with it: status, chunk and link say whom to ask', async () => {
  const ann = await server.member(script, 'ann');
  const done = async (statement: string) =>
    assert.equal((await execute(statement)).body.status.state, 'SUCCEEDED', statement);
  await done('CREATE TABLE main.default.pay AS SELECT 1234 AS amount');
  await done('GRANT SELECT ON TABLE main.default.pay TO `ann@example.com`');
  const ask = (more: object) => ann.send('POST', path, { statement: 'SELECT amount FROM main.default.pay', ...more });
  const { body } = await ask({});
  assert.deepEqual(body.result?.data_array, [['1234']], JSON.stringify(body));
  const linked = (await ask({ disposition: 'EXTERNAL_LINKS' })).body.result.external_links[0].external_link;
  assert.equal((await fetch(linked)).status, 200);
  await done('REVOKE SELECT ON TABLE main.default.pay FROM `ann@example.com`');
  const mine = `${path}/${body.statement_id}`;
  await until(async () => (await ann.get(mine)).status === 403);
  const refused = await ann.get(mine);
  assert.equal(refused.body.error_code, 'PERMISSION_DENIED');
  assert.match(refused.body.message, /SELECT.*main\.default\.pay.*admin@localhost/);
  assert.equal((await ann.get(`${mine}/result/chunks/0`)).status, 403);
  await until(async () => (await fetch(linked)).status === 403);
  assert.equal((await script.get(mine)).body.result.data_array[0][0], '1234', 'an administrator sees it');
});
