import { userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { cast, derive } from '../../types/index.ts';
import { isNumeric } from '../../types/numeric.ts';
import { type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { aggregate, numberArg, row } from './basic.ts';

const double = (call: FunctionCall): Typed => cast(numberArg(call), type.double, call);

/** Variance and deviation; of one row the sample forms are NULL. */
const spread = (name: string, engine: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = double(call);
    return derive([value], aggregate(call, engine, value.sql), type.double, true);
  });

const pair = (name: string, engine: string): FunctionRow =>
  row(name, 2, 2, (call) => {
    if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
    const [x, y] = call.args.map((_, index) => double({ ...call, args: [call.args[index]!] })) as [Typed, Typed];
    const text = sql`${engine}(${x.sql}, ${y.sql})${call.suffix}`;
    // Where one side does not vary the engine answers NaN and Spark NULL.
    return derive(
      [x, y],
      engine.startsWith('regr_') ? sql`NULLIF(${text}, CAST('NaN' AS DOUBLE))` : text,
      type.double,
      true,
    );
  });

/** Population skewness and excess kurtosis over all values of a group. */
const moment = (name: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = double(call);
    return derive([value], sql`spark_${name}(${aggregate(call, 'list', value.sql)})`, type.double, true);
  });

/** Share (0 to 1) of a percentile: a constant, or an array of constants. */
function shares(call: FunctionCall, value: Typed): { text: string; list: boolean } {
  const text = value.sql.length === 1 && typeof value.sql[0] === 'string' ? value.sql[0] : undefined;
  const list = value.type.kind === 'array';
  if (!value.foldable || text === undefined) throw unsupported(call, 'the percentage must be a constant.');
  const checked =
    typeof value.constant?.value === 'bigint' ||
    typeof value.constant?.value === 'number' ||
    typeof value.constant?.value === 'string'
      ? Number(value.constant.value)
      : undefined;
  if (list) throw unsupported(call, 'arrays of percentages are not supported. Write one call for each.');
  if (checked === undefined || !isNumeric(value.type))
    throw unsupported(call, 'the percentage must be a number literal.');
  if (!(checked >= 0 && checked <= 1)) throw unsupported(call, 'the percentage must lie between 0 and 1.');
  return { text: String(checked), list };
}

const percentile = (call: FunctionCall): FunctionResult => {
  if (call.args.length > 2) throw unsupported(call, 'frequencies are not supported.');
  const value = double(call);
  const share = shares(call, call.args[1]!);
  return {
    ...derive(
      [value],
      sql`quantile_cont(${call.distinct ? 'DISTINCT ' : ''}${value.sql}, ${share.text})${call.suffix}`,
      type.double,
      true,
    ),
    name: `percentile(${call.distinct ? 'DISTINCT ' : ''}${call.args[0]!.name}, ${call.args[1]!.name}, 1)`,
  };
};

/** percentile_cont and percentile_disc WITHIN GROUP (ORDER BY one number). */
const within = (name: 'percentile_cont' | 'percentile_disc'): FunctionRow =>
  row(name, 1, 1, (call) => {
    const [key] = call.orderWithin;
    if (!key)
      throw userError(
        'INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING',
        `${name} needs WITHIN GROUP (ORDER BY …).`,
        { sqlState: '42K0K' },
      );
    if (call.orderWithin.length > 1 || call.distinct) throw unsupported(call, 'it takes one order and no DISTINCT.');
    const value = double({ ...call, args: [key.value] });
    const share = Number(shares(call, call.args[0]!).text);
    if (key.descending && name === 'percentile_disc') throw unsupported(call, 'a descending order is not supported.');
    const engine = name === 'percentile_cont' ? 'quantile_cont' : 'quantile_disc';
    const text = sql`${engine}(${value.sql}, ${String(key.descending ? 1 - share : share)})${call.suffix}`;
    return {
      ...derive([value], text, type.double, true),
      name: `${name}(${call.args[0]!.name}) WITHIN GROUP (ORDER BY ${key.value.name}${key.descending ? ' DESC' : ''})`,
    };
  });

/** A member of the group: the first whose rank reaches the share. Exact, which is within any accuracy. */
const approximate = (call: FunctionCall): FunctionResult => {
  const [value, share, accuracy] = call.args as [Typed, Typed, Typed | undefined];
  if (!isNumeric(value.type)) throw unsupported(call, `only numbers are supported.`);
  if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
  if (
    accuracy &&
    !(
      typeof accuracy.constant?.value === 'bigint' &&
      accuracy.constant.value > 0n &&
      accuracy.constant.value <= 2147483647n
    )
  ) {
    throw unsupported(call, 'the accuracy must be a positive number literal.');
  }
  const text = sql`quantile_disc(${value.sql}, ${shares(call, share).text})${call.suffix}`;
  return {
    ...derive([value], text, value.type, true),
    name: `${call.name}(${value.name}, ${share.name}, ${accuracy?.name ?? '10000'})`,
  };
};

export const statisticAggregates: FunctionRow[] = [
  ...['stddev', 'std', 'stddev_samp'].map((name) => spread(name, 'stddev_samp')),
  spread('stddev_pop', 'stddev_pop'),
  ...['variance', 'var_samp'].map((name) => spread(name, 'var_samp')),
  spread('var_pop', 'var_pop'),
  pair('covar_pop', 'covar_pop'),
  pair('covar_samp', 'covar_samp'),
  moment('skewness'),
  moment('kurtosis'),
  row('median', 1, 1, (call) => {
    const value = double(call);
    return derive([value], aggregate(call, 'median', value.sql), type.double, true);
  }),
  row('percentile', 2, 3, percentile),
  within('percentile_cont'),
  within('percentile_disc'),
  ...['regr_slope', 'regr_intercept', 'regr_r2', 'regr_sxx', 'regr_sxy', 'regr_syy'].map((name) => pair(name, name)),
  row('percentile_approx', 2, 3, approximate),
  row('approx_percentile', 2, 3, approximate),
  row('regr_count', 2, 2, (call) => {
    const [y, x] = call.args as [Typed, Typed];
    return derive(
      [y, x],
      sql`count(CASE WHEN ${y.sql} IS NOT NULL AND ${x.sql} IS NOT NULL THEN 1 END)${call.suffix}`,
      type.bigint,
      false,
    );
  }),
];
