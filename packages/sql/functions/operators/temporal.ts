import type { DataType, IntervalUnit } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import {
  cast,
  commonTypeOfTwo,
  derive,
  isDatetime,
  isInterval,
  isNumeric,
  isText,
  mismatch,
} from '../../types/index.ts';
import { isIntegral, isYearMonth } from '../../types/numeric.ts';
import { isUtc, movedByDays, movedInstant, wallClock } from '../../types/zone.ts';
import { named, type } from '../define.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { divide, refuse } from './arithmetic.ts';
import { wrongOperands } from './wrong.ts';

const interval = (start: IntervalUnit, end: IntervalUnit): DataType => ({ kind: 'interval', start, end });
const dayToSecond = interval('day', 'second');
const yearToMonth = interval('year', 'month');
const dayMicros = '86400000000';
const zeroInterval = raise('INTERVAL_DIVIDED_BY_ZERO', 'An interval cannot be divided by zero.');

/** How often an interval fits in another of its family, as bigint. */
function quotient(call: FunctionCall): FunctionResult | undefined {
  let [a, b] = call.args as [Typed, Typed];
  if (!isInterval(a.type) && !isInterval(b.type)) return undefined;
  if (a.type.kind === 'void') a = cast(a, b.type, call);
  if (b.type.kind === 'void') b = cast(b, a.type, call);
  if (!isInterval(a.type) || !isInterval(b.type)) throw refuse('div of an interval and another value');
  if (isYearMonth(a.type) !== isYearMonth(b.type))
    throw mismatch('BINARY_OP_DIFF_TYPES', 'div takes two intervals of one family.');
  return divide([a, b], type.bigint, zeroInterval, (x, y) => sql`CAST((${x} // ${y}) AS BIGINT)`);
}

/**
 * `+ - * / div` where an operand is a date, a timestamp or an interval; undefined where none is. `tried`: a division by
 * zero is NULL.
 */
export function temporal(
  call: FunctionCall,
  operator: '+' | '-' | '*' | '/' | 'div',
  tried = false,
): FunctionResult | undefined {
  if (operator === 'div') return quotient(call);
  const [a, b] = call.args as [Typed, Typed];
  if (![a, b].some((value) => isDatetime(value.type) || isInterval(value.type))) return undefined;
  const wrong = wrongOperands(operator, a.type, b.type);
  if (operator === '*') {
    if (isInterval(a.type) === isInterval(b.type)) throw wrong;
    return isInterval(a.type) ? scale(call, a, b, '*', tried) : scale(call, b, a, '*', tried);
  }
  if (operator === '/') {
    if (!isInterval(a.type) || isInterval(b.type)) throw wrong;
    return scale(call, a, b, '/', tried);
  }
  if (a.type.kind === 'void' || b.type.kind === 'void') return withNull(call, a, b, operator);
  const named = `(${a.name} ${operator} ${b.name})`;
  if (isInterval(a.type) && isInterval(b.type)) {
    const common = commonTypeOfTwo(a.type, b.type);
    if (!common) throw wrong;
    return { ...derive([a, b], sql`(${a.sql} ${operator} ${b.sql})`, common), name: named };
  }
  if (operator === '+' && (isDatetime(b.type) || (isInterval(a.type) && isText(b.type))))
    return shift(call, b, a, '+', true) ?? fail(wrong);
  if (operator === '-' && isDatetime(b.type)) return between(call, a, b) ?? fail(wrong);
  return shift(call, a, b, operator, false) ?? fail(wrong);
}

/** NULL beside a date counts as a day-time interval where it is added, else as a value of the other's kind. */
function withNull(call: FunctionCall, a: Typed, b: Typed, operator: '+' | '-'): FunctionResult {
  const other = a.type.kind === 'void' ? b : a;
  const named = `(${a.name} ${operator} ${b.name})`;
  const moved = operator === '+' && isDatetime(other.type);
  const result = moved
    ? other.type.kind === 'date'
      ? type.timestamp
      : other.type
    : isInterval(other.type)
      ? other.type
      : other.type.kind === 'date'
        ? interval('day', 'day')
        : dayToSecond;
  const empty = cast({ ...(a.type.kind === 'void' ? a : b) }, result, { session: call.session });
  return {
    ...derive([a, b], empty.sql, result, true),
    name: moved ? `${other.name} + NULL` : named,
  };
}

function fail(error: Error): never {
  throw error;
}

/** date - date is INTERVAL DAY; anything with a timestamp is INTERVAL DAY TO SECOND. */
function between(call: FunctionCall, a: Typed, b: Typed): FunctionResult | undefined {
  const session = { session: call.session };
  const name = `(${a.name} - ${b.name})`;
  if (isText(a.type)) return between(call, cast(a, b.type, session), b);
  if (!isDatetime(a.type)) return undefined;
  if (a.type.kind === 'date' && b.type.kind === 'date') {
    return named(
      derive([a, b], sql`(CAST((${a.sql} - ${b.sql}) AS BIGINT) * ${dayMicros})`, interval('day', 'day')),
      name,
    );
  }
  const common: DataType =
    a.type.kind === 'timestamp_ntz' && b.type.kind === 'timestamp_ntz' ? type.ntz : type.timestamp;
  const [x, y] = [cast(a, common, session), cast(b, common, session)];
  // Spark compares the wall clocks of the session zone.
  const wall = (value: Typed) =>
    sql`epoch_us(${value.type.kind === 'timestamp' ? wallClock(value.sql, call.session) : value.sql})`;
  return named(derive([x, y], sql`(${wall(x)} - ${wall(y)})`, dayToSecond), name);
}

/** A date or timestamp moved by days or an interval. */
function shift(
  call: FunctionCall,
  base: Typed,
  by: Typed,
  operator: '+' | '-',
  swapped: boolean,
): FunctionResult | undefined {
  // Text is read as a timestamp, and the result is text again.
  if (isText(base.type) && isInterval(by.type) && !isYearMonth(by.type)) {
    const moved = shift(call, cast(base, type.timestamp, { session: call.session }), by, operator, swapped);
    return moved && { ...cast({ ...moved, name: '' }, type.string, { session: call.session }), name: moved.name };
  }
  if (!isDatetime(base.type)) return undefined;
  if (!isInterval(by.type)) {
    if (base.type.kind !== 'date' || !isIntegral(by.type) || by.type.kind === 'bigint') return undefined;
    const days = derive([base, by], sql`(${base.sql} ${operator} CAST(${by.sql} AS INTEGER))`, type.date);
    return named(days, `${operator === '+' ? 'date_add' : 'date_sub'}(${base.name}, ${by.name})`);
  }
  const name = swapped ? `${base.name} + ${by.name}` : `${base.name} ${operator} ${by.name}`;
  if (isYearMonth(by.type)) {
    const months = sql`to_months(${operator === '-' ? sql`(- ${by.sql})` : by.sql})`;
    if (base.type.kind === 'date')
      return named(derive([base, by], sql`CAST((${base.sql} + ${months}) AS DATE)`, type.date), name);
    if (base.type.kind === 'timestamp_ntz')
      return named(derive([base, by], sql`(${base.sql} + ${months})`, base.type), name);
    const moved = isUtc(call.session)
      ? sql`CAST((CAST(${base.sql} AS TIMESTAMP) + ${months}) AS TIMESTAMPTZ)`
      : movedInstant(base.sql, { months: operator === '-' ? sql`(- ${by.sql})` : by.sql }, call.session);
    return named(derive([base, by], moved, base.type), name);
  }
  if (base.type.kind === 'date' && by.type.kind === 'interval' && by.type.end === 'day') {
    return named(
      derive([base, by], sql`(${base.sql} ${operator} CAST((${by.sql} // ${dayMicros}) AS INTEGER))`, type.date),
      name,
    );
  }
  const start = base.type.kind === 'date' ? cast(base, type.timestamp, { session: call.session }) : base;
  if (!isUtc(call.session) && start.type.kind === 'timestamp') {
    const size = operator === '-' ? sql`(- ${by.sql})` : by.sql;
    return named(derive([base, by], movedByDays(start.sql, size, call.session), start.type), name);
  }
  const make = start.type.kind === 'timestamp' ? 'make_timestamptz' : 'make_timestamp';
  return named(derive([base, by], sql`${make}((epoch_us(${start.sql}) ${operator} ${by.sql}))`, start.type), name);
}

/** An interval times or divided by a number, rounded half up to months or microseconds. */
function scale(call: FunctionCall, value: Typed, factor: Typed, operator: '*' | '/', tried: boolean): FunctionResult {
  const by =
    isText(factor.type) || factor.type.kind === 'void'
      ? cast(factor, type.double, { session: call.session, try: tried })
      : factor;
  if (!isNumeric(by.type)) throw wrongOperands(operator, value.type, factor.type);
  const months = isYearMonth(value.type);
  const result = months ? yearToMonth : dayToSecond;
  const target = months ? 'INTEGER' : 'BIGINT';
  const name = `(${value.name} ${operator} ${factor.name})`;
  const kind = isIntegral(by.type) ? 'whole' : by.type.kind === 'decimal' ? 'decimal' : 'double';
  const text = once([value, by], (x, y): Sql => {
    if (operator === '*') {
      if (kind === 'whole') return sql`CAST((CAST(${x} AS HUGEINT) * ${y}) AS ${target})`;
      if (kind === 'decimal')
        return sql`CAST(spark_decimal('*', CAST(${x} AS VARCHAR), CAST(${y} AS VARCHAR), 38, 0, FALSE) AS ${target})`;
      return sql`CAST(spark_round_half_up(CAST(${x} AS DOUBLE) * ${y}) AS ${target})`;
    }
    const quotient =
      kind === 'double'
        ? sql`CAST(spark_round_half_up(CAST(${x} AS DOUBLE) / ${y}) AS ${target})`
        : sql`CAST(spark_decimal('/', CAST(${x} AS VARCHAR), CAST(${y} AS VARCHAR), 38, 0, FALSE) AS ${target})`;
    return sql`CASE WHEN ${y} = 0 THEN ${tried ? 'NULL' : zeroInterval} ELSE ${quotient} END`;
  });
  return named(derive([value, by], text, result), name);
}
