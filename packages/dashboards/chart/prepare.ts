import type { ChartAggregation, ChartSpec, Column } from '@boathouse/contracts';

/** Reads a result for a chart: values by row and column as plain JavaScript (numbers, text, null; times in ms). */
export interface ChartRows {
  columns: Column[];
  rowCount: number;
  /** Rows of the whole result, where `rowCount` are only its beginning. */
  totalRows: number;
  value: (row: number, column: number) => number | string | boolean | null;
}

export interface Series {
  key: string;
  label: string;
}

/** A point by x: the value of each series; null is a gap, never a zero. */
export interface ChartPoint {
  x: string | number;
  label: string;
  values: Record<string, number | null>;
}

export interface PreparedChart {
  kind: ChartSpec['kind'];
  /** How x is laid out: categories in the order of their appearance, or a scale. */
  xScale: 'category' | 'number' | 'time';
  series: Series[];
  points: ChartPoint[];
  /** Set where not everything is drawn: "2,000 of 31,204 points". */
  cut: { shown: number; total: number; of: 'points' | 'rows' | 'series' } | null;
  /** Why nothing can be drawn: what to choose. */
  problem: string | null;
}

const maxPoints = 2000;
const maxSeries = 10;
const numeric = /^(tinyint|smallint|int|bigint|float|double|decimal)/;
const temporal = /^(date|timestamp)/;

export const isNumericType = (type: string): boolean => numeric.test(type);
export const isTemporalType = (type: string): boolean => temporal.test(type);

/** A first chart that fits the columns: the first text or time against the first numbers. */
export function suggestChart(columns: Column[], kind: ChartSpec['kind'] = 'bar'): ChartSpec {
  const numbers = columns.filter((column) => isNumericType(column.type));
  const x =
    kind === 'scatter'
      ? (numbers[0] ?? columns[0])
      : (columns.find((column) => isTemporalType(column.type)) ??
        columns.find((column) => !isNumericType(column.type)) ??
        columns[0]);
  const y = numbers.find((column) => column.name !== x?.name);
  return { kind, x: x?.name ?? null, y: y ? [y.name] : [], color: null, aggregation: 'none' };
}

interface Fold {
  count: number;
  sum: number;
  min: number;
  max: number;
  last: number | null;
}

function fold(into: Fold | undefined, value: number | null): Fold {
  const state = into ?? { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, last: null };
  if (value === null) return state;
  return {
    count: state.count + 1,
    sum: state.sum + value,
    min: Math.min(state.min, value),
    max: Math.max(state.max, value),
    last: value,
  };
}

function settle(state: Fold, aggregation: ChartAggregation): number | null {
  if (aggregation === 'count') return state.count;
  if (state.count === 0) return null;
  switch (aggregation) {
    case 'none':
      return state.last;
    case 'sum':
      return state.sum;
    case 'avg':
      return state.sum / state.count;
    case 'min':
      return state.min;
    case 'max':
      return state.max;
  }
}

function toNumber(value: number | string | boolean | null): number | null {
  if (value === null || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const empty = (spec: ChartSpec, problem: string): PreparedChart => ({
  kind: spec.kind,
  xScale: 'category',
  series: [],
  points: [],
  cut: null,
  problem,
});

/**
 * Rows as series of points. With an aggregation, rows of one x (and colour) fold into one value; without, each row is a
 * point of its own. A missing value is a gap. What is left out is said (`cut`).
 */
export function prepareChart(rows: ChartRows, spec: ChartSpec): PreparedChart {
  const indexOf = (name: string | null) =>
    name === null ? -1 : rows.columns.findIndex((column) => column.name === name);
  const xIndex = indexOf(spec.x);
  const yIndexes = spec.y.map(indexOf).filter((index) => index >= 0);
  const colourIndex = indexOf(spec.color);
  const counts = spec.aggregation === 'count';
  if (xIndex < 0) return empty(spec, 'Choose a column for x.');
  if (yIndexes.length === 0 && !counts) return empty(spec, 'Choose a column for y.');
  const wrong = counts
    ? undefined
    : yIndexes.map((index) => rows.columns[index]!).find((column) => !isNumericType(column.type));
  if (wrong) return empty(spec, `${wrong.name} is ${wrong.type}: choose a number for y, or count rows.`);

  const xType = rows.columns[xIndex]!.type;
  const xScale: PreparedChart['xScale'] =
    isTemporalType(xType) && spec.kind !== 'bar'
      ? 'time'
      : isNumericType(xType) && spec.kind !== 'bar'
        ? 'number'
        : 'category';
  const names = yIndexes.length ? yIndexes.map((index) => rows.columns[index]!.name) : ['count'];
  const series = new Map<string, Series>();
  const droppedSeries = new Set<string>();
  const points = new Map<string, { x: string | number; label: string; folds: Map<string, Fold> }>();
  let rowPoints = 0;
  let dropped = 0;

  for (let row = 0; row < rows.rowCount; row++) {
    const rawX = rows.value(row, xIndex);
    const x = xScale === 'category' ? String(rawX ?? 'NULL') : toNumber(rawX);
    if (x === null) continue;
    const aggregated = spec.aggregation !== 'none' || spec.kind !== 'scatter';
    const pointKey =
      aggregated && (spec.aggregation !== 'none' || colourIndex >= 0) ? String(x) : `${x}\u0000${rowPoints}`;
    let point = points.get(pointKey);
    if (!point) {
      if (points.size >= maxPoints) {
        dropped++;
        continue;
      }
      point = { x, label: String(rawX ?? 'NULL'), folds: new Map() };
      points.set(pointKey, point);
      rowPoints++;
    }
    const colour = colourIndex >= 0 ? String(rows.value(row, colourIndex) ?? 'NULL') : null;
    names.forEach((name, at) => {
      const key = colour === null ? name : names.length > 1 ? `${colour} · ${name}` : colour;
      if (!series.has(key)) {
        if (series.size >= maxSeries) {
          droppedSeries.add(key);
          return;
        }
        series.set(key, { key: `s${series.size}`, label: key });
      }
      const index = yIndexes[at];
      const value =
        index === undefined
          ? 1
          : counts
            ? rows.value(row, index) === null
              ? null
              : 1
            : toNumber(rows.value(row, index));
      const id = series.get(key)!.key;
      point.folds.set(id, fold(point.folds.get(id), value));
    });
  }

  const list = [...points.values()].map((point) => ({
    x: point.x,
    label: point.label,
    values: Object.fromEntries(
      [...series.values()].map(({ key }) => [
        key,
        point.folds.has(key) ? settle(point.folds.get(key)!, spec.aggregation) : null,
      ]),
    ),
  }));
  if (xScale !== 'category') list.sort((a, b) => Number(a.x) - Number(b.x));
  const cut: PreparedChart['cut'] = droppedSeries.size
    ? { shown: series.size, total: series.size + droppedSeries.size, of: 'series' }
    : dropped
      ? { shown: list.length, total: list.length + dropped, of: 'points' }
      : rows.rowCount < rows.totalRows
        ? { shown: rows.rowCount, total: rows.totalRows, of: 'rows' }
        : null;
  return {
    kind: spec.kind,
    xScale,
    series: [...series.values()],
    points: list,
    cut,
    problem: list.length === 0 ? 'There is nothing to draw: the result has no rows with an x.' : null,
  };
}
