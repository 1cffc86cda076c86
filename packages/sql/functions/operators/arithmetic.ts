import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { cast, derive, engineType } from '../../types/index.ts';
import {
  type DecimalType,
  decimalOf,
  decimalOfLiteral,
  decimalResult,
  isIntegral,
  isNumeric,
  isText,
  mismatch,
  widerNumber,
} from '../../types/numeric.ts';
import { quickOf, quickResult, withQuick } from '../../types/quick.ts';
import { type } from '../define.ts';
import { divideByZero, once, raise, remainderByZero } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { wrongOperands } from './wrong.ts';

export type NumberOperator = '+' | '-' | '*' | '/' | '%' | 'div';

const overflow = (operator: string) =>
  raise('ARITHMETIC_OVERFLOW', `The result of ${operator} does not fit in its type. Cast to a wider type first.`);

/** Both operands as numbers: text beside an integer is bigint, beside another number double; NULL takes the other's type. */
function operands(call: FunctionCall, operator: NumberOperator, tried: boolean): [Typed, Typed] {
  const session = { session: call.session, try: tried };
  const [given, beside] = call.args as [Typed, Typed];
  let [a, b] = [given, beside];
  if (a.type.kind === 'void' && b.type.kind === 'void') {
    const common = operator === 'div' ? type.bigint : type.double;
    return [cast(a, common, session), cast(b, common, session)];
  }
  if (isText(a.type) && isNumeric(b.type)) a = cast(a, isIntegral(b.type) ? type.bigint : type.double, session);
  else if (isText(b.type) && isNumeric(a.type)) b = cast(b, isIntegral(a.type) ? type.bigint : type.double, session);
  if (a.type.kind === 'void' && isNumeric(b.type))
    a = cast(a, operator === '/' && b.type.kind === 'decimal' ? type.double : b.type, session);
  else if (b.type.kind === 'void' && isNumeric(a.type)) b = cast(b, a.type, session);
  if (!isNumeric(a.type) || !isNumeric(b.type)) throw wrongOperands(operator, given.type, beside.type);
  return [a, b];
}

/** Integer literals beside decimals count only the digits that they have. */
const asDecimal = (value: Typed): DecimalType =>
  typeof value.constant?.value === 'bigint' && value.type.kind !== 'tinyint' && isIntegral(value.type)
    ? decimalOfLiteral(value.constant.value)
    : decimalOf(value.type);

/** `+ - * / % div` over numbers, with Spark's result types and its errors for zero and overflow. */
export function arithmetic(call: FunctionCall, operator: NumberOperator, tried = false): FunctionResult {
  const [a, b] = operands(call, operator, tried);
  const session = { session: call.session };
  const decimals = a.type.kind === 'decimal' || b.type.kind === 'decimal';
  const floating = [a, b].some((value) => value.type.kind === 'float' || value.type.kind === 'double');
  if (decimals && !floating) return decimalArithmetic([a, b], operator, asDecimal(a), asDecimal(b), call, tried);
  if (operator === 'div') {
    if (floating) throw wrongOperands(operator, call.args[0]!.type, call.args[1]!.type);
    return divide(
      [cast(a, type.bigint, session), cast(b, type.bigint, session)],
      type.bigint,
      divideByZero,
      (x, y) => sql`(${x} // ${y})`,
      tried,
    );
  }
  if (operator === '/')
    return divide(
      [cast(a, type.double, session), cast(b, type.double, session)],
      type.double,
      divideByZero,
      (x, y) => sql`(${x} / ${y})`,
      tried,
    );
  const common = decimals ? type.double : widerNumber(a.type, b.type);
  const pair: [Typed, Typed] = [cast(a, common, session), cast(b, common, session)];
  if (operator === '%') return divide(pair, common, remainderByZero, (x, y) => remainder(x, y, common), tried);
  const text = sql`(${pair[0].sql} ${operator} ${pair[1].sql})`;
  if (tried && isIntegral(common))
    return derive(
      pair,
      sql`TRY_CAST((CAST(${pair[0].sql} AS HUGEINT) ${operator} ${pair[1].sql}) AS ${engineType(common)})`,
      common,
      true,
    );
  return derive(pair, text, common);
}

/** The smallest integer % -1 overflows in the engine, so the next wider type computes it. */
function remainder(x: Sql, y: Sql, common: DataType): Sql {
  if (!isIntegral(common))
    return sql`CAST(spark_remainder(CAST(${x} AS DOUBLE), CAST(${y} AS DOUBLE)) AS ${engineType(common)})`;
  return sql`CAST((CAST(${x} AS ${common.kind === 'bigint' ? 'HUGEINT' : 'BIGINT'}) % ${y}) AS ${engineType(common)})`;
}

/** `x op y` with an error where y is zero and x is not NULL. A literal that is not zero needs no check. */
export function divide(
  pair: [Typed, Typed],
  result: DataType,
  error: string,
  text: (x: Sql, y: Sql) => Sql,
  tried = false,
): FunctionResult {
  const zero = pair[1].constant?.value;
  const safe = typeof zero === 'bigint' ? zero !== 0n : typeof zero === 'number' ? zero !== 0 : false;
  if (safe) return derive(pair, text(pair[0].sql, pair[1].sql), result, tried || undefined);
  const body = once(pair, (x, y) => {
    const missing = tried ? 'NULL' : pair[0].nullable ? sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${error} END` : error;
    return sql`CASE WHEN ${y} = 0 THEN ${missing} ELSE ${text(x, y)} END`;
  });
  return derive(pair, body, result, tried || undefined);
}

function decimalArithmetic(
  pair: [Typed, Typed],
  operator: NumberOperator,
  da: DecimalType,
  db: DecimalType,
  call: FunctionCall,
  tried: boolean,
): FunctionResult {
  const session = { session: call.session };
  const a = cast(pair[0], da, session);
  const b = cast(pair[1], db, session);
  const values: [Typed, Typed] = [a, b];
  const result: DataType = operator === 'div' ? type.bigint : decimalResult(operator, da, db);
  const target = engineType(result);
  const constant = values.every((value) => value.foldable || value.constant);
  const quickly = (exact: Sql): FunctionResult => {
    const plain = derive(values, exact, result, tried || undefined);
    if (tried || constant || result.kind !== 'decimal' || operator === '/' || operator === '%' || operator === 'div')
      return plain;
    return withQuick(plain, quickResult(operator, [quickOf(pair[0], da), quickOf(pair[1], db)], result), result);
  };
  if (operator === '+' || operator === '-' || operator === '*' || operator === '%') {
    const native = nativeDecimal(operator, da, db, result as DecimalType);
    if (native && operator === '%')
      return divide(values, result, remainderByZero, (x, y) => sql`CAST((${x} % ${y}) AS ${target})`, tried);
    if (native)
      return quickly(
        sql`CAST((${widened(a.sql, operator, da, db)} ${operator} ${widened(b.sql, operator, db, da)}) AS ${target})`,
      );
  }
  const scale = operator === 'div' ? -1 : (result as DecimalType).scale;
  const exact = (x: Sql, y: Sql) =>
    sql`CAST(spark_decimal('${operator}', CAST(${x} AS VARCHAR), CAST(${y} AS VARCHAR), ${operator === 'div' ? 0 : (result as DecimalType).precision}, ${scale}${tried ? ', TRUE' : ', FALSE'}) AS ${target})`;
  if (operator === '+' || operator === '-' || operator === '*') return quickly(exact(a.sql, b.sql));
  return divide(values, result, operator === '%' ? remainderByZero : divideByZero, exact, tried);
}

/** True where the engine's own decimals hold every digit of the exact result. */
function nativeDecimal(operator: '+' | '-' | '*' | '%', a: DecimalType, b: DecimalType, result: DecimalType): boolean {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  if (operator === '*') return a.precision + b.precision <= 37 && result.scale === a.scale + b.scale;
  return whole + scale + 1 <= 38 && (operator === '%' || result.scale === scale);
}

/**
 * An operand wide enough for the whole result: the engine computes in 64 bits where both have at most 18 digits, and stops where
 * the result has more. Sums need one digit more than their operands, at a common scale.
 */
function widened(value: Sql, operator: '+' | '-' | '*' | '%', own: DecimalType, other: DecimalType): Sql {
  if (operator === '*')
    return own.precision <= 18 && other.precision <= own.precision && own.precision + other.precision > 18
      ? sql`CAST(${value} AS DECIMAL(19,${own.scale}))`
      : value;
  const scale = Math.max(own.scale, other.scale);
  const whole = Math.max(own.precision - own.scale, other.precision - other.scale);
  return sql`CAST(${value} AS DECIMAL(${Math.min(38, whole + scale + 1)},${scale}))`;
}

/** `- x`, `+ x`, `~ x`. Text is read as double, NULL stays what Spark makes of it. */
export function unary(call: FunctionCall, operator: '-' | '+'): FunctionResult {
  let [value] = call.args as [Typed];
  if (isText(value.type) || value.type.kind === 'void') value = cast(value, type.double, { session: call.session });
  if (!isNumeric(value.type) && value.type.kind !== 'interval') {
    throw mismatch('UNEXPECTED_INPUT_TYPE', `${operator} takes a number or an interval, not ${typeText(value.type)}.`);
  }
  if (value.type.kind === 'decimal' && value.type.precision === 38)
    throw refuse(`${operator} of a decimal of 38 digits`);
  if (operator === '+') return { ...value, name: undefined };
  const text =
    value.type.kind === 'decimal' ? sql`CAST((- ${value.sql}) AS ${engineType(value.type)})` : sql`(- ${value.sql})`;
  return derive([value], text, value.type);
}

export { overflow };
export const refuse = (what: string): Error => userError('UNSUPPORTED_FEATURE', `${what} is not supported yet.`);
