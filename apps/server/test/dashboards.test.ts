import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';
import { LiveBrowser } from './live.ts';

const api = '/api/2.0/boathouse';
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let bob: Client;
let dashboardId: string;
let tileId: string;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
  compute = await startCompute(server);
  await sql('CREATE TABLE main.default.sales AS SELECT 1 AS amount');
  dashboardId = (await ada.send('POST', `${api}/dashboards`, { name: 'Sales', parentPath: '/Shared' })).body.id;
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

async function sql(text: string): Promise<Record<string, unknown>> {
  const id = randomUUID();
  const started = await ada.send('POST', `${api}/runs`, { id, text });
  assert.equal(started.status, 200, started.text);
  const run = await server.app.services.runs.waitFor(id, 8000);
  assert.equal(run.state, 'succeeded', JSON.stringify(run.error));
  return { ...run };
}
const countOf = async (client: Client, runId: string): Promise<unknown> => {
  const { decodeRows } = await import('@boathouse/engine/results');
  const response = await fetch(`${server.origin}${api}/runs/${runId}/result`, { headers: { cookie: client.cookie() } });
  assert.equal(response.status, 200, await response.clone().text());
  return decodeRows(new Uint8Array(await response.arrayBuffer())).rows[0]?.[0];
};

test('a tile shows what its query gives, to a viewer without a grant too, and says whose rights it uses', async () => {
  const tile = await ada.send('POST', `${api}/dashboards/${dashboardId}/tiles`, {
    title: 'Number of sales',
    query: 'SELECT count(*) AS n FROM sales',
    catalog: 'main',
    schema: 'default',
  });
  assert.equal(tile.status, 200, tile.text);
  tileId = tile.body.id;
  await until(
    async () => (await ada.get(`${api}/dashboards/${dashboardId}`)).body.tiles[0].shown?.state === 'succeeded',
  );
  const page = (await bob.get(`${api}/dashboards/${dashboardId}`)).body;
  assert.equal(page.tiles[0].publisherName, 'Ada Lovelace');
  assert.equal(page.tiles[0].shown.withheld, null);
  assert.equal(await countOf(bob, page.tiles[0].shown.id), '1');
});

test('a commit repaints a live tile in every open browser within a second, with one run for all', async () => {
  const browsers = await Promise.all(
    [ada, bob].map((client) => LiveBrowser.open(server.origin, { cookie: client.cookie() })),
  );
  for (const browser of browsers) assert.ok(await browser.follow(`dashboard:${dashboardId}`));
  const { id } = await sql('INSERT INTO main.default.sales VALUES (2)');
  const committedAt = performance.now();
  const news = await Promise.all(
    browsers.map((browser) => browser.wait((it) => it.type === 'tile' && it.state === 'succeeded')),
  );
  for (const it of news) assert.ok(it.atMs - committedAt < 1000, `${it.atMs - committedAt} ms after run ${String(id)}`);
  const ids = news.map((it) => (it.type === 'tile' ? it.runId : ''));
  assert.equal(ids[0], ids[1]);
  assert.equal(await countOf(bob, ids[1]!), '2');
  for (const browser of browsers) browser.close();
});

test('twenty commits in a row lead to few runs, and the last of them shows all rows', async () => {
  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  await browser.follow(`dashboard:${dashboardId}`);
  for (let index = 0; index < 20; index++) await sql(`INSERT INTO main.default.sales VALUES (${index})`);
  const shown = async () => (await ada.get(`${api}/dashboards/${dashboardId}`)).body.tiles[0].shown.id;
  await until(async () => (await countOf(ada, await shown())) === '22');
  const runs = new Set(browser.messages.flatMap((it) => (it.type === 'tile' ? [it.runId] : [])));
  assert.ok(runs.size <= 21, `${runs.size} runs`);
  browser.close();
});

test('a commit that another engine wrote wakes the tile as well', async () => {
  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  await browser.follow(`dashboard:${dashboardId}`);
  const { rows } = await server.app.services.pool.query(
    `SELECT location, version::int AS version FROM "table" WHERE name = 'sales'`,
  );
  const folder = join(server.config.home, 'storage', rows[0].location, '_delta_log');
  // As delta-rs would: the next version of the log, which adds a file of the table once more under another name.
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const last = (await readFile(join(folder, names.at(-1)!), 'utf8')).trim().split('\n');
  const add = JSON.parse(last.find((line) => line.includes('"add"'))!);
  const table = join(server.config.home, 'storage', rows[0].location);
  await writeFile(join(table, 'foreign.parquet'), await readFile(join(table, decodeURIComponent(add.add.path))));
  const commit = [
    { commitInfo: { timestamp: Date.now(), operation: 'WRITE', engineInfo: 'delta-rs' } },
    { add: { ...add.add, path: 'foreign.parquet' } },
  ];
  await writeFile(
    join(folder, `${String(rows[0].version + 1).padStart(20, '0')}.json`),
    commit.map((line) => JSON.stringify(line)).join('\n'),
    { flag: 'wx' },
  );
  const seen = async () => {
    const ids = browser.messages.flatMap((it) => (it.type === 'tile' && it.state === 'succeeded' ? [it.runId] : []));
    return ids.length > 0 && (await countOf(ada, ids.at(-1)!)) === '23';
  };
  await until(seen);
  const { rows: changes } = await server.app.services.pool.query(
    'SELECT "runId" FROM table_change WHERE version = $1',
    [rows[0].version + 1],
  );
  assert.deepEqual(changes, [{ runId: null }]);
  browser.close();
});

test('a tile only asks: what changes something, and what its publisher may not read, is refused', async () => {
  const tile = (client: Client, query: string) =>
    client.send('POST', `${api}/dashboards/${dashboardId}/tiles`, { title: 'x', query });
  assert.equal((await tile(ada, 'DROP TABLE main.default.sales')).status, 400);
  const refused = await tile(bob, 'SELECT * FROM main.default.sales');
  assert.equal(refused.body.error_code, 'TABLE_OR_VIEW_NOT_FOUND');
  assert.equal((await ada.get(`${api}/dashboards/${dashboardId}`)).body.tiles.length, 1);
});

test('who writes a new query for a tile answers for it with their own rights', async () => {
  const changed = await bob.send('PATCH', `${api}/dashboards/${dashboardId}/tiles/${tileId}`, {
    query: 'SELECT 7 AS n',
  });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.body.publisherName, 'bob');
  assert.equal(changed.body.shown, null);
  await until(
    async () => (await ada.get(`${api}/dashboards/${dashboardId}`)).body.tiles[0].shown?.state === 'succeeded',
  );
});

test('of two people who move tiles at once the second is told to look again', async () => {
  const { version } = (await ada.get(`${api}/dashboards/${dashboardId}`)).body;
  const move = (client: Client, x: number) =>
    client.send('PATCH', `${api}/dashboards/${dashboardId}`, {
      version,
      layout: [{ tileId, layout: { x, y: 0, w: 4, h: 4 } }],
    });
  assert.equal((await move(ada, 2)).status, 200);
  const late = await move(bob, 4);
  assert.deepEqual([late.status, late.body.error_code], [409, 'DASHBOARD_CHANGED']);
  assert.equal((await ada.get(`${api}/dashboards/${dashboardId}`)).body.tiles[0].layout.x, 2);
});

test('a dashboard in the trash is gone for everybody', async () => {
  assert.equal((await bob.send('DELETE', `${api}/dashboards/${dashboardId}`)).status, 403);
  assert.equal((await ada.get(`${api}/dashboards`)).body.dashboards.length, 1);
  assert.equal((await ada.send('DELETE', `${api}/dashboards/${dashboardId}`)).status, 200);
  assert.equal((await ada.get(`${api}/dashboards/${dashboardId}`)).status, 404);
  assert.deepEqual((await ada.get(`${api}/dashboards`)).body.dashboards, []);
});
