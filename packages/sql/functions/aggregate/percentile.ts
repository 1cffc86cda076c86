import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  constantWhole,
  derive,
  engineType,
  isDatetime,
  isIntegral,
  isInterval,
  isNullLiteral,
  isText,
  mismatch,
} from '../../types/index.ts';
import { isNumeric, isYearMonth } from '../../types/numeric.ts';
import { arrayOf, type, unsupported } from '../define.ts';
import { raise } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { aggregate, requireWholeWindow, row } from './basic.ts';

/** The asked percentages (0 to 1): one, or an array of them. */
interface Shares {
  values: number[];
  list: boolean;
}

/** Percentages must be known before the statement runs: a literal or an array of literals. */
function sharesOf(call: FunctionCall, value: Typed): Shares {
  if (!value.foldable)
    throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the percentage must be a constant, not ${value.name}.`);
  if (isNullLiteral(value)) throw mismatch('UNEXPECTED_NULL', `${call.name}: the percentage must not be NULL.`);
  const list = value.type.kind === 'array';
  const parts = list ? value.elements : [value];
  if (!parts) throw unsupported(call, 'the percentages must be literals.');
  const values = parts.map((part) => {
    if (isNullLiteral(part)) throw wrongInput(value, 'an array of numbers without NULL');
    // Text beside numbers makes an array of whole numbers or doubles of text, which Spark refuses here.
    if (list && isText(part.type)) throw wrongInput(value, 'an array of numbers');
    const given = part.constant?.value;
    if (given === undefined || typeof given === 'boolean') {
      if (isNumeric(part.type)) throw unsupported(call, 'the percentages must be literals.');
      throw wrongInput(value, 'a number between 0 and 1');
    }
    const share = Number(given);
    if (Number.isNaN(share)) throw unsupported(call, 'the percentages must be number literals.');
    if (!(share >= 0 && share <= 1))
      throw mismatch('VALUE_OUT_OF_RANGE', `${call.name}: the percentage must lie between 0 and 1, not ${share}.`);
    return share;
  });
  return { values, list };
}

/** What is measured, as double; intervals count in months or microseconds. */
function measured(call: FunctionCall, value: Typed): { text: Sql; result: DataType; back: (x: Sql) => Sql } {
  if (isInterval(value.type)) {
    const months = isYearMonth(value.type);
    const result: DataType = months
      ? { kind: 'interval', start: 'year', end: 'month' }
      : { kind: 'interval', start: 'day', end: 'second' };
    const engine = months ? 'INTEGER' : 'BIGINT';
    return {
      text: sql`CAST(${value.sql} AS DOUBLE)`,
      result,
      back: (x) => sql`CAST(trunc(${x}) AS ${engine})`,
    };
  }
  if (!isNumeric(value.type) && !isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a number');
  return { text: cast(value, type.double, call).sql, result: type.double, back: (x) => x };
}

/** The engine's answer for one share or for each of a list, turned back into the result's type. */
function answer(shares: Shares, value: ReturnType<typeof measured>, quantile: (shares: string) => Sql): FunctionResult {
  if (!shares.list) return derive([], value.back(quantile(String(shares.values[0]))), value.result, true);
  const result = arrayOf(value.result, false);
  if (shares.values.length === 0) return derive([], sql`any_value(CAST(NULL AS ${engineType(result)}))`, result, true);
  const all = quantile(`[${shares.values.join(', ')}]`);
  const text = value.result.kind === 'double' ? all : sql`list_transform(${all}, lambda __q: ${value.back(['__q'])})`;
  return derive([], text, result, true);
}

const distinctWord = (call: FunctionCall) => (call.distinct ? 'DISTINCT ' : '');

/** percentile(value, percentage[, frequency]) interpolates between members. */
function percentile(call: FunctionCall): FunctionResult {
  const [given, percentage, frequency] = call.args as [Typed, Typed, Typed | undefined];
  const value = measured(call, given);
  const shares = sharesOf(call, percentage);
  const name = `percentile(${distinctWord(call)}${given.name}, ${percentage.name}, ${frequency?.name ?? '1'})`;
  const constant = frequency?.constant?.value;
  if (!frequency || (constant === 1n && isIntegral(frequency.type))) {
    const built = answer(shares, value, (at) => aggregate(call, 'quantile_cont', value.text, at));
    return { ...built, name };
  }
  if (!isIntegral(frequency.type)) throw wrongInput(frequency, 'a whole number');
  const pairs = aggregate(call, 'list', sql`struct_pack(v := ${value.text}, n := CAST(${frequency.sql} AS BIGINT))`);
  const counted = (at: string) =>
    sql`list_transform([${pairs}], lambda __f: spark_percentile_counted(list_transform(__f, lambda __p: __p.v), list_transform(__f, lambda __p: __p.n), CAST(${at} AS DOUBLE[])))[1]`;
  const built = answer(shares, value, (at) => (shares.list ? counted(at) : sql`${counted(`[${at}]`)}[1]`));
  return { ...built, name };
}

/** percentile_cont and percentile_disc WITHIN GROUP (ORDER BY one value): the second gives a member. */
const within = (name: 'percentile_cont' | 'percentile_disc'): FunctionRow =>
  row(name, 1, 1, (call) => {
    requireWholeWindow(call);
    const [key] = call.orderWithin;
    if (!key)
      throw userError(
        'INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING',
        `${name} needs WITHIN GROUP (ORDER BY …).`,
        { sqlState: '42K0K' },
      );
    if (call.distinct)
      throw userError('INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED', `${name} does not take DISTINCT.`, {
        sqlState: '42K0K',
      });
    if (call.orderWithin.length > 1) throw unsupported(call, 'it takes one order.');
    const [percentage] = call.args as [Typed];
    const value = measured(call, key.value);
    const shares = sharesOf(call, percentage);
    const engine = name === 'percentile_cont' ? 'quantile_cont' : 'quantile_disc';
    const built =
      key.descending && engine === 'quantile_disc'
        ? answer(shares, value, (at) => descending(call, value.text, at))
        : answer(key.descending ? mirrored(shares) : shares, value, (at) => aggregate(call, engine, value.text, at));
    return {
      ...built,
      name: `${name}(${percentage.name}) WITHIN GROUP (ORDER BY ${key.value.name}${key.descending ? ' DESC' : ''})`,
    };
  });

const mirrored = ({ values, list }: Shares): Shares => ({ values: values.map((share) => 1 - share), list });

/** Members counted from the greatest: the values sorted so, and the first whose rank reaches the share. */
function descending(call: FunctionCall, value: Sql, at: string): Sql {
  const sorted = sql`list_reverse_sort(list_filter(list(${value})${call.suffix}, lambda __m: __m IS NOT NULL))`;
  const member = (share: string) => `list_extract(__s, greatest(1, CAST(ceil(${share} * len(__s)) AS BIGINT)))`;
  const each = at.startsWith('[')
    ? `CASE WHEN len(__s) > 0 THEN list_transform(CAST(${at} AS DOUBLE[]), lambda __p: ${member('__p')}) END`
    : member(`CAST(${at} AS DOUBLE)`);
  return sql`list_transform([${sorted}], lambda __s: ${each})[1]`;
}

/** Below this accuracy the sketch that Spark keeps shows in small groups already, so it is kept here too. */
const fineAccuracy = 10_000n;

/** A member of the group near the asked rank, as Spark's summary of quantiles finds it. */
function approximate(call: FunctionCall): FunctionResult {
  const [given, percentage, accuracy] = call.args as [Typed, Typed, Typed | undefined];
  const value = isText(given.type) || given.type.kind === 'void' ? cast(given, type.double, call) : given;
  if (!isNumeric(value.type) && !isDatetime(value.type) && !isInterval(value.type)) throw wrongInput(given, 'a number');
  const shares = sharesOf(call, percentage);
  const wanted = accuracy ? accuracyOf(call, accuracy) : fineAccuracy;
  const name = `${call.name}(${distinctWord(call)}${given.name}, ${percentage.name}, ${accuracy?.name ?? '10000'})`;
  const same = { text: value.sql, result: value.type, back: (x: Sql) => x };
  if (wanted < fineAccuracy) return { ...summarised(call, value, shares, wanted), name };
  const floating = value.type.kind === 'double' || value.type.kind === 'float';
  const built = answer(shares, same, (at) => {
    const text = aggregate(call, 'quantile_disc', value.sql, at);
    if (!floating) return text;
    const refusal = raise(
      'UNSUPPORTED_FUNCTION',
      `${call.name} over values that are not numbers (NaN) is not supported.`,
    );
    return sql`CASE WHEN bool_or(isnan(${value.sql}))${call.suffix} THEN ${refusal} ELSE ${text} END`;
  });
  return { ...built, name };
}

function accuracyOf(call: FunctionCall, accuracy: Typed): bigint {
  if (!accuracy.foldable)
    throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the accuracy must be a constant, not ${accuracy.name}.`);
  if (isNullLiteral(accuracy)) throw mismatch('UNEXPECTED_NULL', `${call.name}: the accuracy must not be NULL.`);
  if (!isIntegral(accuracy.type)) throw wrongInput(accuracy, 'a whole number');
  const wanted = constantWhole(accuracy, accuracy);
  if (wanted === undefined) throw unsupported(call, 'the accuracy must be a literal.');
  if (wanted < 1n || wanted > 2147483647n)
    throw mismatch('VALUE_OUT_OF_RANGE', `${call.name}: the accuracy must lie between 1 and 2147483647.`);
  return wanted;
}

/** Through the summary itself: it holds doubles, so only types that go there and back are taken. */
function summarised(call: FunctionCall, value: Typed, shares: Shares, accuracy: bigint): FunctionResult {
  if (!isNumeric(value.type)) throw unsupported(call, 'an accuracy below 10000 is supported for numbers only.');
  const text = sql`spark_percentile_approx(${aggregate(call, 'list', cast(value, type.double, call).sql)}, CAST([${join(shares.values, ', ')}] AS DOUBLE[]), ${String(accuracy)})`;
  if (!shares.list) return derive([], sql`CAST(${text}[1] AS ${engineType(value.type)})`, value.type, true);
  const result = arrayOf(value.type, false);
  return derive([], sql`CAST(${text} AS ${engineType(result)})`, result, true);
}

export const percentileAggregates: FunctionRow[] = [
  row('median', 1, 1, (call) => {
    requireWholeWindow(call);
    const [given] = call.args as [Typed];
    const value = measured(call, given);
    return derive([given], value.back(aggregate(call, 'median', value.text)), value.result, true);
  }),
  row('percentile', 2, 3, percentile),
  within('percentile_cont'),
  within('percentile_disc'),
  row('percentile_approx', 2, 3, approximate),
  row('approx_percentile', 2, 3, approximate),
];
