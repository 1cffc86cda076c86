import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Delta } from '../types.ts';
import { fileCatalog } from './file-catalog.ts';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const columns = [column('app', 'string'), column('n', 'int')];

const start = (appId: string, count: number, kind = 'files'): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, 'committer-process.ts'), room.root, appId, String(count), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test('processes that write side by side, one killed again and again, leave every row exactly once', async () => {
  await room.delta.create('t', { columns });
  await sideBySide('files', room.delta);
});

test('the same is true where a catalog gives out the versions', async () => {
  const delta = room.other({ catalog: fileCatalog(room.store) });
  await delta.create('t', { columns, properties: { 'delta.feature.catalogManaged': 'supported' } });
  await sideBySide('catalog', delta);
});

async function sideBySide(kind: string, delta: Delta): Promise<void> {
  const count = 15;
  const steady = start('steady', count, kind);
  const steadyEnd = once(steady, 'close');
  for (let kill = 0; kill < 2; kill++) {
    const doomed = start('doomed', count, kind);
    await once(doomed.stdout!, 'data');
    await new Promise((resolve) => setTimeout(resolve, 60 + kill * 37));
    doomed.kill('SIGKILL');
    await once(doomed, 'close');
  }
  const last = start('doomed', count, kind);
  await Promise.all([once(last, 'close'), steadyEnd]);
  const snapshot = await delta.snapshot('t');
  const relation = await delta.relation(snapshot, await snapshot.files(), ['app', 'n']);
  const rows = (await room.engine.rows(`SELECT * FROM ${relation} ORDER BY ALL`)).map(({ app, n }) => [app, n]);
  const expected = ['doomed', 'steady'].flatMap((app) => Array.from({ length: count }, (_, index) => [app, index + 1]));
  assert.deepEqual(rows, expected);
  assert.equal(snapshot.version, count * 2);
}
