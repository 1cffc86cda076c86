import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { createGzip } from 'node:zlib';
import { type Product, startProduct } from '../../e2e/support/product.ts';
import { Api, until } from '../crash/api.ts';
import { forgetPeak, peakBytes, processOf } from '../test/processes.ts';

const MB = 1e6;
const size = (process.env.BOATHOUSE_TEST_LONG ? 320 : 40) * MB;
/** What a server may need beside what it holds at rest, however long a file is. */
const SERVER_MORE = 160 * MB;
const ENGINE_LIMIT = 512 * MB;
const LOADED_WITHIN_MS = 300_000;
const token = 'token-of-the-upload-test';
const uploads = '/api/2.0/boathouse/uploads';

let product: Product;
let api: Api;

before(async () => {
  const env = {
    BOATHOUSE_ADMIN_TOKEN: token,
    BOATHOUSE_PAGES: '0',
    BOATHOUSE_COMPUTE_MEMORY_BYTES: String(ENGINE_LIMIT),
  };
  product = await startProduct({ env });
  api = new Api(product.url, token);
});
after(() => product.remove());

/** A CSV of about `bytes`, made while it is sent; what it must add up to is known at its end. */
function csv(bytes: number) {
  const made = { rows: 0, sum: 0, bytes: 0 };
  function* chunks(): Generator<string> {
    yield 'id,amount,note\n';
    while (made.bytes < bytes) {
      let chunk = '';
      for (let line = 0; line < 2000; line++) {
        const amount = (made.rows * 7919) % 10_000;
        chunk += `${made.rows},${amount / 100},"a note, of row ${made.rows} and of nothing else"\n`;
        made.rows++;
        made.sum += amount;
      }
      made.bytes += chunk.length;
      yield chunk;
    }
  }
  return { made, body: Readable.from(chunks(), { objectMode: false }) };
}

async function send(fileName: string, body: Readable): Promise<{ uploadId: string; sizeBytes: number }> {
  const response = await fetch(`${product.url}${uploads}?fileName=${fileName}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: Readable.toWeb(body) as ReadableStream<Uint8Array>,
    duplex: 'half',
  });
  const text = await response.text();
  assert.equal(response.status, 201, text);
  return JSON.parse(text);
}

async function load(uploadId: string, table: string): Promise<void> {
  const runId = randomUUID();
  const column = (name: string, type: string) => ({ from: name, name, type });
  const columns = [column('id', 'bigint'), column('amount', 'decimal(10,2)'), column('note', 'string')];
  await api.request('POST', `${uploads}/${uploadId}/load`, {
    runId,
    catalog: 'main',
    schema: 'default',
    table,
    columns,
  });
  const run = await until('the file is loaded', LOADED_WITHIN_MS, async () => {
    const seen = await api.run(runId);
    return seen?.state === 'queued' || seen?.state === 'running' ? null : seen;
  });
  assert.deepEqual([run.state, run.error], ['succeeded', null]);
}

for (const [name, pack] of [
  ['csv', (body: Readable) => body],
  ['csv.gz', (body: Readable) => body.pipe(createGzip({ level: 1 }))],
] as const) {
  test(`${size / MB} MB of ${name} become a table in one commit, and the server holds no more of them at a time than of a short file`, async (t) => {
    const server = processOf(product.supervisorPid, 'server');
    forgetPeak(server);
    const before = peakBytes(server);
    const { made, body } = csv(size);
    const table = `long_${name.replace('.', '_')}`;
    const { uploadId, sizeBytes } = await send(`${table}.${name}`, pack(body));
    if (name === 'csv') assert.equal(sizeBytes, made.bytes + 'id,amount,note\n'.length);
    const { columns, rows } = await api.request<{ columns: { name: string }[]; rows: unknown[] }>(
      'POST',
      `${uploads}/${uploadId}/preview`,
      { rows: 5 },
      60_000,
    );
    assert.deepEqual([columns.map((column) => column.name), rows.length], [['id', 'amount', 'note'], 5]);
    await load(uploadId, table);
    const more = peakBytes(server) - before;
    t.diagnostic(
      `the server held ${Math.round(more / MB)} MB more, compute ${Math.round(peakBytes(processOf(product.supervisorPid, 'compute')) / MB)} MB at most`,
    );
    const [row] = await api.sql(
      `select count(*), max(id), cast(sum(amount) * 100 as bigint) from main.default.${table}`,
    );
    assert.deepEqual(row?.map(Number), [made.rows, made.rows - 1, made.sum]);
    const history = await api.sql(`describe history main.default.${table}`);
    assert.equal(history.length, 1, 'one commit');
    assert.ok(more < SERVER_MORE, `the server held ${Math.round(more / MB)} MB more`);
  });
}
