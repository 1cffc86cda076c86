import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { decodeRows } from '@boathouse/engine/results';
import { WebSocket } from 'ws';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, startServer, type TestServer } from './harness.ts';
import { LiveBrowser } from './live.ts';

const api = '/api/2.0/boathouse';
let server: TestServer;
let compute: TestCompute | undefined;
let ada: Client;
let notebookId: string;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  compute = await startCompute(server);
  const { body } = await ada.get(`${api}/me`);
  const { app } = server;
  const who = { userId: body.userId ?? body.id, name: 'Ada Lovelace', admin: true };
  const object = await app.services.objects.create(who, body.workspace.id, {
    kind: 'notebook',
    path: '/Shared/Flights',
    cells: [{ id: 'one', kind: 'sql', source: 'SELECT 1 AS one' }],
  });
  notebookId = object.id;
});
after(async () => {
  await compute?.stop();
  await server.stop();
});

async function run(
  client: Client,
  text: string,
  more: object = {},
): Promise<{ id: string; body: Record<string, unknown> }> {
  const id = randomUUID();
  const started = await client.send('POST', `${api}/runs`, { id, text, ...more });
  assert.equal(started.status, 200, started.text);
  await server.app.services.runs.waitFor(id, 8000);
  return { id, body: (await client.get(`${api}/runs/${id}`)).body };
}
const rowsOf = async (client: Client, id: string, query = ''): Promise<unknown[][]> => {
  const response = await fetch(`${server.origin}${api}/runs/${id}/result${query}`, {
    headers: { cookie: client.cookie() },
  });
  assert.equal(response.status, 200);
  return decodeRows(new Uint8Array(await response.arrayBuffer())).rows;
};

test('a cell runs: its first page comes on the live channel, and after a reload the result is still there', async () => {
  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  assert.ok(await browser.follow(`notebook:${notebookId}`));
  assert.ok(await browser.follow('workspace'));
  const id = randomUUID();
  const started = await ada.send('POST', `${api}/runs`, { id, notebookId, cellId: 'one' });
  assert.equal(started.body.text, 'SELECT 1 AS one');
  const done = await browser.wait((it) => it.type === 'run' && it.run.id === id && it.run.state === 'succeeded');
  assert.deepEqual(decodeRows(browser.pages[0]!.bytes).rows, [[1]]);
  assert.ok(browser.pages[0]!.atMs <= done.atMs);
  await browser.wait((it) => it.type === 'changed' && it.kind === 'run' && it.id === id);
  const reloaded = await ada.get(`${api}/runs?notebookId=${notebookId}&latest=true`);
  assert.equal(reloaded.body.runs[0].id, id);
  assert.equal(reloaded.body.runs[0].result.rowCount, 1);
  assert.deepEqual(await rowsOf(ada, id), [[1]]);
  const events = (await ada.get(`${api}/runs/${id}/events`)).body.events;
  assert.deepEqual(
    events.map((it: { event: { type: string } }) => it.event.type),
    ['queued', 'started', 'result', 'finished'],
  );
  browser.close();
});

test('a window of a long result holds the rows asked for, and is not sent again where the browser has it', async () => {
  const { id, body } = await run(ada, 'SELECT id FROM range(200000)');
  assert.equal((body.result as { rowCount: number }).rowCount, 200_000, JSON.stringify(body.error));
  const headers = { cookie: ada.cookie() };
  const window = await fetch(`${server.origin}${api}/runs/${id}/result?offset=150000&rows=10`, { headers });
  const first = Number(window.headers.get('x-boathouse-row-offset'));
  const { rows } = decodeRows(new Uint8Array(await window.arrayBuffer()));
  assert.equal(rows[150_000 - first]?.[0], '150000');
  const again = await fetch(window.url, { headers: { ...headers, 'if-none-match': window.headers.get('etag')! } });
  assert.equal(again.status, 304);
});

test('what a statement commits is read by the next one of the cell, and older outputs are marked as overtaken', async () => {
  const first = await run(ada, 'CREATE TABLE main.default.t AS SELECT 1 AS x; SELECT * FROM main.default.t', {
    notebookId,
    cellId: 'one',
  });
  assert.equal(first.body.state, 'succeeded', JSON.stringify(first.body.error));
  assert.deepEqual(await rowsOf(ada, first.id), [[1]]);
  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  const reads = first.body.reads as { tableId: string; version: number }[];
  assert.ok(await browser.follow(`table:${reads[0]!.tableId}`));
  assert.ok(await browser.follow(`notebook:${notebookId}`));
  const insert = await run(ada, 'INSERT INTO main.default.t VALUES (2)');
  assert.equal(insert.body.state, 'succeeded', JSON.stringify(insert.body.error));
  const changed = await browser.wait((it) => it.type === 'table.changed');
  assert.equal(changed.type === 'table.changed' && changed.version, reads[0]!.version + 1);
  const overtaken = await browser.wait((it) => it.type === 'run' && it.run.id === first.id && it.run.stale.length > 0);
  assert.equal(overtaken.type === 'run' && overtaken.run.stale[0]!.fullName, 'main.default.t');
  browser.close();
});

test('an error of the planner and one of the engine end a run with code and message', async () => {
  const unknown = await run(ada, 'SELECT 1;\nSELECT * FROM main.default.nowhere');
  assert.equal(unknown.body.state, 'failed');
  const error = unknown.body.error as { code: string; position: { line: number } };
  assert.equal(error.code, 'TABLE_OR_VIEW_NOT_FOUND');
  assert.equal(error.position.line, 2);
  const broken = await run(ada, 'SELECT 1 / (id - 5) FROM range(10)');
  assert.equal(broken.body.state, 'failed');
  assert.equal((broken.body.error as { code: string }).code, 'DIVIDE_BY_ZERO');
});

test('a person without the grant sees that a run was there, not what it gave', async () => {
  const bob = await server.member(ada, 'bob');
  const eve = await server.member(ada, 'eve');
  const shown = await run(ada, 'SELECT 42 AS secret FROM main.default.t', { notebookId, cellId: 'one' });
  // Everybody may open what lies in /Shared; the table is Ada's.
  const seen = await bob.get(`${api}/runs/${shown.id}`);
  assert.equal(seen.status, 200);
  assert.equal(seen.body.result, null);
  assert.match(seen.body.withheld.message, /SELECT/);
  assert.match(seen.body.withheld.message, /ada@example.com/);
  assert.equal((await bob.get(`${api}/runs/${shown.id}/result`)).status, 403);
  assert.equal((await bob.get(`${api}/runs/${shown.id}/download`)).status, 403);
  const scratch = await run(ada, 'SELECT 1');
  assert.equal((await eve.get(`${api}/runs/${scratch.id}`)).status, 404);
  assert.equal((await eve.send('POST', `${api}/runs/${scratch.id}/cancel`, {})).status, 404);
  const browser = await LiveBrowser.open(server.origin, { cookie: bob.cookie() });
  assert.equal(await browser.follow(`run:${scratch.id}`), false);
  assert.equal(await browser.follow('table:none'), false);
  browser.close();
});

test('what lists names or describes is shown only to who may know of the same, without telling the names', async () => {
  const cas = await server.member(ada, 'cas');
  await run(ada, 'CREATE SCHEMA main.hidden; CREATE TABLE main.hidden.payroll AS SELECT 1 AS salary');
  for (const text of [
    'SHOW SCHEMAS IN main',
    'SHOW TABLES IN main.hidden',
    'SHOW COLUMNS IN main.hidden.payroll',
    'DESCRIBE TABLE main.hidden.payroll',
    'DESCRIBE SCHEMA main.hidden',
    'SHOW GRANTS ON SCHEMA main.hidden',
  ]) {
    const { id, body } = await run(ada, text, { notebookId, cellId: 'one' });
    assert.ok(body.result, `${text}: ${JSON.stringify(body.error)}`);
    const seen = (await cas.get(`${api}/runs/${id}`)).body;
    assert.equal(seen.result, null, text);
    assert.match(seen.withheld.message, /ask.* (ada@example\.com|Ada Lovelace)/i, text);
    assert.doesNotMatch(seen.withheld.message, text.includes('hidden') ? /payroll/ : /hidden/);
    assert.equal((await cas.get(`${api}/runs/${id}/result`)).status, 403);
  }
  const tables = (await run(ada, 'SHOW TABLES IN main.hidden', { notebookId, cellId: 'one' })).id;
  await run(ada, 'GRANT SELECT ON TABLE main.hidden.payroll TO `cas@example.com`');
  await run(ada, 'GRANT USE SCHEMA ON SCHEMA main.hidden TO `cas@example.com`');
  await until(async () => (await cas.get(`${api}/runs/${tables}`)).body.withheld === null);
  assert.deepEqual(await rowsOf(cas, tables), [['hidden', 'payroll', false]]);
  // A member's own list holds what that member may know of, and is theirs to see.
  const own = await run(cas, 'SHOW SCHEMAS IN main', { notebookId, cellId: 'one' });
  assert.equal(own.body.withheld, null);
});

test('a live channel opens for nobody without a session, nor from another site', async () => {
  const refused = async (headers: Record<string, string>) => {
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/live`, { headers });
    return new Promise<string>((resolve) => socket.on('error', (error) => resolve(error.message)));
  };
  assert.match(await refused({ origin: server.origin }), /401/);
  assert.match(await refused({ origin: 'http://evil.example', cookie: ada.cookie() }), /403/);
});

test('whoever joins later gets the log from where they are, without gaps', async () => {
  const { id } = await run(ada, 'SELECT 1 AS a; SELECT 2 AS b; SELECT 3 AS c');
  const browser = await LiveBrowser.open(server.origin, { cookie: ada.cookie() });
  await browser.follow(`run:${id}`, 2);
  await browser.wait((it) => it.type === 'run');
  const seqs = browser.messages.flatMap((it) => (it.type === 'event' ? [it.row.seq] : []));
  assert.deepEqual(seqs, [3, 4, 5, 6]);
  browser.close();
});

test('a result is downloaded as CSV and as Parquet', async () => {
  const { id } = await run(ada, "SELECT 1 AS a, 'x,\"y' AS b");
  const csv = await ada.get(`${api}/runs/${id}/download?format=csv&fileName=Fl%C3%BCge`);
  assert.equal(csv.text.trim(), 'a,b\r\n1,"x,""y"');
  assert.match(csv.headers.get('content-disposition')!, /filename\*=UTF-8''Fl%C3%BCge\.csv/);
  const parquet = await fetch(`${server.origin}${api}/runs/${id}/download?format=parquet`, {
    headers: { cookie: ada.cookie() },
  });
  assert.equal(Buffer.from(await parquet.arrayBuffer()).toString('latin1', 0, 4), 'PAR1');
});

test('the server adds little to a small query: request received to first page sent', async () => {
  const shares: number[] = [];
  for (let index = 0; index < 30; index++) {
    const { id } = await run(ada, 'SELECT 1');
    const { events } = (await ada.get(`${api}/runs/${id}/events`)).body;
    const { timing } = events.at(-1).event;
    shares.push(timing.sentMs + (timing.pageOutMs - timing.pageInMs));
  }
  shares.sort((a, b) => a - b);
  const p50 = shares[15]!;
  console.log(`server's share of select 1: p50 ${p50.toFixed(1)} ms, worst ${shares.at(-1)!.toFixed(1)} ms`);
  // The goal is 10 ms; a busy test machine gets room.
  assert.ok(p50 < 40, `p50 ${p50} ms`);
});

test('killed in the middle of a query, compute loses that run only, and the next query works soon', async () => {
  const slow = randomUUID();
  await ada.send('POST', `${api}/runs`, {
    id: slow,
    text: 'SELECT count(*) FROM range(100000) a CROSS JOIN range(10000000) b WHERE a.id * b.id % 7 = 3',
  });
  await until(async () => (await ada.get(`${api}/runs/${slow}`)).body.state === 'running', 5000);
  assert.equal((await ada.get(`${api}/running`)).body.runs.length, 1);
  await compute!.kill();
  const killedAt = performance.now();
  const [next, replacement] = await Promise.all([run(ada, 'SELECT 2 AS two'), startCompute(server)]);
  compute = replacement;
  assert.equal(next.body.state, 'succeeded', JSON.stringify(next.body.error));
  // The promise is three seconds (held by the crash test); other test files share the machine here.
  assert.ok(performance.now() - killedAt < 8_000, `${performance.now() - killedAt} ms`);
  await until(async () => (await ada.get(`${api}/runs/${slow}`)).body.state === 'lost');
  const lost = (await ada.get(`${api}/runs/${slow}`)).body;
  assert.match(lost.error.message, /Run it again/);
});

test('a running query stops within a second', async () => {
  const slow = randomUUID();
  await ada.send('POST', `${api}/runs`, {
    id: slow,
    text: 'SELECT count(*) FROM range(100000) a CROSS JOIN range(10000000) b WHERE a.id * b.id % 7 = 3',
  });
  await until(async () => (await ada.get(`${api}/runs/${slow}`)).body.state === 'running', 5000);
  const askedAt = performance.now();
  await ada.send('POST', `${api}/runs/${slow}/cancel`, {});
  await until(async () => (await ada.get(`${api}/runs/${slow}`)).body.state === 'cancelled');
  assert.ok(performance.now() - askedAt < 1500);
});
