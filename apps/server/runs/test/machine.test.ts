import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, RunState } from '@boathouse/contracts';
import { advance, LOST_ERROR, newProgress, type RunProgress } from '../machine.ts';
import { inWholeText } from '../position.ts';

const started: RunEvent = { type: 'started', computeId: 'c1', engine: 'duckdb' };
const read: RunEvent = {
  type: 'read',
  read: { tableId: 't', fullName: 'main.default.t', version: 3, filesRead: 1, filesTotal: 1, bytesRead: 10 },
};
const finished = (state: 'succeeded' | 'failed' | 'cancelled' | 'lost'): RunEvent => ({ type: 'finished', state });
const run = (state: RunState): RunProgress => ({
  ...newProgress('duckdb'),
  state,
  computeId: state === 'queued' ? null : 'c1',
});

const table: { from: RunState; event: RunEvent; to: RunState | 'ignored' }[] = [
  { from: 'queued', event: started, to: 'running' },
  { from: 'queued', event: finished('failed'), to: 'failed' },
  { from: 'queued', event: finished('succeeded'), to: 'succeeded' },
  { from: 'queued', event: { type: 'queued' }, to: 'ignored' },
  { from: 'running', event: started, to: 'ignored' },
  { from: 'running', event: { ...started, computeId: 'c2' }, to: 'running' },
  { from: 'running', event: { type: 'stream', name: 'stdout', text: 'hi' }, to: 'running' },
  { from: 'running', event: finished('succeeded'), to: 'succeeded' },
  { from: 'running', event: finished('cancelled'), to: 'cancelled' },
  { from: 'running', event: finished('lost'), to: 'lost' },
  { from: 'succeeded', event: finished('lost'), to: 'ignored' },
  { from: 'failed', event: started, to: 'ignored' },
  { from: 'cancelled', event: finished('succeeded'), to: 'ignored' },
  { from: 'lost', event: finished('succeeded'), to: 'ignored' },
];
for (const { from, event, to } of table) {
  const what = event.type === 'finished' ? `an end as ${event.state}` : event.type;
  test(`a ${from} run that hears of ${what} is ${to === 'ignored' ? 'unchanged' : to}`, () => {
    assert.equal(advance(run(from), event, 1)?.state ?? 'ignored', to);
  });
}

test('a version that is reported twice is read once', () => {
  const once = advance(run('running'), read, 1);
  assert.equal(once?.reads.length, 1);
  assert.equal(advance(once!, read, 2), null);
});

test('a lost run says plainly what to do', () => {
  const lost = advance(run('running'), { type: 'finished', state: 'lost', error: LOST_ERROR }, 5);
  assert.match(lost!.error!.message, /Run it again/);
  assert.equal(lost!.endedAtMs, 5);
});

test('an error in the second statement of a cell points into the whole cell', () => {
  const text = 'SELECT 1;\n  SELECT x';
  const error = {
    code: 'E',
    message: 'm',
    fault: 'user' as const,
    status: 400,
    position: { line: 1, column: 8, start: 7, end: 8 },
  };
  assert.deepEqual(inWholeText(error, text, text.indexOf('SELECT x')).position, {
    line: 2,
    column: 10,
    start: 19,
    end: 20,
  });
});
