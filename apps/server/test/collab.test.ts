import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addCell, documentVersion, readCells, sourceOf } from '@boathouse/notebook';
import * as Y from 'yjs';
import { type Client, startServer, type TestServer } from './harness.ts';
import { join, type Room, until } from './room.ts';

let server: TestServer;
let ada: Client;
let bob: Client;
before(async () => {
  server = await startServer();
  ada = await server.administrator();
  bob = await server.member(ada, 'bob');
});
after(() => server.stop());

const api = '/api/2.0/boathouse';

const savedUpTo = (room: Room) =>
  room.messages.some((message) => message.type === 'saved' && message.version === documentVersion(room.doc));

async function newNotebook(client: Client, name: string) {
  const { body } = await client.send('POST', `${api}/objects`, { kind: 'notebook', name });
  const notebook = (await client.get(`${api}/notebooks/${body.id}`)).body;
  return { id: body.id as string, documentName: notebook.documentName as string };
}
const share = async (id: string, level: string) =>
  ada.send('PUT', `${api}/objects/${id}/grants/${(await bob.get(`${api}/me`)).body.userId}`, { level });

test('two people see each other type, and both are told when it is saved', async () => {
  const { id, documentName } = await newNotebook(ada, 'together');
  await share(id, 'edit');
  const [one, two] = [await join(server.origin, ada, documentName), await join(server.origin, bob, documentName)];
  assert.equal(readCells(one.doc).length, 1);
  const cell = readCells(one.doc)[0]!.id;
  const startedAt = performance.now();
  sourceOf(one.doc, cell)!.insert(0, 'select 1');
  await until(() => readCells(two.doc)[0]!.source === 'select 1', 'the other sees the text');
  assert.ok(performance.now() - startedAt < 200, `${performance.now() - startedAt} ms`);
  addCell(two.doc, { id: 'second', kind: 'markdown', source: '# Bob' });
  await until(() => readCells(one.doc).length === 2, 'the new cell is seen');
  await until(() => savedUpTo(one) && savedUpTo(two), 'both are told that it is saved');
  const cells = (await bob.get(`${api}/notebooks/${id}/cells`)).body;
  assert.deepEqual(
    cells.cells.map((entry: { source: string }) => entry.source),
    ['select 1', '# Bob'],
  );
  assert.equal(cells.documentVersion, documentVersion(one.doc));
  one.close();
  two.close();
  const again = await join(server.origin, bob, documentName);
  assert.equal(readCells(again.doc)[0]!.source, 'select 1', 'it is there when everybody has left and one comes back');
  await until(() => savedUpTo(again), 'who joins learns that all is saved');
  again.close();
});

test('a viewer sees edits and cannot make any, a stranger sees nothing', async () => {
  const { id, documentName } = await newNotebook(ada, 'to be seen');
  await assert.rejects(join(server.origin, bob, documentName), /not-found/);
  await share(id, 'view');
  const viewer = await join(server.origin, bob, documentName);
  const owner = await join(server.origin, ada, documentName);
  addCell(viewer.doc, { id: 'sneaky', kind: 'sql', source: 'drop table t' });
  addCell(owner.doc, { id: 'fine', kind: 'sql', source: 'select 2' });
  await until(() => readCells(viewer.doc).some((cell) => cell.id === 'fine'), 'the viewer sees the edit');
  await until(() => savedUpTo(owner), 'the owner is saved');
  assert.ok(!readCells(owner.doc).some((cell) => cell.id === 'sneaky'));
  viewer.close();
  owner.close();
});

test('who loses access is let go, and who is made a viewer can write no more', async () => {
  const { id, documentName } = await newNotebook(ada, 'for a while');
  await share(id, 'edit');
  const guest = await join(server.origin, bob, documentName);
  const owner = await join(server.origin, ada, documentName);
  await share(id, 'view');
  await new Promise((resolve) => setTimeout(resolve, 200));
  addCell(guest.doc, { id: 'late', kind: 'sql' });
  let closed = false;
  guest.provider.on('close', () => {
    closed = true;
  });
  await ada.send('DELETE', `${api}/objects/${id}/grants/${(await bob.get(`${api}/me`)).body.userId}`);
  await until(() => closed, 'the guest is let go');
  assert.ok(!readCells(owner.doc).some((cell) => cell.id === 'late'));
  guest.close();
  owner.close();
});

test('another site cannot open a notebook with the cookie of a signed-in person', async () => {
  const { documentName } = await newNotebook(ada, 'mine');
  await assert.rejects(join(server.origin, ada, documentName, { origin: 'http://evil.example' }), /closed/);
  await assert.rejects(join(server.origin, server.client(), documentName), /closed/);
});

test('the server shows who a cursor belongs to, whatever the browser claims', async () => {
  const { id, documentName } = await newNotebook(ada, 'cursors');
  await share(id, 'view');
  const owner = await join(server.origin, ada, documentName);
  const guest = await join(server.origin, bob, documentName);
  guest.provider.setAwarenessField('user', { name: 'Ada Lovelace', color: 'red' });
  const seen = () =>
    [...owner.provider.awareness!.getStates().values()]
      .map((state) => state.user)
      .filter((user) => user?.color === 'red');
  await until(() => seen().length === 1, 'the cursor is seen');
  assert.equal(seen()[0].name, 'bob');
  assert.equal(owner.provider.awareness!.getStates().size, 2, 'two people, no ghosts');
  owner.close();
  guest.close();
});

test('a run waits for the text that its person sees, deletions included', async () => {
  const { id, documentName } = await newNotebook(ada, 'seen is run');
  const { documents } = server.app.services;
  const room = await join(server.origin, ada, documentName);
  const cell = readCells(room.doc)[0]!.id;
  sourceOf(room.doc, cell)!.insert(0, 'select 12');
  const typed = documentVersion(room.doc);
  const read = await documents.read(id, typed);
  assert.equal(read.cells[0]!.source, 'select 12');
  assert.equal(read.documentVersion, typed);
  sourceOf(room.doc, cell)!.delete(8, 1);
  assert.equal((await documents.read(id, documentVersion(room.doc))).cells[0]!.source, 'select 1');
  const offline = new Y.Doc();
  Y.applyUpdate(offline, Y.encodeStateAsUpdate(room.doc));
  sourceOf(offline, cell)!.insert(0, '-- never sent ');
  await assert.rejects(documents.read(id, documentVersion(offline)), { code: 'DOCUMENT_BEHIND' });
  await assert.rejects(documents.read(id, 'nonsense'), { code: 'INVALID_PARAMETER_VALUE' });
  room.close();
});

test('a replaced document sends everybody to the new one, and an old copy cannot come back', async () => {
  const { id, documentName } = await newNotebook(ada, 'imported over');
  const room = await join(server.origin, ada, documentName);
  addCell(room.doc, { id: 'old', kind: 'sql', source: 'select old' });
  await until(() => savedUpTo(room), 'saved');
  await server.app.services.documents.replace(id, [{ id: 'new', kind: 'sql', source: 'select new' }]);
  await until(() => room.messages.some((message) => message.type === 'replaced'), 'the person is told');
  await assert.rejects(join(server.origin, ada, documentName), /replaced/);
  const { documentName: next } = (await ada.get(`${api}/notebooks/${id}`)).body;
  const fresh = await join(server.origin, ada, next);
  assert.deepEqual(
    readCells(fresh.doc).map((cell) => cell.id),
    ['new'],
  );
  room.close();
  fresh.close();
});

test('text typed while the database is away is stored when it is back', async () => {
  const { id, documentName } = await newNotebook(ada, 'through the storm');
  const room = await join(server.origin, ada, documentName);
  const cell = readCells(room.doc)[0]!.id;
  const { pool } = server.app.services;
  await pool.query('alter table notebook_document rename to notebook_document_away');
  sourceOf(room.doc, cell)!.insert(0, 'select 1');
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.ok(!savedUpTo(room), 'what is not stored is not called saved');
  await pool.query('alter table notebook_document_away rename to notebook_document');
  await until(() => savedUpTo(room), 'it is stored in the end', 20_000);
  room.close();
  assert.equal((await ada.get(`${api}/notebooks/${id}/cells`)).body.cells[0].source, 'select 1');
});

test('a notebook is copied and downloaded with all its cells', async () => {
  const { id } = await newNotebook(ada, 'original');
  await server.app.services.documents.replace(id, [
    { id: 'a', kind: 'markdown', source: '# Title' },
    { id: 'b', kind: 'typescript', source: 'display(1)' },
  ]);
  const copy = (await ada.send('POST', `${api}/notebooks/${id}/duplicate`)).body;
  assert.equal(copy.name, 'original copy');
  const source = await ada.get(`${api}/notebooks/${copy.id}/source`);
  assert.equal(
    source.text,
    '-- Databricks notebook source\n-- MAGIC %md\n-- MAGIC # Title\n\n-- COMMAND ----------\n\n-- MAGIC %typescript\n-- MAGIC display(1)\n',
  );
});
