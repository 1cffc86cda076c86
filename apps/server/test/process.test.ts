import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { documentVersion, readCells, sourceOf } from '@boathouse/notebook';
import { startPostgres } from '../../../scripts/test/postgres.ts';
import type { ServerConfig } from '../config.ts';
import { createClient, password, testConfig } from './harness.ts';
import { spawnServer } from './process.ts';
import { join, until } from './room.ts';

let config: ServerConfig;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
before(async () => {
  postgres = await startPostgres();
  config = await testConfig(postgres.url);
});
after(async () => {
  await postgres.stop();
  await rm(config.home, { recursive: true, force: true });
});

const api = '/api/2.0/boathouse';

test('what was shown as saved is there after the server is killed, and so is who was signed in', async () => {
  const first = await spawnServer(config);
  const ada = createClient(first.origin);
  await ada.send('POST', `${api}/setup`, { name: 'Ada', email: 'ada@example.com', password });
  const { id } = (await ada.send('POST', `${api}/objects`, { kind: 'notebook', name: 'precious' })).body;
  const { documentName } = (await ada.get(`${api}/notebooks/${id}`)).body;
  const room = await join(first.origin, ada, documentName);
  const cell = readCells(room.doc)[0]!.id;
  for (let line = 1; line <= 20; line++) {
    sourceOf(room.doc, cell)!.insert(0, `-- line ${line}\n`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await until(
    () => room.messages.some((message) => message.type === 'saved' && message.version === documentVersion(room.doc)),
    'saved',
  );
  const saved = readCells(room.doc)[0]!.source;
  first.child.kill('SIGKILL');
  await first.exited;
  room.close();

  const second = await spawnServer(config);
  const again = createClient(second.origin);
  const { body } = await again.send('GET', `${api}/notebooks/${id}/cells`, undefined, { cookie: ada.cookie() });
  assert.equal(body.cells[0].source, saved);
  second.child.kill('SIGTERM');
  assert.equal(await second.exited, 0);
});

test('a server that is told to stop stores what is open, lets people go, and ends within three seconds', async () => {
  const server = await spawnServer(config);
  const ada = createClient(server.origin);
  await ada.send('POST', '/api/auth/sign-in/email', { email: 'ada@example.com', password });
  const { id } = (await ada.send('POST', `${api}/objects`, { kind: 'notebook', name: 'at the last moment' })).body;
  const { documentName } = (await ada.get(`${api}/notebooks/${id}`)).body;
  const room = await join(server.origin, ada, documentName);
  sourceOf(room.doc, readCells(room.doc)[0]!.id)!.insert(0, 'select now()');
  await until(() => !room.provider.hasUnsyncedChanges, 'the server has it');
  const startedAt = performance.now();
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  assert.ok(performance.now() - startedAt < 3_000, `${performance.now() - startedAt} ms`);
  room.close();
  const next = await spawnServer(config);
  const { body } = await createClient(next.origin).send('GET', `${api}/notebooks/${id}/cells`, undefined, {
    cookie: ada.cookie(),
  });
  assert.equal(body.cells[0].source, 'select now()');
  next.child.kill('SIGTERM');
  await next.exited;
});

test('a server that loses its supervisor ends within two seconds', async () => {
  const server = await spawnServer(config);
  const startedAt = performance.now();
  server.child.disconnect();
  await server.exited;
  assert.ok(performance.now() - startedAt < 2_000, `${performance.now() - startedAt} ms`);
});

test('a port in use is told in one sentence', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  assert.ok(address && typeof address === 'object');
  await assert.rejects(spawnServer({ ...config, port: address.port }), /Port \d+ is in use/);
  blocker.close();
});
