import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WakeEvent, type WakeState, wake } from './wake.ts';

const table: { from: WakeState['state']; event: WakeEvent; to: WakeState['state']; start: boolean }[] = [
  { from: 'idle', event: 'commit', to: 'running', start: true },
  { from: 'idle', event: 'run ended', to: 'idle', start: false },
  { from: 'running', event: 'commit', to: 'running and due', start: false },
  { from: 'running', event: 'run ended', to: 'idle', start: false },
  { from: 'running and due', event: 'commit', to: 'running and due', start: false },
  { from: 'running and due', event: 'run ended', to: 'running', start: true },
];
for (const { from, event, to, start } of table) {
  test(`a tile that is ${from} ${start ? 'starts a run' : 'starts nothing'} on "${event}" and is ${to}`, () => {
    assert.deepEqual(wake({ state: from } as WakeState, event), { next: { state: to }, start });
  });
}

test('a hundred commits during one run lead to one more run, which is begun after the last of them', () => {
  let tile: WakeState = { state: 'idle' };
  let started = 0;
  const hear = (event: WakeEvent) => {
    const { next, start } = wake(tile, event);
    tile = next;
    if (start) started++;
  };
  for (let commit = 0; commit < 100; commit++) hear('commit');
  assert.equal(started, 1);
  hear('run ended');
  assert.equal(started, 2);
  hear('run ended');
  assert.equal(tile.state, 'idle');
});
