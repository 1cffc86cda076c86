import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { column, openRoom, type Room } from './support.ts';

let room: Room;
beforeEach(async () => {
  room = await openRoom();
  await room.delta.create('t', { columns: [column('app', 'string'), column('n', 'int')] });
});
afterEach(() => room.close());

const start = (appId: string, count: number): ChildProcess =>
  spawn(process.execPath, [join(import.meta.dirname, 'committer-process.ts'), room.root, appId, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

test('processes that write side by side, one killed again and again, leave every row exactly once', async () => {
  const count = 15;
  const steady = start('steady', count);
  const steadyEnd = once(steady, 'close');
  for (let kill = 0; kill < 2; kill++) {
    const doomed = start('doomed', count);
    await once(doomed.stdout!, 'data');
    await new Promise((resolve) => setTimeout(resolve, 60 + kill * 37));
    doomed.kill('SIGKILL');
    await once(doomed, 'close');
  }
  const last = start('doomed', count);
  await Promise.all([once(last, 'close'), steadyEnd]);
  const rows = await room.read('t');
  const expected = ['doomed', 'steady'].flatMap((app) => Array.from({ length: count }, (_, index) => [app, index + 1]));
  assert.deepEqual(rows, expected);
  assert.equal(await room.delta.latestVersion('t'), count * 2);
});
