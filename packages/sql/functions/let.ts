import type { Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { join, sql } from '../emit/text.ts';

/** Text longer than this is not repeated: nested divisions would double at every level. */
const repeatable = 240;

const size = (pieces: Sql): number =>
  pieces.reduce((sum, piece) => sum + (typeof piece === 'string' ? piece.length : repeatable), 0);

/**
 * Text that names its operands more than once. Short ones are repeated (the engine finds equal parts itself); long or
 * volatile ones are computed once in a struct, which the text then reads.
 */
export function once(values: readonly Typed[], body: (...texts: Sql[]) => Sql): Sql {
  if (values.every((value) => size(value.sql) <= repeatable && !value.volatile))
    return body(...values.map((value) => value.sql));
  const fields = values.map((value, index) => sql`v${index} := ${value.sql}`);
  const text = body(...values.map((_, index): Sql => [`__let.v${index}`]));
  return sql`list_transform([struct_pack(${join(fields, ', ')})], lambda __let: ${text})[1]`;
}

/** Stops the statement with a Spark error class; the engine turns `[CLASS] text` into a typed error. */
export const raise = (code: string, message: string): string => `error('[${code}] ${message.replaceAll("'", "''")}')`;

export const divideByZero = raise('DIVIDE_BY_ZERO', 'Division by zero. Use try_divide to get NULL instead.');
export const remainderByZero = raise('REMAINDER_BY_ZERO', 'Remainder by zero. Use try_mod to get NULL instead.');
