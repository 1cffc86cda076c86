import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { daysOf, microsOf, monthsOf } from '../../types/calendar-interval.ts';
import { cast, derive, isText, mismatch } from '../../types/index.ts';
import { isUtc, movedInstant } from '../../types/zone.ts';
import { type, unsupported } from '../define.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';

const tooFine = raise(
  'INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION',
  'A date takes an interval of months and days alone. Cast the date to a timestamp first.',
);

/** `+` and `-` where an operand is a calendar interval; undefined where none is. */
export function calendarArithmetic(call: FunctionCall, operator: string): FunctionResult | undefined {
  const [a, b] = call.args as [Typed, Typed];
  const [left, right] = [a.type.kind === 'calendar_interval', b.type.kind === 'calendar_interval'];
  if (!left && !right) return undefined;
  const wrong = mismatch(
    'BINARY_OP_DIFF_TYPES',
    `${typeText(a.type)} ${operator} ${typeText(b.type)} is not possible. Cast one of them.`,
  );
  if (operator !== '+' && operator !== '-')
    throw unsupported(call, 'multiplying or dividing a calendar interval is not supported. Use an ANSI interval.');
  if (left && right)
    return {
      ...derive([a, b], sql`(${a.sql} ${operator} ${b.sql})`, a.type),
      name: `(${a.name} ${operator} ${b.name})`,
    };
  const swapped = left;
  if (swapped && operator === '-') throw wrong;
  return moved(call, swapped ? b : a, swapped ? a : b, operator) ?? fail(wrong);
}

function fail(error: Error): never {
  throw error;
}

function moved(call: FunctionCall, base: Typed, by: Typed, operator: '+' | '-'): FunctionResult | undefined {
  const name = `${base.name} ${operator} ${by.name}`;
  if (isText(base.type)) {
    const stamp = moved(call, cast(base, type.timestamp, call), by, operator);
    return stamp && { ...cast({ ...stamp, name: '' }, type.string, call), name };
  }
  switch (base.type.kind) {
    case 'date': {
      const text = once(
        [base, by],
        (day, interval) =>
          sql`CASE WHEN ${microsOf(interval)} <> 0 THEN ${tooFine} ELSE CAST((${day} ${operator} ${interval}) AS DATE) END`,
      );
      return { ...derive([base, by], text, base.type), name };
    }
    case 'timestamp_ntz':
      return { ...derive([base, by], sql`(${base.sql} ${operator} ${by.sql})`, base.type), name };
    case 'timestamp': {
      if (!isUtc(call.session)) {
        const sign = operator === '-' ? '-' : '+';
        const text = once([base, by], (instant, interval) =>
          movedInstant(
            instant,
            {
              months: sql`(${sign} ${monthsOf(interval)})`,
              days: sql`(${sign} ${daysOf(interval)})`,
              micros: sql`(${sign} ${microsOf(interval)})`,
            },
            call.session,
          ),
        );
        return { ...derive([base, by], text, base.type), name };
      }
      const wall = sql`(CAST(${base.sql} AS TIMESTAMP) ${operator} ${by.sql})`;
      return { ...derive([base, by], sql`CAST(${wall} AS TIMESTAMPTZ)`, base.type), name };
    }
    default:
      return undefined;
  }
}
