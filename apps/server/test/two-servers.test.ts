import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { addCell, documentVersion, readCells, sourceOf } from '@boathouse/notebook';
import { pino } from 'pino';
import * as Y from 'yjs';
import { createApp } from '../app.ts';
import { COLLAB_CHANNEL } from '../collab/peers.ts';
import { until } from '../compute/test/stand-in.ts';
import { startCompute, type TestCompute } from './compute.ts';
import { type Client, createClient, startServer, type TestServer } from './harness.ts';
import { LiveBrowser } from './live.ts';
import { join, type Room } from './room.ts';

const api = '/api/2.0/boathouse';
let one: TestServer;
let two: Awaited<ReturnType<typeof createApp>>;
let compute: TestCompute | undefined;
let atOne: Client;
let atTwo: Client;
let originTwo: string;
before(async () => {
  one = await startServer();
  atOne = await one.administrator();
  compute = await startCompute(one);
  // A second server over the same database and storage.
  two = await createApp({ ...one.config, port: 0 }, pino({ level: 'silent' }));
  originTwo = `http://127.0.0.1:${two.port}`;
  const token = (await atOne.send('POST', `${api}/tokens`, { comment: 'second server' })).body.token;
  atTwo = createClient(originTwo, token);
});
after(async () => {
  await two.close();
  await compute?.stop();
  await one.stop();
});

const slow = 'SELECT count(*) FROM range(100000) a CROSS JOIN range(10000000) b WHERE a.id * b.id % 7 = 3';

test('a run at one server is followed live at the other', async () => {
  const id = randomUUID();
  const browser = await LiveBrowser.open(originTwo, { cookie: atOne.cookie() });
  const started = await atOne.send('POST', `${api}/runs`, { id, text: 'SELECT 1 AS a; SELECT 2 AS b' });
  assert.equal(started.status, 200);
  assert.ok(await browser.follow(`run:${id}`));
  await browser.wait((it) => it.type === 'run' && it.run.state === 'succeeded');
  await until(() => browser.messages.some((it) => it.type === 'event' && it.row.event.type === 'finished'));
  const seqs = browser.messages.flatMap((it) => (it.type === 'event' ? [it.row.seq] : []));
  assert.deepEqual(
    seqs,
    seqs.map((_seq, index) => index + 1),
  );
  browser.close();
});

test('a run at one server is stopped through the other', async () => {
  const id = randomUUID();
  await atOne.send('POST', `${api}/runs`, { id, text: slow });
  await until(async () => (await atTwo.get(`${api}/runs/${id}`)).body.state === 'running');
  assert.equal((await atTwo.send('POST', `${api}/runs/${id}/cancel`, {})).status, 200);
  await until(async () => (await atTwo.get(`${api}/runs/${id}`)).body.state === 'cancelled');
});

test('a request that reaches both servers starts one run', async () => {
  const id = randomUUID();
  const body = { id, text: 'SELECT 3 AS c' };
  const answers = await Promise.all([atOne.send('POST', `${api}/runs`, body), atTwo.send('POST', `${api}/runs`, body)]);
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200],
  );
  const { rows } = await one.app.services.pool.query(
    `SELECT count(*)::int AS n FROM run_event WHERE "runId" = $1 AND event->>'type' = 'queued'`,
    [id],
  );
  assert.equal(rows[0].n, 1);
});

const savedUpTo = (room: Room) =>
  room.messages.some((message) => message.type === 'saved' && message.version === documentVersion(room.doc));
const cursorsOf = (room: Room) =>
  [...room.provider.awareness!.getStates().values()].flatMap((state) => (state.cursor ? [state.cursor] : []));

test('two people in one notebook at two servers see each other type and move, and are told when it is saved', async () => {
  const { id } = (await atOne.send('POST', `${api}/objects`, { kind: 'notebook', name: 'across' })).body;
  const { documentName } = (await atOne.get(`${api}/notebooks/${id}`)).body;
  const here = await join(one.origin, atOne, documentName);
  const cell = readCells(here.doc)[0]!.id;
  sourceOf(here.doc, cell)!.insert(0, 'select 1');
  // Whoever joins elsewhere has what is not stored yet, too.
  const there = await join(originTwo, atOne, documentName);
  await until(() => readCells(there.doc)[0]?.source === 'select 1');
  sourceOf(there.doc, cell)!.insert(8, ' + 2');
  await until(() => readCells(here.doc)[0]!.source === 'select 1 + 2');
  sourceOf(here.doc, cell)!.delete(8, 2);
  addCell(there.doc, { id: 'pasted', kind: 'markdown', source: 'long '.repeat(10_000) });
  await until(() => readCells(there.doc)[0]!.source === 'select 1 2' && readCells(here.doc).length === 2);
  await until(() => documentVersion(here.doc) === documentVersion(there.doc) && savedUpTo(here) && savedUpTo(there));
  here.provider.setAwarenessField('cursor', 'here');
  there.provider.setAwarenessField('cursor', 'there');
  await until(() => [here, there].every((room) => cursorsOf(room).toSorted().join() === 'here,there'));
  there.close();
  await until(() => cursorsOf(here).join() === 'here');
  const typed = documentVersion(here.doc);
  here.close();
  assert.equal((await atTwo.get(`${api}/notebooks/${id}/cells`)).body.documentVersion, typed);
});

test('what a server has told of an edit and not stored when it died is stored by the other', async () => {
  const { id } = (await atOne.send('POST', `${api}/objects`, { kind: 'notebook', name: 'inherited' })).body;
  const { documentName } = (await atOne.get(`${api}/notebooks/${id}`)).body;
  const room = await join(one.origin, atOne, documentName);
  const elsewhere = new Y.Doc();
  Y.applyUpdate(elsewhere, Y.encodeStateAsUpdate(room.doc));
  const before = Y.encodeStateVector(elsewhere);
  sourceOf(elsewhere, readCells(elsewhere)[0]!.id)!.insert(0, 'select 7');
  const bytes = Buffer.from(Y.encodeStateAsUpdate(elsewhere, before)).toString('base64');
  const told = JSON.stringify({ from: 'a server that died', document: documentName, kind: 'update', bytes });
  await one.app.services.pool.query('SELECT pg_notify($1, $2)', [COLLAB_CHANNEL, told]);
  await until(() => readCells(room.doc)[0]!.source === 'select 7');
  await until(() => savedUpTo(room));
  room.close();
  assert.equal((await atTwo.get(`${api}/notebooks/${id}/cells`)).body.cells[0].source, 'select 7');
});
