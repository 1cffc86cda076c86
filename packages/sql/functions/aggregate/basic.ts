import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  derive,
  engineType,
  implicit,
  isIntegral,
  isInterval,
  isText,
  mismatch,
  needsOrderKey,
  orderKey,
} from '../../types/index.ts';
import { decimal, isNumeric, isYearMonth } from '../../types/numeric.ts';
import { type, unsupported } from '../define.ts';
import { isOrderable } from '../operators/compare.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { decimalMean, decimalSum, within38 } from './decimal.ts';

/** `name(DISTINCT x) FILTER … OVER …` in the engine. */
export const aggregate = (call: FunctionCall, name: string, ...args: (Sql | string)[]): Sql =>
  sql`${name}(${call.distinct ? 'DISTINCT ' : ''}${join(args, ', ')})${call.suffix}`;

export const row = (
  name: string,
  minArgs: number,
  maxArgs: number,
  build: FunctionRow['build'],
  more: Partial<FunctionRow> = {},
): FunctionRow => ({
  name,
  kind: 'aggregate',
  minArgs,
  maxArgs,
  build: (call) => {
    if (call.args.some((value) => value.volatile)) {
      throw userError(
        'AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION',
        `${call.name}: the argument changes with each call. Compute it in a subquery first.`,
        { sqlState: '42845' },
      );
    }
    const result = build(call);
    return { ...result, foldable: false, aggregate: !call.over };
  },
  ...more,
});

/** Aggregates over an order of their own take only the window that is all of a partition. */
export function requireWholeWindow(call: FunctionCall): void {
  if (!call.over || call.wholeWindow) return;
  throw userError(
    'INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC',
    `${call.name} takes no ORDER BY and no frame in its window. Use PARTITION BY alone.`,
    { sqlState: '42601' },
  );
}

/** A number to add up: text counts as double. */
export function numberArg(call: FunctionCall): Typed {
  const [value] = call.args as [Typed];
  if (isText(value.type) || value.type.kind === 'void') return cast(value, type.double, call);
  if (isInterval(value.type)) throw unsupported(call, 'intervals are not supported.');
  if (!isNumeric(value.type)) throw wrongInput(value, 'a number');
  return value;
}

/** count(*) comes as count(1). Rows with a NULL in any argument do not count. */
function count(call: FunctionCall): FunctionResult {
  const { args } = call;
  const constant =
    args.length === 1 && args[0]!.constant !== undefined && args[0]!.constant.value !== null && !call.distinct;
  if (constant) return derive([], sql`count(*)${call.suffix}`, type.bigint, false);
  if (args.length === 1) return derive(args, aggregate(call, 'count', args[0]!.sql), type.bigint, false);
  const present = join(
    args.map((arg) => sql`${arg.sql} IS NOT NULL`),
    ' AND ',
  );
  const fields = join(
    args.map((arg, index) => sql`v${index} := ${arg.sql}`),
    ', ',
  );
  const counted = call.distinct ? sql`struct_pack(${fields})` : sql`1`;
  return derive(args, aggregate(call, 'count', sql`CASE WHEN ${present} THEN ${counted} END`), type.bigint, false);
}

/** Whole numbers add up to bigint, decimals get ten digits more; a result that does not fit is an error. */
function sum(call: FunctionCall, word: 'CAST' | 'TRY_CAST'): FunctionResult {
  const [given] = call.args as [Typed];
  if (isInterval(given.type))
    return derive(
      [given],
      sql`${word}(${aggregate(call, 'sum', given.sql)} AS ${engineType(given.type)})`,
      given.type,
      true,
    );
  const value = numberArg(call);
  if (isIntegral(value.type))
    return derive([value], sql`${word}(${aggregate(call, 'sum', value.sql)} AS BIGINT)`, type.bigint, true);
  if (value.type.kind === 'decimal') {
    const result = decimal(Math.min(38, value.type.precision + 10), value.type.scale);
    const tried = word === 'TRY_CAST';
    if (value.type.precision > 28)
      return derive([value], within38(decimalSum(call, value), result.scale, tried), result, true);
    return derive([value], sql`${word}(${decimalSum(call, value)} AS ${engineType(result)})`, result, true);
  }
  return derive([value], aggregate(call, 'sum', cast(value, type.double, call).sql), type.double, true);
}

/** Decimals keep their digits and get four more behind the point; everything else averages to double. */
export function avg(call: FunctionCall, tried = false): FunctionResult {
  const [given] = call.args as [Typed];
  if (isInterval(given.type)) return averageInterval(call, given, tried);
  const value = numberArg(call);
  if (value.type.kind === 'decimal') {
    const { precision, scale } = value.type;
    const result = decimal(Math.min(38, precision + 4), Math.min(38, scale + 4));
    const rows = aggregate(call, 'count', value.sql);
    const total = decimalSum(call, value);
    return derive([value], decimalMean(total, rows, value.type, result, tried), result, true);
  }
  return derive([value], aggregate(call, 'avg', cast(value, type.double, call).sql), type.double, true);
}

/** The sum of intervals divided by their number, rounded half up, in the widest type of their family. */
function averageInterval(call: FunctionCall, value: Typed, tried: boolean): FunctionResult {
  const months = isYearMonth(value.type);
  const result: DataType = months
    ? { kind: 'interval', start: 'year', end: 'month' }
    : { kind: 'interval', start: 'day', end: 'second' };
  const [total, rows] = [aggregate(call, 'sum', value.sql), aggregate(call, 'count', value.sql)];
  const checked = sql`${tried ? 'TRY_CAST' : 'CAST'}(${total} AS ${months ? 'INTEGER' : 'BIGINT'})`;
  const text = sql`CAST(spark_decimal('/', CAST(${checked} AS VARCHAR), CAST(NULLIF(${rows}, 0) AS VARCHAR), 38, 0, FALSE) AS ${months ? 'INTEGER' : 'BIGINT'})`;
  return derive([value], text, result, true);
}

export function requireOrder(call: FunctionCall, value: Typed): void {
  if (!isOrderable(value.type))
    throw mismatch('INVALID_ORDERING_TYPE', `${call.name}: values of the type ${typeText(value.type)} have no order.`);
}

const extreme = (name: 'min' | 'max'): FunctionRow =>
  row(name, 1, 1, (call) => {
    const [value] = call.args as [Typed];
    requireOrder(call, value);
    if (needsOrderKey(value.type)) {
      const text = sql`arg_${name}_null(${value.sql}, ${orderKey(value.sql, value.type)})${call.suffix}`;
      return derive([value], text, value.type, true);
    }
    // DISTINCT changes nothing here, and the engine's windows do not take it.
    return derive([value], sql`${name}(${value.sql})${call.suffix}`, value.type, true);
  });

const condition = (call: FunctionCall): Typed => {
  const [value] = call.args as [Typed];
  if (value.type.kind !== 'boolean' && value.type.kind !== 'void' && !isText(value.type))
    throw wrongInput(value, 'boolean');
  return implicit(value, type.boolean, call);
};

const logical = (name: string, engine: 'bool_and' | 'bool_or'): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = condition(call);
    return derive([value], sql`${engine}(${value.sql})${call.suffix}`, type.boolean, true);
  });

const bits = (name: 'bit_and' | 'bit_or' | 'bit_xor'): FunctionRow =>
  row(name, 1, 1, (call) => {
    const [value] = call.args as [Typed];
    if (!isIntegral(value.type)) throw wrongInput(value, 'a whole number');
    return derive([value], aggregate(call, name, value.sql), value.type, true);
  });

const printed = (call: FunctionCall): string =>
  `${call.name}(${call.distinct ? 'DISTINCT ' : ''}${call.args.map((value) => value.name).join(', ')})`;

export const basicAggregates: FunctionRow[] = [
  row('count', 1, Number.POSITIVE_INFINITY, count),
  row('sum', 1, 1, (call) => sum(call, 'CAST')),
  row('try_sum', 1, 1, (call) => sum(call, 'TRY_CAST')),
  row('avg', 1, 1, (call) => avg(call)),
  row('mean', 1, 1, (call) => avg(call)),
  row('try_avg', 1, 1, (call) => avg(call, true)),
  extreme('min'),
  extreme('max'),
  ...['bool_and', 'every'].map((name) => logical(name, 'bool_and')),
  ...['bool_or', 'some', 'any'].map((name) => logical(name, 'bool_or')),
  row('count_if', 1, 1, (call) => {
    const value = condition(call);
    return {
      ...derive([value], aggregate(call, 'count', sql`CASE WHEN ${value.sql} THEN TRUE END`), type.bigint, false),
      name: printed(call),
    };
  }),
  bits('bit_and'),
  bits('bit_or'),
  bits('bit_xor'),
];
