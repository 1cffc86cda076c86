import type { Sql } from '../emit/text.ts';
import { sql } from '../emit/text.ts';

const repeatable = 200;

/**
 * The engine's own conversion where it is known to mean the same, else the exact one in JavaScript, which costs about a
 * microsecond a row. A long operand is not repeated: it takes the exact way.
 */
export function fast(value: Sql, same: (value: Sql) => Sql, native: (value: Sql) => Sql, exact: Sql): Sql {
  const size = value.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : repeatable), 0);
  return size > repeatable ? exact : sql`CASE WHEN ${same(value)} THEN ${native(value)} ELSE ${exact} END`;
}

/** Text that is all of a pattern of RE2. */
export const matches =
  (pattern: string) =>
  (value: Sql): Sql =>
    sql`regexp_full_match(${value}, '${pattern}')`;
