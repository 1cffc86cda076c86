import { userError } from '@boathouse/contracts';
import { civil, daysInMonth, microsPerDay, splitMicros, toInstant, toWall, validDays } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { withTry } from './number-text.ts';
import { plusMonths } from './zoned.ts';

const outOfBounds = (message: string) =>
  userError(
    'DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION',
    `${message} Correct the value, or use the try_ form of the function to get NULL.`,
    { sqlState: '22023' },
  );

function makeDate(year: number, month: number, day: number): number {
  const days = validDays(year, month, day);
  if (days === undefined || Math.abs(year) > 200_000) throw outOfBounds(`There is no date ${year}-${month}-${day}.`);
  return days;
}

/** Microseconds of a wall clock; 60 seconds without a fraction are the next minute. */
function makeTimestamp(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  secondMicros: bigint,
): bigint {
  const days = makeDate(year, month, day);
  const limit = secondMicros === 60_000_000n ? 60_000_001n : 60_000_000n;
  if (secondMicros > 60_000_000n && secondMicros < 61_000_000n)
    throw userError(
      'INVALID_FRACTION_OF_SECOND',
      'Sixty seconds may not have a fraction. Correct the value, or use the try_ form of the function to get NULL.',
      { sqlState: '22023' },
    );
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || secondMicros < 0n || secondMicros >= limit) {
    throw outOfBounds(`There is no time ${hour}:${minute} with ${Number(secondMicros) / 1e6} seconds.`);
  }
  return BigInt(days) * microsPerDay + BigInt(hour * 3600 + minute * 60) * 1_000_000n + secondMicros;
}

/** Months of 31 days; whole where both days are equal or both are the last of their month. */
function monthsBetween(end: bigint, start: bigint, rounded: boolean): number {
  const [a, b] = [splitMicros(end), splitMicros(start)];
  const [x, y] = [civil(a.days), civil(b.days)];
  const months = (x.year - y.year) * 12 + x.month - y.month;
  const last = (date: { year: number; month: number; day: number }) => date.day === daysInMonth(date.year, date.month);
  if (x.day === y.day || (last(x) && last(y))) return months;
  const seconds = (x.day - y.day) * 86_400 + Number(a.time / 1_000_000n) - Number(b.time / 1_000_000n);
  const exact = months + seconds / (31 * 86_400);
  return rounded ? Math.round(exact * 1e8) / 1e8 : exact;
}

/** Full units between two wall clocks, not boundaries crossed. */
function timestampDiff(unit: string, start: bigint, end: bigint): bigint {
  const fixed: Record<string, bigint> = {
    microsecond: 1n,
    millisecond: 1000n,
    second: 1_000_000n,
    minute: 60_000_000n,
    hour: 3_600_000_000n,
    day: microsPerDay,
    week: 7n * microsPerDay,
  };
  const size = fixed[unit];
  if (size !== undefined) return (end - start) / size;
  const perUnit = { month: 1, quarter: 3, year: 12 }[unit];
  if (perUnit === undefined)
    throw userError('INVALID_PARAMETER_VALUE.DATETIME_UNIT', `The unit ${unit} is not known.`, { sqlState: '22023' });
  return BigInt(Math.trunc(fullMonths(start, end) / perUnit));
}

function fullMonths(start: bigint, end: bigint): number {
  const [a, b] = [splitMicros(start), splitMicros(end)];
  const [x, y] = [civil(a.days), civil(b.days)];
  const months = (y.year - x.year) * 12 + y.month - x.month;
  const within = (y.day - x.day) * 86_400_000_000 + Number(b.time - a.time);
  if (months > 0 && within < 0) return months - 1;
  if (months < 0 && within > 0) return months + 1;
  return months;
}

/** The first microsecond of the bucket, `size` months or microseconds wide, that a wall clock lies in. */
function timeBucket(size: bigint, at: bigint, origin: bigint, months: boolean): bigint {
  if (size <= 0n)
    throw userError('DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE', 'The interval of time_bucket must be longer than zero.', {
      sqlState: '42K09',
    });
  const floor = (value: bigint, unit: bigint) => value / unit - (value % unit < 0n ? 1n : 0n);
  if (!months) return origin + floor(at - origin, size) * size;
  const [x, y] = [civil(splitMicros(origin).days), civil(splitMicros(at).days)];
  const count = floor(BigInt((y.year - x.year) * 12 + y.month - x.month), size);
  const start = plusMonths(origin, Number(count * size));
  return start > at ? plusMonths(origin, Number((count - 1n) * size)) : start;
}

const truncUnits: Record<string, string> = {
  year: 'year',
  yyyy: 'year',
  yy: 'year',
  quarter: 'quarter',
  month: 'month',
  mon: 'month',
  mm: 'month',
  week: 'week',
  day: 'day',
  dd: 'day',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
  millisecond: 'millisecond',
  microsecond: 'microsecond',
};
const dateUnits = ['year', 'quarter', 'month', 'week'];

/** The engine's name of a unit of trunc (`dates`) and date_trunc; null where Spark answers NULL. */
export function truncUnit(text: string, dates: boolean): string | null {
  const unit = Object.hasOwn(truncUnits, text.toLowerCase()) ? truncUnits[text.toLowerCase()]! : null;
  return unit && dates && !dateUnits.includes(unit) ? null : unit;
}

/** Seconds as microseconds, cut; null for what is no number. Beyond 64 bits Spark takes the last moment, which we cannot hold. */
function microsOfDouble(seconds: number): bigint | null {
  if (!Number.isFinite(seconds)) return null;
  const micros = Math.trunc(seconds * 1_000_000);
  if (Math.abs(micros) < 2 ** 63) return BigInt(micros);
  throw userError('UNSUPPORTED_FUNCTION', 'timestamp_seconds: the number is outside the range of timestamps.');
}

const dayNumbers: Record<string, number> = {};
for (const [index, name] of ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'].entries()) {
  for (const form of [name, name.slice(0, 3), name.slice(0, 2)]) dayNumbers[form] = index;
}

function nextDay(days: number, name: string): number {
  const wanted = dayNumbers[name.trim().toLowerCase()];
  if (wanted === undefined)
    throw userError('ILLEGAL_DAY_OF_WEEK', `'${name}' is not a day of the week. Write it like Mon or Monday.`, {
      sqlState: '22009',
    });
  // 1970-01-01 was a Thursday (3 from Monday).
  const weekday = (((days + 3) % 7) + 7) % 7;
  return days + ((wanted - weekday + 6) % 7) + 1;
}

export const datetimeFunctions: EngineFunction[] = [
  ...withTry(
    engineFunction('spark_make_date', ['INTEGER', 'INTEGER', 'INTEGER'], 'INTEGER', ([y, m, d]) =>
      makeDate(y as number, m as number, d as number),
    ),
  ),
  ...withTry(
    engineFunction(
      'spark_make_timestamp',
      ['INTEGER', 'INTEGER', 'INTEGER', 'INTEGER', 'INTEGER', 'BIGINT'],
      'BIGINT',
      ([y, m, d, h, i, s]) =>
        makeTimestamp(y as number, m as number, d as number, h as number, i as number, s as bigint),
    ),
  ),
  engineFunction('spark_months_between', ['BIGINT', 'BIGINT', 'BOOLEAN'], 'DOUBLE', ([end, start, rounded]) =>
    monthsBetween(end as bigint, start as bigint, rounded as boolean),
  ),
  engineFunction('spark_timestamp_diff', ['VARCHAR', 'BIGINT', 'BIGINT'], 'BIGINT', ([unit, start, end]) =>
    timestampDiff(unit as string, start as bigint, end as bigint),
  ),
  engineFunction(
    'spark_days_moved',
    ['INTEGER', 'INTEGER', 'VARCHAR'],
    'INTEGER',
    ([days, by, sign]) => (sign === '+' ? (days as number) + (by as number) : (days as number) - (by as number)) | 0,
  ),
  engineFunction(
    'spark_time_bucket',
    ['BIGINT', 'BIGINT', 'BIGINT', 'BOOLEAN'],
    'BIGINT',
    ([size, at, origin, months]) => timeBucket(size as bigint, at as bigint, origin as bigint, months as boolean),
  ),
  engineFunction('spark_trunc_unit', ['VARCHAR', 'BOOLEAN'], 'VARCHAR', ([unit, dates]) =>
    truncUnit(unit as string, dates as boolean),
  ),
  engineFunction('spark_micros_of_double', ['DOUBLE'], 'BIGINT', ([seconds]) => microsOfDouble(seconds as number)),
  engineFunction('spark_next_day', ['INTEGER', 'VARCHAR'], 'INTEGER', ([days, name]) =>
    nextDay(days as number, name as string),
  ),
  engineFunction('spark_to_instant', ['BIGINT', 'VARCHAR'], 'BIGINT', ([local, zone]) =>
    toInstant(local as bigint, zone as string),
  ),
  engineFunction('spark_to_wall', ['BIGINT', 'VARCHAR'], 'BIGINT', ([instant, zone]) =>
    toWall(instant as bigint, zone as string),
  ),
];
