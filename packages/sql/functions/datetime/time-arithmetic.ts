import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  derive,
  isText,
  microsOfTime,
  mismatch,
  requireTimeType,
  timeOfMicros,
  timeType,
} from '../../types/index.ts';
import { isDatetime, isDayTime } from '../../types/numeric.ts';
import { callSql } from '../define.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';

/**
 * `+` and `-` where an operand is a TIME: with a day-time interval it stays one, the difference of two is INTERVAL HOUR TO
 * SECOND. Undefined where no operand is a time. `tried`: a time that leaves the day is NULL instead of DATETIME_OVERFLOW.
 */
export function timeArithmetic(call: FunctionCall, operator: string, tried: boolean): FunctionResult | undefined {
  const [a, b] = call.args as [Typed, Typed];
  if (a.type.kind !== 'time' && b.type.kind !== 'time') return undefined;
  if (operator === '-' && isTimeLike(a) && isTimeLike(b)) return difference(call, a, b);
  const swapped = operator === '+' && a.type.kind !== 'time';
  const [time, by] = swapped ? [b, a] : [a, b];
  if (time.type.kind === 'time' && (operator === '+' || operator === '-')) {
    if (isDayTime(by.type) || by.type.kind === 'void') return shifted(call, time, by, operator, tried);
    if (by.type.kind === 'calendar_interval' || (swapped && by.type.kind === 'date'))
      throw wrongInput(by, 'a day-time interval');
    if (by.type.kind === 'timestamp' && !swapped) throw wrongInput(by, 'a time');
  }
  if (isDatetime(a.type) && operator === '-') throw wrongInput(b, typeText(a.type));
  throw mismatch(
    'BINARY_OP_DIFF_TYPES',
    `${typeText(a.type)} ${operator} ${typeText(b.type)} is not possible. Cast one of them.`,
  );
}

const isTimeLike = (value: Typed) => value.type.kind === 'time' || value.type.kind === 'void' || isText(value.type);

function difference(call: FunctionCall, a: Typed, b: Typed): FunctionResult {
  requireTimeType(call.session);
  const [x, y] = [a, b].map((value) => (value.type.kind === 'time' ? value : cast(value, timeType(), call)));
  return {
    ...derive([x!, y!], sql`(${microsOfTime(x!.sql)} - ${microsOfTime(y!.sql)})`, {
      kind: 'interval',
      start: 'hour',
      end: 'second',
    }),
    name: `${a.name} - ${b.name}`,
  };
}

/** Seconds of the interval may bring a fraction: then the sum has six digits. */
function shifted(call: FunctionCall, time: Typed, by: Typed, operator: '+' | '-', tried: boolean): FunctionResult {
  requireTimeType(call.session);
  const precision = time.type.kind === 'time' ? time.type.precision : 6;
  const type = by.type.kind === 'interval' && by.type.end !== 'second' ? time.type : timeType(Math.max(precision, 6));
  const micros = by.type.kind === 'void' ? ['CAST(NULL AS BIGINT)'] : by.sql;
  const moved = callSql(`spark_${tried ? 'try_' : ''}time_moved`, microsOfTime(time.sql), micros, `'${operator}'`);
  return {
    ...derive([time, by], timeOfMicros(moved), type, time.nullable || by.nullable || tried),
    name: `${time.name} ${operator} ${by.name}`,
  };
}
