import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, derive, engineType, isIntegral, isInterval, isText, mismatch } from '../../types/index.ts';
import { isNumeric } from '../../types/numeric.ts';
import { timeArithmetic } from '../datetime/time-arithmetic.ts';
import { arg, named, row, simple, type, unsupported } from '../define.ts';
import { once } from '../let.ts';
import { arithmetic, type NumberOperator, unary } from '../operators/arithmetic.ts';
import { bitwise, shift } from '../operators/bits.ts';
import { extreme } from '../operators/compare.ts';
import { temporal } from '../operators/temporal.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

const printed = (call: FunctionCall): string => `${call.name}(${call.args.map((value) => value.name).join(', ')})`;

function numberArg(call: FunctionCall): Typed {
  const [value] = call.args as [Typed];
  if (isText(value.type) || value.type.kind === 'void') return cast(value, type.double, call);
  if (!isNumeric(value.type) && !isInterval(value.type)) throw wrongInput(value, 'a number');
  return value;
}

function abs(call: FunctionCall): FunctionResult {
  const value = numberArg(call);
  if (value.type.kind === 'decimal' && value.type.precision === 38)
    throw unsupported(call, 'decimals of 38 digits are not supported.');
  return derive(
    [value],
    value.type.kind === 'decimal' ? sql`CAST(abs(${value.sql}) AS ${engineType(value.type)})` : sql`abs(${value.sql})`,
    value.type,
  );
}

function sign(call: FunctionCall): FunctionResult {
  const value = numberArg(call);
  if (isInterval(value.type)) return derive([value], sql`CAST(sign(${value.sql}) AS DOUBLE)`, type.double);
  return derive([value], sql`spark_signum(${cast(value, type.double, call).sql})`, type.double);
}

const operator = (name: string, op: NumberOperator, tried = false, aliases?: string[]): FunctionRow => ({
  name,
  aliases,
  kind: 'scalar',
  minArgs: 2,
  maxArgs: 2,
  build(call) {
    const numbers = call.args.every((value) => isNumeric(value.type));
    const clock = timeArithmetic(call, op, tried);
    if (clock) return named(clock, printed(call));
    const moving = op === '+' || op === '-' || op === '*' || op === '/' ? temporal(call, op, tried) : undefined;
    if (!tried) return named(moving ?? arithmetic(call, op), printed(call));
    return named(
      numbers ? arithmetic(call, op, true) : attempted(call, moving ?? arithmetic(call, op, true)),
      printed(call),
    );
  },
});

/** Where an operand is no number Spark catches every error of the whole expression, the operands' own too. */
function attempted(call: FunctionCall, result: FunctionResult): FunctionResult {
  if (result.volatile || result.sql.some((piece) => typeof piece !== 'string' || /\berror\(/.test(piece)))
    throw unsupported(call, 'these operands are not supported. Compute them first.');
  return { ...result, sql: sql`TRY(${result.sql})`, nullable: true };
}

/** The remainder with the sign of the divisor, as Spark computes it from two remainders. */
function pmod(call: FunctionCall): FunctionResult {
  const result = arithmetic(call, '%');
  if (result.type.kind === 'decimal') return decimalPmod(call, result);
  const [a, b] = call.args.map((value) => cast(value, result.type, call)) as [Typed, Typed];
  const wide = isIntegral(result.type) ? 'HUGEINT' : 'DOUBLE';
  const engine = engineType(result.type);
  const first: Typed = { ...a, sql: result.sql };
  const text = once([first, b], (r, n) => {
    const again = isIntegral(result.type)
      ? sql`((CAST(${r} AS ${wide}) + ${n}) % ${n})`
      : sql`spark_remainder(CAST(${r} AS DOUBLE) + ${n}, CAST(${n} AS DOUBLE))`;
    return sql`CASE WHEN ${r} < 0 THEN CAST(${again} AS ${engine}) ELSE ${r} END`;
  });
  return derive([a, b], text, result.type);
}

/** r + n for a remainder r below zero; between the two nothing is rounded, and the sum's remainder is that of %. */
function decimalPmod(call: FunctionCall, first: FunctionResult): FunctionResult {
  const type = first.type;
  const remainder: Typed = { ...first, name: '' };
  const text = once([remainder, call.args[1]!], (r, n) => {
    const sum = sql`spark_decimal('+', CAST(${r} AS VARCHAR), CAST(${n} AS VARCHAR), 76, 38, FALSE)`;
    const again = sql`CAST(spark_decimal('%', ${sum}, CAST(${n} AS VARCHAR), 38, ${type.kind === 'decimal' ? type.scale : 0}, FALSE) AS ${engineType(type)})`;
    return sql`CASE WHEN ${r} < 0 THEN ${again} ELSE ${r} END`;
  });
  return derive([remainder], text, type);
}

/** hex of text and bytes, or of a whole number as 64 bits. */
function hex(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (value.type.kind === 'binary') return derive([value], sql`hex(${value.sql})`, type.string);
  if (isText(value.type)) return derive([value], sql`hex(encode(${value.sql}))`, type.string);
  if (isNumeric(value.type) || value.type.kind === 'void')
    return derive([value], sql`spark_hex(${arg(call, 0, type.bigint).sql})`, type.string);
  return derive([value], sql`hex(encode(${arg(call, 0, type.string).sql}))`, type.string);
}

function bitCount(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (value.type.kind === 'boolean') return derive([value], sql`CAST(${value.sql} AS INTEGER)`, type.int);
  if (!isIntegral(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a whole number');
  return derive([value], sql`CAST(bit_count(CAST(${value.sql} AS BIGINT)) AS INTEGER)`, type.int);
}

function isNan(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  const number = value.type.kind === 'float' ? value : arg(call, 0, type.double);
  return derive([number], sql`coalesce(isnan(${number.sql}), FALSE)`, type.boolean, false);
}

/** Two floats stay float; anything else is compared as double. The second is read only where the first is not a number. */
function nanvl(call: FunctionCall): FunctionResult {
  for (const value of call.args)
    if (!isNumeric(value.type) && !isText(value.type) && value.type.kind !== 'void')
      throw wrongInput(value, 'a floating-point number');
  const floats = call.args.every((value) => value.type.kind === 'float');
  const common = floats ? ({ kind: 'float' } as const) : type.double;
  const [a, b] = [arg(call, 0, common), arg(call, 1, common)];
  return derive(
    [a, b],
    once([a], (x) => sql`CASE WHEN isnan(${x}) THEN ${b.sql} ELSE ${x} END`),
    common,
    true,
  );
}

const bits = (name: string, op: '<<' | '>>' | '>>>'): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 2,
  maxArgs: 2,
  build: (call) => named(shift(call, op), printed(call)),
});

export const numberFunctions: FunctionRow[] = [
  row('abs', 1, 1, abs),
  row('sign', 1, 1, sign),
  row('signum', 1, 1, sign, { prettyName: 'SIGNUM' }),
  row('negative', 1, 1, (call) => named(unary(call, '-'), printed(call))),
  row('positive', 1, 1, (call) => named(unary(call, '+'), `(+ ${call.args[0]!.name})`)),
  operator('mod', '%'),
  operator('try_add', '+', true),
  operator('try_subtract', '-', true),
  operator('try_multiply', '*', true),
  operator('try_divide', '/', true),
  operator('try_mod', '%', true),
  row('pmod', 2, 2, pmod),
  row('greatest', 2, Number.POSITIVE_INFINITY, (call) => extreme(call, 'greatest')),
  row('least', 2, Number.POSITIVE_INFINITY, (call) => extreme(call, 'least')),
  row('hex', 1, 1, hex),
  simple('bin', [type.bigint], type.string, (value) => sql`spark_bin(${value})`),
  row('bit_count', 1, 1, bitCount),
  row('isnan', 1, 1, isNan),
  row('nanvl', 2, 2, nanvl),
  bits('shiftleft', '<<'),
  bits('shiftright', '>>'),
  bits('shiftrightunsigned', '>>>'),
];

export { bitwise, mismatch };
