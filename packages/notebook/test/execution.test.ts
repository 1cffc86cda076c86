import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, RunSummary } from '@boathouse/contracts';
import {
  activeRuns,
  apply,
  cellStatus,
  type Effect,
  type Execution,
  newExecution,
  type Operation,
  runOf,
} from '../index.ts';

const summaryOf = (change: Partial<RunSummary> = {}): RunSummary => ({
  id: 'r1',
  kind: 'cell',
  state: 'queued',
  notebookId: 'n',
  cellId: 'c',
  principalId: 'u',
  principalName: 'Ada',
  engine: 'duckdb',
  codeHash: 'h1',
  documentVersion: null,
  text: 'select 1',
  createdAtMs: 100,
  startedAtMs: null,
  endedAtMs: null,
  engineMs: null,
  totalMs: null,
  error: null,
  result: null,
  reads: [],
  writes: [],
  withheld: null,
  stale: [],
  lastSeq: 1,
  ...change,
});
const event = (seq: number, body: RunEvent, runId = 'r1'): Operation => ({
  type: 'event',
  row: { runId, seq, atMs: 1_000 + seq, event: body },
});
const summary = (change?: Partial<RunSummary>): Operation => ({ type: 'summary', run: summaryOf(change) });
const requested = (runId = 'r1', atMs = 90): Operation => ({
  type: 'requested',
  runId,
  cellId: 'c',
  codeHash: 'h1',
  principalId: 'u',
  principalName: 'Ada',
  atMs,
});
const started: RunEvent = { type: 'started', computeId: 'k', engine: 'duckdb' };
const finished = (state: 'succeeded' | 'failed' | 'cancelled' | 'lost'): RunEvent => ({ type: 'finished', state });

function play(operations: Operation[]): { state: Execution; effects: Effect[] } {
  let state = newExecution();
  const effects: Effect[] = [];
  for (const operation of operations) {
    const step = apply(state, operation);
    state = step.state;
    effects.push(...step.effects);
  }
  return { state, effects };
}
const statusOf = (operations: Operation[], hash = 'h1') => cellStatus(play(operations).state, 'c', hash).status;
const full = [requested(), event(1, { type: 'queued' }), event(2, started)];

const table: [string, Operation[], string][] = [
  ['never run is idle', [], 'idle'],
  ['is queued as soon as run was pressed', [requested()], 'queued'],
  ['runs when the log says so', full, 'running'],
  ['is running by a summary alone', [summary({ state: 'running' })], 'running'],
  ['has succeeded', [...full, event(3, finished('succeeded'))], 'succeeded'],
  ['has failed', [...full, event(3, finished('failed'))], 'failed'],
  ['was stopped', [...full, event(3, finished('cancelled'))], 'cancelled'],
  ['was lost', [...full, event(3, finished('lost'))], 'lost'],
  ['does not run again by a late event', [...full, event(3, finished('succeeded')), event(4, started)], 'succeeded'],
  [
    'does not run again by an older summary',
    [...full, event(3, finished('lost')), summary({ state: 'running', lastSeq: 2 })],
    'lost',
  ],
  [
    'was refused',
    [
      requested(),
      { type: 'refused', runId: 'r1', error: { code: 'X', message: 'no', fault: 'user', status: 400 }, atMs: 95 },
    ],
    'failed',
  ],
  [
    'is not refused once it was confirmed',
    [
      ...full,
      { type: 'refused', runId: 'r1', error: { code: 'X', message: 'no', fault: 'user', status: 400 }, atMs: 95 },
    ],
    'running',
  ],
  [
    'shows the newer of two runs, whichever came first',
    [summary({ id: 'r2', createdAtMs: 200, state: 'failed' }), summary({ state: 'succeeded' })],
    'failed',
  ],
  ['follows a run again', [...full, event(3, finished('failed')), requested('r2', 5_000)], 'queued'],
  ['is forgotten with its cell', [...full, { type: 'cellDeleted', cellId: 'c' }], 'idle'],
];
for (const [title, operations, expected] of table) {
  test(`a cell ${title}`, () => assert.equal(statusOf(operations), expected));
}

test('a result is stale when its code or a table that it read has moved on', () => {
  const ran = [
    ...full,
    event(3, {
      type: 'read',
      read: { tableId: 't', fullName: 'main.a.t', version: 3, filesRead: 1, filesTotal: 1, bytesRead: 1 },
    }),
    event(4, finished('succeeded')),
  ];
  assert.equal(statusOf(ran, 'h2'), 'stale');
  assert.equal(statusOf([...ran, { type: 'tableChanged', fullName: 'main.a.t', version: 3 }]), 'succeeded');
  const { state } = play([
    ...ran,
    { type: 'tableChanged', fullName: 'main.a.t', version: 4 },
    { type: 'tableChanged', fullName: 'main.a.t', version: 5 },
  ]);
  const status = cellStatus(state, 'c', 'h1');
  assert.ok(status.status === 'stale');
  assert.deepEqual(status.tables, [{ fullName: 'main.a.t', readVersion: 3, latestVersion: 5 }]);
});

test('output is put together once and in order, whatever arrives twice', () => {
  const say = (seq: number, text: string) => event(seq, { type: 'stream', name: 'stdout', text });
  const { state } = play([
    ...full,
    say(3, 'a'),
    say(4, 'b'),
    say(4, 'b'),
    say(3, 'a'),
    event(5, { type: 'display', data: { 'text/plain': 'x' } }),
    say(6, 'c'),
  ]);
  assert.deepEqual(runOf(state, 'c')!.outputs, [
    { type: 'stream', name: 'stdout', text: 'ab' },
    { type: 'display', data: { 'text/plain': 'x' } },
    { type: 'stream', name: 'stdout', text: 'c' },
  ]);
});

test('a gap in the log asks for what is missing and shows nothing out of order', () => {
  const { state, effects } = play([...full, event(4, { type: 'stream', name: 'stdout', text: 'later' })]);
  assert.deepEqual(effects, [{ type: 'readLog', runId: 'r1', after: 2 }]);
  assert.deepEqual(runOf(state, 'c')!.outputs, []);
  assert.equal(runOf(state, 'c')!.lastSeq, 4);
});

test('a summary met after a reload asks for the log, unless its output is withheld', () => {
  assert.deepEqual(play([summary({ state: 'succeeded', lastSeq: 4 })]).effects, [
    { type: 'readLog', runId: 'r1', after: 0 },
  ]);
  assert.deepEqual(play([summary({ state: 'succeeded', lastSeq: 4, withheld: { message: 'ask Bob' } })]).effects, []);
});

test('what can be stopped is listed oldest first', () => {
  const { state } = play([
    summary({ id: 'r2', cellId: 'd', createdAtMs: 300 }),
    summary({ state: 'running' }),
    summary({ id: 'r3', cellId: 'e', state: 'lost' }),
  ]);
  assert.deepEqual(
    activeRuns(state).map((run) => run.id),
    ['r1', 'r2'],
  );
});
