import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  constantWhole,
  derive,
  engineType,
  implicit,
  isIntegral,
  isNullLiteral,
  isText,
  mismatch,
} from '../../types/index.ts';
import { type DecimalType, decimal, decimalOf, isNumeric } from '../../types/numeric.ts';
import { type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

/** Number of digits behind the point, which must be a constant; undefined for NULL. */
function scaleOf(call: FunctionCall): number | undefined {
  const written = call.args[1];
  if (!written) return 0;
  if (isNullLiteral(written)) return undefined;
  if (!written.foldable)
    throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the number of digits must be a constant, not ${written.name}.`);
  const value = constantWhole(implicit(written, type.int, call), written);
  if (value === undefined) throw unsupported(call, 'the number of digits must be a constant.');
  return Number(value);
}

/** Result of rounding a decimal: one digit more before the point, at most the asked ones behind it. */
function rounded(from: DecimalType, scale: number): DecimalType {
  const whole = from.precision - from.scale + 1;
  if (scale < 0) return decimal(Math.min(38, Math.max(whole, -scale + 1)), 0);
  const kept = Math.min(from.scale, scale);
  return decimal(Math.min(38, whole + kept), kept);
}

function roundDecimal(value: Typed, scale: number, mode: string): FunctionResult {
  const from = value.type as DecimalType;
  const to = rounded(from, scale);
  const native = mode === 'half_up' && scale >= 0 && to.precision < 38;
  const text: Sql = native
    ? sql`CAST(${value.sql} AS ${engineType(to)})`
    : sql`CAST(spark_round_text(CAST(${value.sql} AS VARCHAR), ${Math.min(scale, from.scale)}, '${mode}') AS ${engineType(to)})`;
  return derive([value], text, to);
}

/** round (HALF_UP) and bround (HALF_EVEN) keep the type of whole numbers and doubles. */
function round(call: FunctionCall, mode: 'half_up' | 'half_even'): FunctionResult {
  let value = call.args[0]!;
  if (isText(value.type) || value.type.kind === 'void') value = cast(value, type.double, call);
  if (!isNumeric(value.type)) throw wrongInput(value, 'a number');
  const scale = scaleOf(call);
  const shown = `${call.name}(${value.name}, ${call.args[1]?.name ?? '0'})`;
  if (scale === undefined) {
    const nullType: DataType = value.type.kind === 'decimal' ? rounded(value.type, 0) : value.type;
    return { ...derive([value], sql`CAST(NULL AS ${engineType(nullType)})`, nullType, true), name: shown };
  }
  if (value.type.kind === 'decimal') return { ...roundDecimal(value, scale, mode), name: shown };
  if (isIntegral(value.type)) {
    const text =
      scale >= 0
        ? value.sql
        : sql`CAST(spark_round_text(CAST(${value.sql} AS VARCHAR), ${scale}, '${mode}') AS ${engineType(value.type)})`;
    return { ...derive([value], text, value.type), name: shown };
  }
  const wide = sql`spark_round_double(${value.type.kind === 'float' ? sql`CAST(CAST(${value.sql} AS VARCHAR) AS DOUBLE)` : value.sql}, ${scale}, '${mode}')`;
  return {
    ...derive([value], value.type.kind === 'float' ? sql`CAST(${wide} AS FLOAT)` : wide, value.type),
    name: shown,
  };
}

/** ceil and floor: bigint of whole numbers and doubles, decimals keep their digits before the point and one more. */
function toWhole(call: FunctionCall, mode: 'ceil' | 'floor'): FunctionResult {
  let value = call.args[0]!;
  if (isText(value.type) || value.type.kind === 'void') value = cast(value, type.double, call);
  if (!isNumeric(value.type)) throw wrongInput(value, 'a number');
  if (call.args.length === 2) {
    const scale = scaleOf(call);
    if (scale === undefined) throw unsupported(call, 'NULL digits are not supported.');
    const exact =
      value.type.kind === 'decimal'
        ? value
        : cast(value, isIntegral(value.type) ? decimalOf(value.type) : floatDecimal(value.type), call);
    return roundDecimal(exact, scale, mode);
  }
  if (value.type.kind === 'decimal') return roundDecimal(value, 0, mode);
  if (isIntegral(value.type)) return derive([value], sql`CAST(${value.sql} AS BIGINT)`, type.bigint);
  return derive([value], sql`spark_saturated(${mode}(CAST(${value.sql} AS DOUBLE)))`, type.bigint);
}

const floatDecimal = (of: DataType): DecimalType => (of.kind === 'float' ? decimal(14, 7) : decimal(30, 15));

const whole = (name: string, mode: 'ceil' | 'floor', prettyName?: string): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 1,
  maxArgs: 2,
  prettyName,
  build: (call) => {
    const result = toWhole(call, mode);
    // With digits Spark prints the name as written.
    return call.args.length === 2
      ? { ...result, name: `${name}(${call.args.map((arg) => arg.name).join(', ')})` }
      : result;
  },
});

export const roundFunctions: FunctionRow[] = [
  { name: 'round', kind: 'scalar', minArgs: 1, maxArgs: 2, build: (call) => round(call, 'half_up') },
  { name: 'bround', kind: 'scalar', minArgs: 1, maxArgs: 2, build: (call) => round(call, 'half_even') },
  whole('ceil', 'ceil', 'CEIL'),
  whole('ceiling', 'ceil'),
  whole('floor', 'floor', 'FLOOR'),
];
