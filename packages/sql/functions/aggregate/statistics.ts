import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { cast, derive, isIntegral } from '../../types/index.ts';
import { type, unsupported } from '../define.ts';
import { divideByZero } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { aggregate, avg, numberArg, row } from './basic.ts';

const double = (call: FunctionCall): Typed => cast(numberArg(call), type.double, call);

/**
 * Variance and deviation; of one row the sample forms are NULL. The engine fails over NaN and infinities, where Spark's
 * answer is NaN, so it gets the finite values alone.
 */
const spread = (name: string, engine: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = double(call);
    const given = call.args[0]!.type.kind;
    if (isIntegral(call.args[0]!.type) || given === 'decimal')
      return derive([value], aggregate(call, engine, value.sql), type.double, true);
    const finite = sql`CASE WHEN isfinite(${value.sql}) THEN ${value.sql} END`;
    const least = engine.endsWith('_samp') ? '1' : '0';
    const text = sql`CASE WHEN bool_or(NOT isfinite(${value.sql}))${call.suffix} THEN CASE WHEN ${aggregate(call, 'count', value.sql)} > ${least} THEN CAST('NaN' AS DOUBLE) END ELSE ${aggregate(call, engine, finite)} END`;
    return derive([value], text, type.double, true);
  });

const sides = (call: FunctionCall): [Typed, Typed] => {
  if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
  return call.args.map((value) => double({ ...call, args: [value] })) as [Typed, Typed];
};

const pair = (name: string, engine: string): FunctionRow =>
  row(name, 2, 2, (call) => {
    const [x, y] = sides(call);
    const text = sql`${engine}(${x.sql}, ${y.sql})${call.suffix}`;
    // Where one side does not vary the engine answers NaN and Spark NULL.
    return derive(
      [x, y],
      engine.startsWith('regr_') ? sql`NULLIF(${text}, CAST('NaN' AS DOUBLE))` : text,
      type.double,
      true,
    );
  });

/** Of one row NULL; over a side that does not vary Spark divides by zero. */
function correlation(call: FunctionCall): FunctionResult {
  const [x, y] = sides(call);
  const both = sql`${x.sql} IS NOT NULL AND ${y.sql} IS NOT NULL`;
  const finite = sql`isfinite(${x.sql}) AND isfinite(${y.sql})`;
  const alike = (side: Typed) => {
    const kept = sql`CASE WHEN ${both} THEN ${side.sql} END`;
    return sql`min(${kept})${call.suffix} = max(${kept})${call.suffix}`;
  };
  const text = sql`CASE WHEN count(CASE WHEN ${both} THEN 1 END)${call.suffix} < 2 THEN NULL WHEN bool_or(${both} AND NOT (${finite}))${call.suffix} THEN CAST('NaN' AS DOUBLE) WHEN ${alike(x)} OR ${alike(y)} THEN ${divideByZero} ELSE corr(CASE WHEN ${finite} THEN ${x.sql} END, ${y.sql})${call.suffix} END`;
  return derive([x, y], text, type.double, true);
}

/** The average of one side over the rows where both are there, typed as avg types it. */
const regressionAverage = (name: string, side: 0 | 1): FunctionRow =>
  row(name, 2, 2, (call) => {
    for (const value of call.args) numberArg({ ...call, args: [value] });
    const value = call.args[side]!;
    const other = call.args[1 - side]!;
    const kept: Typed = {
      ...value,
      sql: sql`CASE WHEN ${other.sql} IS NOT NULL THEN ${value.sql} END`,
      constant: undefined,
      nullable: true,
    };
    if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
    return { ...avg({ ...call, args: [kept] }), name: undefined };
  });

/** Population skewness and excess kurtosis over all values of a group. */
const moment = (name: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = double(call);
    return derive([value], sql`spark_${name}(${aggregate(call, 'list', value.sql)})`, type.double, true);
  });

export const statisticAggregates: FunctionRow[] = [
  ...['stddev', 'std', 'stddev_samp'].map((name) => spread(name, 'stddev_samp')),
  spread('stddev_pop', 'stddev_pop'),
  ...['variance', 'var_samp'].map((name) => spread(name, 'var_samp')),
  spread('var_pop', 'var_pop'),
  pair('covar_pop', 'covar_pop'),
  pair('covar_samp', 'covar_samp'),
  row('corr', 2, 2, correlation),
  moment('skewness'),
  moment('kurtosis'),
  ...['regr_slope', 'regr_intercept', 'regr_r2', 'regr_sxx', 'regr_sxy', 'regr_syy'].map((name) => pair(name, name)),
  regressionAverage('regr_avgx', 1),
  regressionAverage('regr_avgy', 0),
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
