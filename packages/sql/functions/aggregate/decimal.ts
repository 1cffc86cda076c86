import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, sql } from '../../emit/text.ts';
import { engineType } from '../../types/index.ts';
import type { DecimalType } from '../../types/numeric.ts';
import type { FunctionCall } from '../row.ts';

/** Averages of more rows than this many digits count are taken by the exact way. */
const ROW_DIGITS = 12;

const total = (call: FunctionCall, text: Sql): Sql =>
  sql`sum(${call.distinct ? 'DISTINCT ' : ''}${join([text], '')})${call.suffix}`;

/**
 * The sum of decimals, 38 digits wide. Values that were computed add up as 64 bits where these hold them; rows where they do not are
 * added apart, by their exact text.
 */
export function decimalSum(call: FunctionCall, value: Typed): Sql {
  const { quick } = value;
  if (quick?.of !== value.sql || !quick.exact || call.distinct || call.over) return total(call, value.sql);
  const fast = total(call, quick.sql);
  const rest = total(call, sql`CASE WHEN ${quick.sql} IS NULL THEN ${quick.exact} END`);
  return sql`CASE WHEN ${rest} IS NULL THEN ${fast} ELSE coalesce(${fast}, 0) + ${rest} END`;
}

/** A sum of 38 digits at most: the engine goes a little beyond them without a word, but never in an addition. */
export function within38(sum: Sql, scale: number, tried: boolean): Sql {
  const type = `DECIMAL(38,${scale})`;
  if (!tried) return sql`(${sum} + CAST(0 AS ${type}))`;
  return sql`CAST(spark_decimal('+', CAST(${sum} AS VARCHAR), '0', 38, ${String(scale)}, TRUE) AS ${type})`;
}

/**
 * sum / rows, rounded half away from zero to the result's scale. Spark rounds to 38 digits behind the point first, which
 * changes nothing: a quotient by a count lies farther from every half than that.
 */
export function decimalMean(sum: Sql, rows: Sql, value: DecimalType, result: DecimalType, tried: boolean): Sql {
  const target = engineType(result);
  const exact = sql`CAST(spark_decimal('/', CAST(${sum} AS VARCHAR), CAST(NULLIF(${rows}, 0) AS VARCHAR), ${String(result.precision)}, ${String(result.scale)}, ${tried ? 'TRUE' : 'FALSE'}) AS ${target})`;
  // Twice the sum, in units of the result's last digit, is to fit 128 bits for as many rows as there may be.
  const shift = result.scale - value.scale;
  if (value.precision + ROW_DIGITS + Math.max(value.scale, shift) + 1 > 38) return exact;
  const whole = sql`CAST((${sum}) * CAST(1${'0'.repeat(value.scale)} AS DECIMAL(${String(value.scale + 1)},0)) AS HUGEINT)`;
  const units = sql`(${whole} * 1${'0'.repeat(shift)})`;
  const halves = sql`((abs(${units}) * 2 + ${rows}) // (CAST(NULLIF(${rows}, 0) AS HUGEINT) * 2))`;
  const mean = sql`CAST(${halves} * sign(${units}) AS DECIMAL(${String(result.precision)},0))`;
  const digit = `CAST(0.${'0'.repeat(result.scale - 1)}1 AS DECIMAL(${String(result.scale)},${String(result.scale)}))`;
  return sql`CASE WHEN ${rows} < 1${'0'.repeat(ROW_DIGITS)} THEN CAST(${mean} * ${digit} AS ${target}) ELSE ${exact} END`;
}
