import type { DataType } from '@boathouse/contracts';
import type { Quick, Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { sql } from '../emit/text.ts';
import type { FunctionResult } from '../functions/row.ts';
import { type DecimalType, decimalOf, isIntegral } from './numeric.ts';

/**
 * Spark's decimals grow with each operation, and beyond 18 digits the engine computes with 128 bits, several times slower. Most
 * values need far fewer digits than their type allows. A `Quick` is a second text of the same value, in decimals of 64 bits: NULL
 * for rows that need the exact text. Every step of it stands in a TRY of its own, because the engine computes parts that two texts
 * share once, outside of both.
 */
const DIGITS_OF_64_BITS = 18;

const written = (text: Sql, type: DecimalType): Sql => sql`CAST(${text} AS DECIMAL(${type.precision},${type.scale}))`;

/** Of a bare column: no subquery, aggregate or changing function is inside, which TRY refuses. */
export function quickColumn(text: Sql, type: DataType): { quick?: Quick } {
  if (type.kind !== 'decimal' && !isIntegral(type)) return {};
  const digits = decimalOf(type);
  if (digits.precision > DIGITS_OF_64_BITS) return {};
  return { quick: { of: text, sql: type.kind === 'decimal' ? text : written(text, digits), scale: digits.scale } };
}

/** Of an operand that arithmetic reads as `type`: columns, literals, and what was computed of them. */
export function quickOf(value: Typed, type: DecimalType): Quick | undefined {
  if (value.quick?.of === value.sql) return value.quick;
  const literal = value.constant?.value;
  if (type.precision > DIGITS_OF_64_BITS) return undefined;
  if (typeof literal === 'bigint') return { of: value.sql, sql: written([String(literal)], type), scale: type.scale };
  if (typeof literal === 'string' && value.type.kind === 'decimal')
    return { of: value.sql, sql: value.sql, scale: type.scale };
  return undefined;
}

/** `a op b` by quick texts; undefined where the result is rounded, or has more digits behind the point than 64 bits hold. */
export function quickResult(
  operator: '+' | '-' | '*',
  [a, b]: readonly [Quick | undefined, Quick | undefined],
  result: DecimalType,
): Omit<Quick, 'of'> | undefined {
  if (!a || !b) return undefined;
  const scale = operator === '*' ? a.scale + b.scale : Math.max(a.scale, b.scale);
  if (scale !== result.scale || scale >= DIGITS_OF_64_BITS) return undefined;
  return { sql: sql`TRY((${a.sql} ${operator} ${b.sql}))`, scale };
}

/** The result that takes the exact text only for rows whose quick one does not hold the value. */
export function withQuick(
  exact: FunctionResult,
  quick: Omit<Quick, 'of'> | undefined,
  type: DecimalType,
): FunctionResult {
  if (!quick) return exact;
  if (type.precision <= DIGITS_OF_64_BITS)
    return { ...exact, quick: { of: exact.sql, sql: exact.sql, scale: quick.scale } };
  const text = sql`coalesce(${written(quick.sql, type)}, ${exact.sql})`;
  return { ...exact, sql: text, quick: { ...quick, of: text, exact: exact.sql } };
}
