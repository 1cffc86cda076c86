import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { cast, commonTypeOfTwo, derive, engineType, isIntegral, isText, mismatch } from '../../types/index.ts';
import { isYearMonth } from '../../types/numeric.ts';
import { isUtc } from '../../types/zone.ts';
import { arrayOf, unify, unsupported } from '../define.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';

const illegal = raise('ILLEGAL_SEQUENCE', 'The step of sequence leads away from its end, or is 0.');
const wholeDays = raise('ILLEGAL_SEQUENCE', 'A sequence of dates needs a step of at least one day.');
const microsPerDay = '86400000000';

/** `body` where a step leads from one end to the other; both ends of the same value are one element, whatever the step. */
const guarded = (from: Sql, to: Sql, step: Sql, one: Sql, body: Sql): Sql =>
  sql`CASE WHEN ${from} IS NULL OR ${to} IS NULL OR ${step} IS NULL THEN NULL WHEN ${from} = ${to} THEN [${one}] WHEN ${step} = 0 OR ${step} > 0 AND ${from} > ${to} OR ${step} < 0 AND ${from} < ${to} THEN ${illegal} ELSE ${body} END`;

/** Whole numbers from start to stop, both inclusive; down by itself where the stop is smaller. */
function whole(values: Typed[], common: DataType): FunctionResult {
  const text = once(values, (from, to, by) => {
    const step = by ?? sql`CASE WHEN ${from} <= ${to} THEN 1 ELSE -1 END`;
    const big = (value: Sql) => sql`CAST(${value} AS BIGINT)`;
    // Counted from the start: a last step beyond the widest number must not be taken.
    const count = sql`CAST((CAST(${to} AS HUGEINT) - CAST(${from} AS HUGEINT)) // CAST(${step} AS HUGEINT) AS BIGINT)`;
    const body = sql`list_transform(range(${count} + 1), lambda __n: CAST(CAST(${from} AS HUGEINT) + CAST(__n AS HUGEINT) * CAST(${step} AS HUGEINT) AS BIGINT))`;
    const series = by ? body : sql`generate_series(${big(from)}, ${big(to)}, ${step})`;
    return by ? guarded(from, to, by, big(from), body) : series;
  });
  return derive(values, sql`CAST(${text} AS ${engineType(common)}[])`, arrayOf(common, false));
}

/** The value as microseconds of its own clock, and back. */
const microsOf = (value: Sql): Sql => sql`epoch_us(${value})`;
const ofMicros = (value: Sql, to: DataType): Sql =>
  to.kind === 'timestamp'
    ? sql`make_timestamptz(${value})`
    : to.kind === 'date'
      ? sql`CAST(make_timestamp(${value}) AS DATE)`
      : sql`make_timestamp(${value})`;

/** Dates and timestamps by days, months or parts of days; a month is counted from the start, so that ends of months stay. */
function temporal(call: FunctionCall, ends: [Typed, Typed], by: Typed | undefined, of: DataType): FunctionResult {
  if (of.kind === 'timestamp' && !isUtc(call.session))
    throw unsupported(call, 'timestamps are supported in the session zone UTC alone. Use timestamp_ntz.');
  const dates = of.kind === 'date';
  if (by && isYearMonth(by.type)) {
    const text = once([...ends, by], (from, to, step) => {
      const [a, b] = [sql`CAST(${from!} AS TIMESTAMP)`, sql`CAST(${to!} AS TIMESTAMP)`];
      const at = sql`(${a} + to_months(CAST(__n * ${step!} AS INTEGER)))`;
      const bound = sql`abs(datediff('month', ${a}, ${b})) // abs(${step!}) + 2`;
      const kept = sql`CASE WHEN ${step!} > 0 THEN __at <= ${b} ELSE __at >= ${b} END`;
      const body = sql`list_transform(list_filter(list_transform(range(${bound}), lambda __n: ${at}), lambda __at: ${kept}), lambda __at: CAST(__at AS ${engineType(of)}))`;
      return guarded(from!, to!, step!, from!, body);
    });
    return derive([...ends, by], sql`CAST(${text} AS ${engineType(of)}[])`, arrayOf(of, false));
  }
  const operands = by ? [...ends, by] : ends;
  const text = once(operands, (from, to, given) => {
    const [a, b] = [
      microsOf(sql`CAST(${from!} AS ${dates ? 'TIMESTAMP' : engineType(of)})`),
      microsOf(sql`CAST(${to!} AS ${dates ? 'TIMESTAMP' : engineType(of)})`),
    ];
    const step = given ?? sql`CASE WHEN ${from!} <= ${to!} THEN ${microsPerDay} ELSE -${microsPerDay} END`;
    const checked =
      dates && given
        ? sql`CASE WHEN abs(${given}) < ${microsPerDay} THEN CAST(${wholeDays} AS BIGINT) ELSE ${given} END`
        : step;
    const body = sql`list_transform(generate_series(${a}, ${b}, ${checked}), lambda __at: ${ofMicros(['__at'], of)})`;
    return guarded(from!, to!, step, from!, body);
  });
  return derive(operands, sql`CAST(${text} AS ${engineType(of)}[])`, arrayOf(of, false));
}

const times = ['date', 'timestamp', 'timestamp_ntz'];

/** sequence(start, stop[, step]): both ends count. */
export function sequence(call: FunctionCall): FunctionResult {
  const [from, to, by] = call.args as [Typed, Typed, Typed | undefined];
  const ends = [from, to];
  if (by && !ends.some((end) => times.includes(end.type.kind)) && (isIntegral(by.type) || by.type.kind === 'void')) {
    const { type: common, values } = unify(call, call.args);
    if (!isIntegral(common)) throw unsupported(call, 'only sequences of whole numbers and of times are supported.');
    return whole(values, common);
  }
  if (by && by.type.kind !== 'interval') {
    if (isText(by.type) || by.type.kind === 'calendar_interval' || by.type.kind === 'void')
      throw unsupported(call, 'the step must be an interval of years to months, or of days to seconds.');
    throw mismatch('SEQUENCE_WRONG_INPUT_TYPES', 'The step of a sequence of times must be an interval.');
  }
  const common = commonTypeOfTwo(from.type, to.type);
  if (common && times.includes(common.kind)) {
    const values = ends.map((end) => cast(end, common, call)) as [Typed, Typed];
    return temporal(call, values, by, common);
  }
  if (by) throw mismatch('SEQUENCE_WRONG_INPUT_TYPES', 'Whole numbers take a whole number as their step.');
  const { type: wide, values } = unify(call, call.args);
  if (!isIntegral(wide)) throw unsupported(call, 'only sequences of whole numbers and of times are supported.');
  return whole(values, wide);
}
