import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { decodeRows } from '@boathouse/engine/results';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';

const api = '/api/2.0/boathouse';
let server: TestServer;
let computes: TestCompute[] = [];
let ada: Client;

before(async () => {
  server = await startServer();
  ada = await server.administrator();
  computes = [await startCompute(server), await startCompute(server)];
});
after(async () => {
  for (const compute of computes) await compute.stop();
  await server.stop();
});

async function sql(text: string): Promise<unknown[][]> {
  const id = randomUUID();
  const started = await ada.send('POST', `${api}/runs`, { id, text });
  assert.equal(started.status, 200, started.text);
  await server.app.services.runs.waitFor(id, 30_000);
  const { body } = await ada.get(`${api}/runs/${id}`);
  assert.equal(body.state, 'succeeded', `${text}: ${JSON.stringify(body.error)}`);
  if (!body.result) return [];
  const response = await fetch(`${server.origin}${api}/runs/${id}/result`, { headers: { cookie: ada.cookie() } });
  return decodeRows(new Uint8Array(await response.arrayBuffer())).rows;
}

const tableOf = async (name: string): Promise<{ id: string; location: string }> => {
  const { rows } = await server.app.services.pool.query<{ id: string; location: string }>(
    'SELECT id, location FROM "table" WHERE name = $1',
    [name],
  );
  return rows[0]!;
};

test('the versions of a table that asks for it come from the catalog, whoever writes', async () => {
  await sql("CREATE TABLE main.default.managed (id INT) TBLPROPERTIES ('delta.feature.catalogManaged' = 'supported')");
  const ids = Array.from({ length: 8 }, (_, id) => id);
  await Promise.all(ids.map((id) => sql(`INSERT INTO main.default.managed VALUES (${id})`)));
  await sql('DELETE FROM main.default.managed WHERE id = 3');
  assert.deepEqual(
    (await sql('SELECT id FROM main.default.managed ORDER BY id')).map(([id]) => id),
    ids.filter((id) => id !== 3),
  );
  const { id } = await tableOf('managed');
  const { rows } = await server.app.services.pool.query(
    'SELECT version::int AS version, "publishedAt" IS NOT NULL AS published FROM delta_commit WHERE "tableId" = $1',
    [id],
  );
  assert.deepEqual(rows, [{ version: 9, published: true }]);
});

test('a version is given out once, in order, and the same question gets the same answer', async () => {
  await sql('CREATE TABLE main.default.plain (id INT)');
  const { location } = await tableOf('plain');
  const logKey = `${location}/_delta_log`;
  const { commits } = server.app.services.catalog;
  const ratify = (version: number, path: string) => commits({ ask: 'ratify', logKey, version, path });
  const unpublished = () => commits({ ask: 'unpublished', logKey, afterVersion: -1 });
  const first = await Promise.all(['a', 'b', 'c'].map((path) => ratify(5, path)));
  assert.equal(first.filter((mine) => mine === true).length, 1);
  const [winner] = (await unpublished()) as { version: number; path: string }[];
  assert.equal(await ratify(5, winner!.path), true);
  assert.deepEqual([await ratify(7, 'gap'), await ratify(4, 'old'), await ratify(6, 'next')], [false, false, true]);
  assert.deepEqual(await unpublished(), [winner, { version: 6, path: 'next' }]);
  await commits({ ask: 'published', logKey, version: 5 });
  await commits({ ask: 'published', logKey, version: 6 });
  assert.deepEqual(await unpublished(), []);
  assert.deepEqual([await ratify(5, 'again'), await ratify(6, 'again'), await ratify(7, 'new')], [false, false, true]);
  await assert.rejects(
    commits({ ask: 'ratify', logKey: 'tables/none/_delta_log', version: 1, path: 'x' }),
    /no table at "tables\/none"/,
  );
});
