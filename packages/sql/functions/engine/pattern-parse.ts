import { userError } from '@boathouse/contracts';
import { civil, daysOf, microsPerDay, toInstant, validDays } from './calendar.ts';
import { type Field, patternSteps, type Use } from './pattern.ts';
import { type Parsed, readSteps } from './pattern-read.ts';

/** A value outside of its field's range, or fields that contradict each other: the text is no date and time. */
class Contradiction extends Error {}

function fail(): never {
  throw new Contradiction();
}

const ranges: Partial<Record<Field, [number, number]>> = {
  era: [0, 1],
  month: [1, 12],
  dayOfYear: [1, 366],
  day: [1, 31],
  half: [0, 1],
  hour: [0, 23],
  clockHour: [1, 24],
  hourOfHalf: [0, 11],
  clockHourOfHalf: [1, 12],
  minute: [0, 59],
  second: [0, 59],
  yearOfEra: [1, 999_999_999],
  year: [-999_999_999, 999_999_999],
};

function checked(field: Field, value: number): number {
  const range = ranges[field];
  if (range && (value < range[0] || value > range[1])) fail();
  return value;
}

/** Moves a field into the one that it means; both must agree. */
function replace(fields: Map<Field, number>, from: Field, to: Field, value: number): void {
  fields.delete(from);
  const old = fields.get(to);
  if (old !== undefined && old !== value) fail();
  fields.set(to, value);
}

/** Java's strict resolution of the year; a year of an era without its era is left alone. */
function resolveYear(fields: Map<Field, number>): void {
  const era = fields.get('era');
  if (era !== undefined) checked('era', era);
  const ofEra = fields.get('yearOfEra');
  if (ofEra === undefined || era === undefined) return;
  checked('yearOfEra', ofEra);
  fields.delete('era');
  replace(fields, 'yearOfEra', 'year', era === 1 ? ofEra : 1 - ofEra);
}

function resolveDate(fields: Map<Field, number>): number {
  resolveYear(fields);
  const julian = fields.get('julianDay');
  const year = checked('year', fields.get('year') ?? 1970);
  const [month, day, dayOfYear] = [fields.get('month'), fields.get('day'), fields.get('dayOfYear')];
  let days: number | undefined;
  if (dayOfYear !== undefined && (month === undefined || day === undefined || !fields.has('year'))) {
    days = daysOf(year, 1, 1) + checked('dayOfYear', dayOfYear) - 1;
    if (civil(days).year !== year) fail();
  } else days = validDays(year, month ?? 1, day ?? 1);
  if (days === undefined) fail();
  const date = civil(days);
  const agree =
    (month === undefined || month === date.month) &&
    (day === undefined || day === date.day) &&
    (dayOfYear === undefined || dayOfYear === days - daysOf(date.year, 1, 1) + 1) &&
    (julian === undefined || !fields.has('year') || julian === days + 40_587);
  return agree ? days : fail();
}

/** Nanoseconds since midnight; what is not there is zero, and PM alone is noon. */
function resolveTime(fields: Map<Field, number>): bigint {
  for (const [field, value] of fields) if (field !== 'offset') checked(field, value);
  const clockHour = fields.get('clockHour');
  if (clockHour !== undefined) replace(fields, 'clockHour', 'hour', clockHour === 24 ? 0 : clockHour);
  const clockOfHalf = fields.get('clockHourOfHalf');
  if (clockOfHalf !== undefined) replace(fields, 'clockHourOfHalf', 'hourOfHalf', clockOfHalf % 12);
  const [half, ofHalf] = [fields.get('half'), fields.get('hourOfHalf')];
  if (half !== undefined && ofHalf !== undefined) {
    fields.delete('hourOfHalf');
    replace(fields, 'half', 'hour', half * 12 + ofHalf);
  }
  const hour = fields.get('hour');
  const [minute, second, nano] = [fields.get('minute'), fields.get('second'), fields.get('nano')];
  // Java makes a time of an hour and what follows without gaps; only then it compares the rest with it.
  const whole =
    hour !== undefined &&
    !(minute === undefined && (second !== undefined || nano !== undefined)) &&
    !(minute !== undefined && second === undefined && nano !== undefined);
  if (whole && fields.has('half') && fields.get('half') !== (hour < 12 ? 0 : 1)) fail();
  if (whole && fields.has('hourOfHalf') && fields.get('hourOfHalf') !== hour % 12) fail();
  const start = hour ?? fields.get('hourOfHalf') ?? (fields.get('half') === 1 ? 12 : 0);
  const seconds = start * 3600 + (minute ?? 0) * 60 + (second ?? 0);
  return BigInt(seconds) * 1_000_000_000n + BigInt(nano ?? 0);
}

interface Resolved {
  days: number;
  /** Since midnight. */
  nanos: bigint;
  zone?: string;
}

function parse(text: string, pattern: string, use: Use): Resolved | undefined {
  const steps = patternSteps(pattern, use);
  const read: Parsed | undefined = readSteps(steps, text);
  if (!read) return undefined;
  try {
    const zone = read.zone;
    const time = resolveTime(read.fields);
    return { days: resolveDate(read.fields), nanos: time, ...(zone === undefined ? {} : { zone }) };
  } catch (error) {
    if (error instanceof Contradiction) return undefined;
    throw error;
  }
}

const cannotParse = (text: string, pattern: string) =>
  userError(
    'CANNOT_PARSE_TIMESTAMP',
    `The text '${text}' does not follow the pattern '${pattern}'. Correct one of them, or use the try_ form of the function to get NULL.`,
    { sqlState: '22007' },
  );

const micros = ({ days, nanos }: Resolved): bigint => BigInt(days) * microsPerDay + nanos / 1000n;

/** Spark's timestamps end where microseconds leave 64 bits. */
function within(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw userError('DATETIME_OVERFLOW', 'The date is beyond the range of timestamps.', { sqlState: '22008' });
}

/** The wall clock (microseconds) that a text means by a pattern; its zone is read and not looked at. */
export function parseWall(text: string, pattern: string): bigint {
  const read = parse(text, pattern, 'parseStrictly');
  if (!read) throw cannotParse(text, pattern);
  return within(micros(read));
}

/** The instant (microseconds) that a text means by a pattern; a zone in the text wins over the session's. */
export function parseInstant(text: string, pattern: string, sessionZone: string): bigint {
  const read = parse(text, pattern, 'parse');
  if (!read) throw cannotParse(text, pattern);
  return within(toInstant(micros(read), read.zone ?? sessionZone));
}

/** Nanoseconds of the day that a text means by a pattern; a date beside it is not looked at. Throws CANNOT_PARSE_TIME. */
export function parseTimeByPattern(text: string, pattern: string): bigint {
  const read = parse(text, pattern, 'parseStrictly');
  if (read) return read.nanos;
  throw userError(
    'CANNOT_PARSE_TIME',
    `The text '${text}' does not follow the pattern '${pattern}'. Correct one of them, or use try_to_time to get NULL.`,
    { sqlState: '22010' },
  );
}
