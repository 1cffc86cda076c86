import { identifier, literal } from '../schema/engine.ts';
import { turned } from './hilbert.ts';

/**
 * Every column's values are cut into ranges of about as many rows each, and the bits of the ranges' numbers are
 * interleaved, straight (Z-order) or along Hilbert's curve. Rows that are near to each other in all columns get near places.
 */

/** Spark's names, which tags of clustered files carry. Of one column both are its order. */
export type Curve = 'zorder' | 'hilbert';

/** A column as the engine reads it. */
export interface CurveColumn {
  /** Engine text of the value, over the relation's columns. */
  value: string;
  /** Engine type, for the bounds. */
  type: string;
}

/** The place must fit a signed 64-bit integer. */
const PLACE_BITS = 62;
/** 1,024 ranges a column, as Spark has by default: more would be more text, and files are fewer. */
const MAX_COLUMN_BITS = 10;

/** Ranges that a column is cut into, as a power of two. */
export const bitsOf = (columns: number): number =>
  Math.max(1, Math.min(MAX_COLUMN_BITS, Math.floor(PLACE_BITS / columns)));

/** Bounds are found in a sample: this many rows whatever the size of the table. */
const SAMPLED_ROWS = 100_000;

/** Long texts differ early enough; their bounds stay short. */
const TEXT_BOUND = 64;
const ranked = ({ value, type }: CurveColumn): string => (type === 'VARCHAR' ? `left(${value}, ${TEXT_BOUND})` : value);

/** One row with a list of texts a column: `b0`, `b1`, …, ascending. */
export function boundsQuery(relation: string, columns: readonly CurveColumn[]): string {
  const ranges = 2 ** bitsOf(columns.length);
  const cuts = Array.from({ length: ranges - 1 }, (_, index) => (index + 1) / ranges).join(', ');
  const lists = columns.map((_, index) => `CAST(quantile_disc(v${index}, [${cuts}]) AS VARCHAR[]) AS b${index}`);
  const values = columns.map((column, index) => `${ranked(column)} AS v${index}`);
  return `SELECT ${lists.join(', ')} FROM (SELECT ${values.join(', ')} FROM ${relation} AS source) USING SAMPLE reservoir(${SAMPLED_ROWS} ROWS) REPEATABLE (42)`;
}

/** Signs that no column of a table begins with in practice; a table that has such a column keeps its own. */
const MARK = 'boathouse place';

/**
 * The relation's rows in the order of their places on the curve, those of one place by the columns themselves. `bounds`:
 * ascending texts of each column's values. The range of a value is found by halving, all rows of a batch at once: one
 * projection a step, which costs a tenth of a tree of CASE.
 */
export function orderedByPlace(
  relation: string,
  names: readonly string[],
  columns: readonly CurveColumn[],
  bounds: readonly (readonly string[])[],
  curve: Curve = 'zorder',
): string {
  const bits = bitsOf(columns.length);
  const place = (index: number) => identifier(`${MARK} ${index}`);
  let rows = `SELECT *, ${columns.map((_, index) => `0 AS ${place(index)}`).join(', ')} FROM ${relation} AS source`;
  for (let step = 2 ** (bits - 1); step >= 1; step /= 2) {
    const moved = columns.map((column, index) => {
      const list = `CAST([${(bounds[index] ?? []).map(literal).join(', ')}] AS ${column.type}[])`;
      const next = `${place(index)} + ${step}`;
      return `${place(index)} + CASE WHEN ${list}[${next}] <= ${ranked(column)} THEN ${step} ELSE 0 END AS ${place(index)}`;
    });
    rows = `SELECT * REPLACE (${moved.join(', ')}) FROM (${rows}) AS source`;
  }
  if (curve === 'hilbert' && columns.length > 1) {
    const axes = columns.map((_, index) => place(index));
    rows = turned(rows, axes, bits, identifier(`${MARK} turn`));
  }
  const spread = columns.map((_, index) => {
    const places = Array.from({ length: 2 ** bits }, (_unused, range) =>
      spreadBits(range, bits, index, columns.length),
    );
    return `CAST([${places.join(', ')}] AS BIGINT[])[${place(index)} + 1]`;
  });
  const order = [spread.join(' + '), ...columns.map(({ value }) => value)];
  return `(SELECT ${names.map(identifier).join(', ')} FROM (${rows}) AS source ORDER BY ${order.join(', ')})`;
}

/** The bits of a column's range at their places among those of the other columns, the highest first. */
function spreadBits(range: number, bits: number, column: number, columns: number): bigint {
  let place = 0n;
  for (let bit = 0; bit < bits; bit++)
    if ((range >> bit) & 1) place |= 1n << BigInt(bit * columns + (columns - 1 - column));
  return place;
}
