import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChartSpec, type DashboardTileView, type RunState, type RunSummary } from '@boathouse/contracts';
import { tileWith } from './tile-news.ts';

const run = (id: string, state: RunState, createdAtMs: number): RunSummary => ({
  id,
  kind: 'tile',
  state,
  notebookId: null,
  cellId: null,
  principalId: 'ada',
  principalName: 'Ada',
  engine: 'duckdb',
  codeHash: '',
  documentVersion: null,
  text: 'select 1',
  createdAtMs,
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
});
const tile = (shown: RunSummary | null, latest: RunSummary | null): DashboardTileView => ({
  id: 't',
  title: 'Flights',
  query: 'select 1',
  catalog: 'main',
  schema: 'default',
  chart: ChartSpec.parse({}),
  layout: { x: 0, y: 0, w: 6, h: 8 },
  live: true,
  publisherId: 'ada',
  publisherName: 'Ada',
  shown,
  latest,
});
const ids = ({ shown, latest }: DashboardTileView) => [shown?.id ?? null, latest?.id ?? null];

test('an answer stays on show while the next run is under way', () => {
  assert.deepEqual(ids(tileWith(tile(run('a', 'succeeded', 1), null), run('b', 'running', 2))), ['a', 'b']);
});

test('an answer that succeeded takes the place of the one before', () => {
  const before = tile(run('a', 'succeeded', 1), run('b', 'running', 2));
  assert.deepEqual(ids(tileWith(before, run('b', 'succeeded', 2))), ['b', null]);
});

test('a failed run is told beside the answer that stays', () => {
  const before = tile(run('a', 'succeeded', 1), run('b', 'running', 2));
  const after = tileWith(before, run('b', 'failed', 2));
  assert.deepEqual(ids(after), ['a', 'b']);
  assert.equal(after.latest?.state, 'failed');
});

test('news that come late change nothing', () => {
  const before = tile(run('b', 'succeeded', 2), null);
  assert.equal(tileWith(before, run('a', 'succeeded', 1)), before);
  assert.equal(tileWith(before, run('a', 'failed', 1)), before);
});

test('a younger run that is under way is not forgotten when an older one ends', () => {
  const before = tile(run('a', 'succeeded', 1), run('c', 'running', 3));
  assert.deepEqual(ids(tileWith(before, run('b', 'succeeded', 2))), ['b', 'c']);
});
