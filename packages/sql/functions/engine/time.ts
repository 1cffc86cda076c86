import { BoathouseError, userError } from '@boathouse/contracts';
import { microsPerDay } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { withTry } from './number-text.ts';
import { parseTimeByPattern } from './pattern-parse.ts';
import { parseTime } from './time-text.ts';

/** Times of day in the engine's functions: microseconds since midnight. */
const outOfBounds = (message: string) =>
  userError('DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION', message, { sqlState: '22023' });

function makeTime(hour: number, minute: number, micros: bigint): bigint {
  if (hour < 0 || hour > 23) throw outOfBounds(`The hour ${hour} is not between 0 and 23.`);
  if (minute < 0 || minute > 59) throw outOfBounds(`The minute ${minute} is not between 0 and 59.`);
  if (micros < 0n || micros >= 60_000_000n)
    throw outOfBounds(`The second ${Number(micros) / 1e6} is not from 0 to below 60.`);
  return BigInt(hour * 3600 + minute * 60) * 1_000_000n + micros;
}

function withinDay(micros: bigint): bigint {
  if (micros >= 0n && micros < microsPerDay) return micros;
  throw outOfBounds('The value is not between 0 and the last moment of a day.');
}

const tooFine = () =>
  userError(
    'UNSUPPORTED_FUNCTION',
    'Times finer than a microsecond are not supported. Round the seconds to six digits.',
  );

/** Spark cuts seconds to nanoseconds; those that need them are refused. */
function ofNanos(nanos: bigint): bigint {
  if (nanos < 0n || nanos >= microsPerDay * 1000n) return withinDay(-1n);
  if (nanos % 1000n !== 0n) throw tooFine();
  return nanos / 1000n;
}

function ofDouble(seconds: number): bigint {
  const nanos = seconds * 1e9;
  if (!Number.isFinite(nanos)) throw outOfBounds('NaN and infinities are no seconds of a day.');
  return seconds < 0 ? withinDay(-1n) : ofNanos(BigInt(Math.trunc(nanos)));
}

function ofText(seconds: string): bigint {
  const [whole, fraction = ''] = seconds.split('.') as [string, string | undefined];
  if (whole.startsWith('-') && /[1-9]/.test(seconds)) return withinDay(-1n);
  return ofNanos(BigInt(whole.replace('-', '') || '0') * 1_000_000_000n + BigInt(fraction.padEnd(9, '0').slice(0, 9)));
}

function moved(micros: bigint, by: bigint, sign: string): bigint {
  const sum = sign === '+' ? micros + by : micros - by;
  if (sum >= 0n && sum < microsPerDay) return sum;
  throw userError(
    'DATETIME_OVERFLOW',
    'The time would leave the day. Use a smaller interval, or try_add and try_subtract to get NULL.',
    { sqlState: '22008' },
  );
}

const units: Record<string, bigint> = {
  HOUR: 3_600_000_000n,
  MINUTE: 60_000_000n,
  SECOND: 1_000_000n,
  MILLISECOND: 1000n,
  MICROSECOND: 1n,
};

function unitSize(unit: string): bigint {
  const size = units[unit.toUpperCase()];
  if (size === undefined)
    throw userError(
      'INVALID_PARAMETER_VALUE.TIME_UNIT',
      `'${unit}' is not a unit of a time. Use HOUR, MINUTE, SECOND, MILLISECOND or MICROSECOND.`,
      { sqlState: '22023' },
    );
  return size;
}

/** to_time without a pattern reads what a cast reads, with an error of its own. */
function toTime(text: string): bigint {
  try {
    return parseTime(text);
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    throw userError(
      'CANNOT_PARSE_TIME',
      `The text '${text}' is not a time. Write it like 13:14:15, or use try_to_time to get NULL.`,
      { sqlState: '22010' },
    );
  }
}

export const timeFunctions: EngineFunction[] = [
  engineFunction('spark_make_time', ['INTEGER', 'INTEGER', 'BIGINT'], 'BIGINT', ([hour, minute, micros]) =>
    makeTime(hour as number, minute as number, micros as bigint),
  ),
  engineFunction('spark_time_of', ['BIGINT', 'BIGINT'], 'BIGINT', ([value, factor]) =>
    withinDay((value as bigint) * (factor as bigint)),
  ),
  engineFunction('spark_time_of_double', ['DOUBLE'], 'BIGINT', ([seconds]) => ofDouble(seconds as number)),
  engineFunction('spark_time_of_text', ['VARCHAR'], 'BIGINT', ([seconds]) => ofText(seconds as string)),
  // The operands stand behind the unit so that a NULL among them comes before its check, as in Spark.
  engineFunction('spark_time_unit', ['VARCHAR', 'BIGINT', 'BIGINT'], 'BIGINT', ([unit]) => unitSize(unit as string)),
  ...withTry(engineFunction('spark_to_time', ['VARCHAR'], 'BIGINT', ([text]) => toTime(text as string))),
  ...withTry(
    engineFunction('spark_to_time_by', ['VARCHAR', 'VARCHAR'], 'BIGINT', ([text, pattern]) =>
      ofNanos(parseTimeByPattern(text as string, pattern as string)),
    ),
  ),
  ...withTry(
    engineFunction('spark_time_moved', ['BIGINT', 'BIGINT', 'VARCHAR'], 'BIGINT', ([micros, by, sign]) =>
      moved(micros as bigint, by as bigint, sign as string),
    ),
  ),
];
