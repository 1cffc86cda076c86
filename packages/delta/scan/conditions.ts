import type { PrunePredicate } from '@boathouse/contracts';
import { literal } from '../schema/engine.ts';
import type { BoundCondition } from '../snapshot/base.ts';
import { type BoundColumn, hasBounds, isText } from '../snapshot/bounds.ts';
import type { Point } from '../stats/order.ts';

/** More than the error of a bound that went through a double. */
const SLACK = 1e-12;
const FLOAT_SLACK = 1e-6;
/** Statistics are cut to milliseconds. */
const LOST_MICROS = 1000;

/**
 * A predicate as a condition of the engine over bounds: false only where the exact test is false too. Null where the engine
 * cannot tell. Its use is to bring few files into memory, where the exact test has the last word.
 */
export function conditionOf(
  column: BoundColumn,
  op: PrunePredicate['op'],
  wanted: readonly Point[],
): BoundCondition | null {
  if (!hasBounds(column.kind, column.isPartition)) return null;
  const some = 'n IS DISTINCT FROM 0';
  if (op === 'is null') return { column, sql: `${some} AND nulls IS DISTINCT FROM 0` };
  const present = `${some} AND (nulls IS NULL OR n IS NULL OR nulls <> n)`;
  if (op === 'is not null') return { column, sql: present };
  const ranges = wanted.map((value) => rangeOf(column, op, value));
  if (!ranges.length || ranges.includes(null)) return { column, sql: present };
  return { column, sql: `${present} AND (${ranges.join(' OR ')})` };
}

function rangeOf(column: BoundColumn, op: PrunePredicate['op'], wanted: Point): string | null {
  const edges = isText(column.kind) ? textEdges(wanted) : numberEdges(column.kind, wanted);
  if (!edges) return null;
  const isFloating = column.kind === 'float' || column.kind === 'double';
  const low = `(lo IS NULL OR ${edges.low})`;
  // NaN is greater than every number and in few writers' bounds.
  const high = `(hi IS NULL${isFloating && op !== '=' && op !== 'in' ? ' OR NOT own' : ''} OR ${edges.high})`;
  switch (op) {
    case '=':
    case 'in':
      return `(${low} AND ${high})`;
    case '<':
    case '<=':
      return low;
    case '>':
    case '>=':
      return high;
    default:
      return null;
  }
}

function textEdges(wanted: Point): { low: string; high: string } | null {
  if (wanted.order !== 'bytes' || wanted.text.includes('\0')) return null;
  return { low: `lo <= ${literal(wanted.text)}`, high: `hi >= ${literal(wanted.text)}` };
}

function numberEdges(kind: string, wanted: Point): { low: string; high: string } | null {
  if (wanted.order === 'bytes') return null;
  const value = wanted.order === 'double' ? wanted.value : Number(wanted.unscaled) / 10 ** wanted.scale;
  if (!Number.isFinite(value)) return null;
  const slack = kind === 'float' ? FLOAT_SLACK : SLACK;
  const lost = kind === 'timestamp' || kind === 'timestamp_ntz' ? LOST_MICROS : 0;
  const give = Math.abs(value) * slack + 1e-44;
  const number = (edge: number) => `${literal(String(edge))}::DOUBLE`;
  return {
    low: `lo - abs(lo) * ${number(slack)} <= ${number(value + give)}`,
    high: `hi + abs(hi) * ${number(slack)} + ${number(lost)} >= ${number(value - give)}`,
  };
}
