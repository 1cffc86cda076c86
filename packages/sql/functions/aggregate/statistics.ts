import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { cast, derive } from '../../types/index.ts';
import { isNumeric } from '../../types/numeric.ts';
import { arrayOf, type, unsupported } from '../define.ts';
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
    return derive([x, y], sql`${engine}(${x.sql}, ${y.sql})${call.suffix}`, type.double, true);
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

export { arrayOf };
