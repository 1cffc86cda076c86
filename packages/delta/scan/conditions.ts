import type { PrunePredicate } from '@boathouse/contracts';
import { literal } from '../schema/engine.ts';
import type { BoundCondition } from '../snapshot/base.ts';
import { type BoundColumn, hasBounds, isText, slackOf } from '../snapshot/bounds.ts';
import type { Point } from '../stats/order.ts';

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
  if (op === 'is null') return { column, sql: '(n IS DISTINCT FROM 0 AND nulls IS DISTINCT FROM 0)' };
  const present = '(n IS DISTINCT FROM 0 AND (nulls IS NULL OR n IS NULL OR nulls <> n))';
  if (op === 'is not null') return { column, sql: present };
  const ranges = wanted.map((value) =>
    isText(column.kind) ? textRange(op, value) : numberRange(column.kind, op, value),
  );
  if (!ranges.length || ranges.includes(null)) return { column, sql: present };
  return { column, sql: `(${ranges.join(' OR ')})${isText(column.kind) ? ` AND ${present}` : ''}` };
}

function textRange(op: PrunePredicate['op'], wanted: Point): string | null {
  if (wanted.order !== 'bytes' || wanted.text.includes('\0')) return null;
  const value = literal(wanted.text);
  return range(op, `(lo IS NULL OR lo <= ${value})`, `(hi IS NULL OR hi >= ${value})`);
}

function numberRange(kind: string, op: PrunePredicate['op'], wanted: Point): string | null {
  if (wanted.order === 'bytes') return null;
  const value = wanted.order === 'double' ? wanted.value : Number(wanted.unscaled) / 10 ** wanted.scale;
  if (!Number.isFinite(value)) return null;
  const give = Math.abs(value) * slackOf(kind) + 1e-44;
  const number = (edge: number) => `${literal(String(edge))}::DOUBLE`;
  const hi = op === '=' || op === 'in' ? 'hi' : 'top';
  return range(op, `lo <= ${number(value + give)}`, `${hi} >= ${number(value - give)}`);
}

/** Strict and loose comparisons are one here: at the very edge the exact test decides. */
function range(op: PrunePredicate['op'], low: string, high: string): string | null {
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
    case 'is null':
    case 'is not null':
      return null;
  }
}
