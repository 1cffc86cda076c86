import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChartSpec, Column } from '@boathouse/contracts';
import { type ChartRows, prepareChart, suggestChart } from './prepare.ts';

const column = (name: string, type: string): Column => ({ name, type, nullable: true });

function rowsOf(columns: Column[], values: (number | string | null)[][], totalRows = values.length): ChartRows {
  return { columns, rowCount: values.length, totalRows, value: (row, at) => values[row]![at] ?? null };
}

const flights = rowsOf(
  [column('origin', 'string'), column('carrier', 'string'), column('delay', 'int')],
  [
    ['ATL', 'DL', 10],
    ['ATL', 'AA', null],
    ['ORD', 'DL', 4],
    ['ATL', 'DL', 20],
  ],
);
const spec = (given: Partial<ChartSpec>): ChartSpec => ({
  kind: 'bar',
  x: 'origin',
  y: ['delay'],
  color: null,
  aggregation: 'none',
  ...given,
});

test('a bar chart averages the rows of one x and leaves a missing value out', () => {
  const chart = prepareChart(flights, spec({ aggregation: 'avg' }));
  assert.deepEqual(
    chart.points.map((point) => [point.x, point.values.s0]),
    [
      ['ATL', 15],
      ['ORD', 4],
    ],
  );
});

test('a colour makes one series a value, and a pair that never occurs is a gap and not a zero', () => {
  const chart = prepareChart(flights, spec({ aggregation: 'sum', color: 'carrier' }));
  assert.deepEqual(
    chart.series.map((series) => series.label),
    ['DL', 'AA'],
  );
  assert.deepEqual(chart.points[0]!.values, { s0: 30, s1: null });
  assert.deepEqual(chart.points[1]!.values, { s0: 4, s1: null });
});

test('counting rows needs no column for y', () => {
  const chart = prepareChart(flights, spec({ aggregation: 'count', y: [] }));
  assert.deepEqual(
    chart.points.map((point) => point.values.s0),
    [3, 1],
  );
});

test('text cannot be y, and the chart says what to choose', () => {
  assert.match(prepareChart(flights, spec({ y: ['carrier'] })).problem ?? '', /choose a number/);
  assert.match(prepareChart(flights, spec({ x: 'gone' })).problem ?? '', /Choose a column for x/);
});

test('a scatter of more points than can be drawn says how many of how many', () => {
  const many = Array.from({ length: 2500 }, (_, index) => [index, index % 7]);
  const chart = prepareChart(
    rowsOf([column('a', 'int'), column('b', 'int')], many),
    spec({ kind: 'scatter', x: 'a', y: ['b'] }),
  );
  assert.equal(chart.points.length, 2000);
  assert.deepEqual(chart.cut, { shown: 2000, total: 2500, of: 'points' });
});

test('a line over time is in the order of time, whatever the order of the rows', () => {
  const rows = rowsOf(
    [column('day', 'date'), column('n', 'bigint')],
    [
      [3, 1],
      [1, 2],
      [2, 3],
    ],
  );
  const chart = prepareChart(rows, spec({ kind: 'line', x: 'day', y: ['n'] }));
  assert.equal(chart.xScale, 'time');
  assert.deepEqual(
    chart.points.map((point) => point.x),
    [1, 2, 3],
  );
});

test('a chart of the first rows of a longer result says so', () => {
  assert.deepEqual(prepareChart({ ...flights, totalRows: 100 }, spec({ aggregation: 'sum' })).cut, {
    shown: 4,
    total: 100,
    of: 'rows',
  });
});

test('the suggested chart sets a number against text or time', () => {
  assert.deepEqual(suggestChart(flights.columns), {
    kind: 'bar',
    x: 'origin',
    y: ['delay'],
    color: null,
    aggregation: 'none',
  });
});
