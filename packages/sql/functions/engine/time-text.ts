import { userError } from '@boathouse/contracts';
import { dateText, microsPerDay, splitMicros, timestampText, toInstant, toWall, validDays } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { trimAll, withTry } from './number-text.ts';
import { zoneOf } from './zone-id.ts';

const invalid = (text: string, type: string) =>
  userError(
    'CAST_INVALID_INPUT',
    `The value '${text}' cannot be cast to ${type} because it is malformed. Correct the value, or use try_cast to get NULL.`,
    {
      sqlState: '22018',
    },
  );

/** `[+-]yyyy[-m[-d[(T| )…]]]` to days since 1970-01-01; what follows the day is not read. Throws CAST_INVALID_INPUT. */
export function parseDate(text: string): number {
  const match = /^([+-]?)(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/s.exec(trimAll(text));
  const year = match && (match[1] === '-' ? -1 : 1) * Number(match[2]);
  const days = match ? validDays(year!, Number(match[3] ?? 1), Number(match[4] ?? 1)) : undefined;
  if (days === undefined) throw invalid(text, 'DATE');
  return days;
}

interface ParsedTimestamp {
  /** Microseconds of the wall clock. */
  local: bigint;
  zone?: string;
}

const clockPart = String.raw`(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?(?:([^0-9.].*))?)?)?`;
const stamp = new RegExp(String.raw`^([+-]?)(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T]${clockPart})?)?)?$`, 's');
/** A time of day alone: with a T in front, which nothing precedes, or with minutes. */
const justTime = new RegExp(`^(T)?${clockPart}$`, 's');

interface ClockText {
  /** Microseconds since midnight. */
  time: bigint;
  zone?: string;
}

/** Hour, minute, second, fraction and zone as matched; digits behind the sixth are cut. Undefined where there is no such time. */
function clockOf(parts: readonly (string | undefined)[]): ClockText | undefined {
  const [hour, minute, second] = [Number(parts[0] ?? 0), Number(parts[1] ?? 0), Number(parts[2] ?? 0)];
  const zone = parts[4]?.trim();
  if (hour > 23 || minute > 59 || second > 59 || (zone !== undefined && !zoneOf(zone))) return undefined;
  const fraction = BigInt((parts[3] ?? '').padEnd(6, '0').slice(0, 6));
  const time = BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + fraction;
  return zone === undefined ? { time } : { time, zone };
}

function parseStamp(text: string, type: string): ParsedTimestamp | undefined {
  const match = stamp.exec(trimAll(text));
  if (!match) return undefined;
  const year = (match[1] === '-' ? -1 : 1) * Number(match[2]);
  const days = validDays(year, Number(match[3] ?? 1), Number(match[4] ?? 1));
  const clock = clockOf(match.slice(5));
  if (days === undefined || !clock) throw invalid(text, type);
  const local = BigInt(days) * microsPerDay + clock.time;
  return clock.zone === undefined ? { local } : { local, zone: clock.zone };
}

/** A time of day alone, which a timestamp takes for one of today. */
function parseJustTime(text: string): ClockText | undefined {
  const match = justTime.exec(trimAll(text));
  if (!match || (match[1] === undefined && match[3] === undefined) || (match[1] && !text.startsWith('T')))
    return undefined;
  return clockOf(match.slice(2));
}

/**
 * Timestamp text to microseconds since the epoch; a zone in the text wins over the session's. A time of day alone is one of
 * the day that `nowMicros` lies in, and nothing without it. Throws CAST_INVALID_INPUT.
 */
export function parseTimestamp(text: string, sessionZone: string, nowMicros?: bigint): bigint {
  const stamp = parseStamp(text, 'TIMESTAMP');
  if (stamp) return toInstant(stamp.local, stamp.zone ?? sessionZone);
  const clock = nowMicros === undefined ? undefined : parseJustTime(text);
  if (!clock || nowMicros === undefined) throw invalid(text, 'TIMESTAMP');
  const zone = clock.zone ?? sessionZone;
  const today = BigInt(splitMicros(toWall(nowMicros, zone)).days) * microsPerDay;
  return toInstant(today + clock.time, zone);
}

/** The wall clock alone: a zone in the text is not honoured, as in Spark. */
export function parseTimestampNtz(text: string): bigint {
  const stamp = parseStamp(text, 'TIMESTAMP_NTZ');
  if (!stamp) throw invalid(text, 'TIMESTAMP_NTZ');
  return stamp.local;
}

const clock = /^T?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?(?:\s*([AaPp][Mm]))?$/;

/** `[T]h:m[:s[.f]][ AM|PM]` to microseconds since midnight; digits behind the sixth are cut. Throws CAST_INVALID_INPUT. */
export function parseTime(text: string): bigint {
  const match = clock.exec(trimAll(text));
  if (!match) throw invalid(text, 'TIME(6)');
  const [minute, second] = [Number(match[2]), Number(match[3] ?? 0)];
  const half = match[5]?.toLowerCase();
  let hour = Number(match[1]);
  if (half && (hour < 1 || hour > 12)) throw invalid(text, 'TIME(6)');
  if (half) hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  if (hour > 23 || minute > 59 || second > 59) throw invalid(text, 'TIME(6)');
  const fraction = BigInt((match[4] ?? '').padEnd(6, '0').slice(0, 6));
  return BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + fraction;
}

const absolute = (value: bigint) => (value < 0n ? -value : value);
const two = (value: bigint) => String(value).padStart(2, '0');

/** `INTERVAL '1-2' YEAR TO MONTH`, `INTERVAL '1 02:03:04.5' DAY TO SECOND` from months or microseconds. */
export function intervalText(value: bigint, fields: string): string {
  const [start, end] = fields.split(' ') as [string, string];
  const size = absolute(value);
  const sign = value < 0n ? '-' : '';
  const suffix = start === end ? start.toUpperCase() : `${start.toUpperCase()} TO ${end.toUpperCase()}`;
  return `INTERVAL '${sign}${intervalBody(size, start, end)}' ${suffix}`;
}

const dayUnits: Record<string, bigint> = {
  day: microsPerDay,
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
};
const dayFields = ['day', 'hour', 'minute', 'second'];

function intervalBody(size: bigint, start: string, end: string): string {
  if (start === 'year') return end === 'year' ? String(size / 12n) : `${size / 12n}-${size % 12n}`;
  if (start === 'month') return String(size);
  let rest = size;
  let text = '';
  for (const field of dayFields.slice(dayFields.indexOf(start), dayFields.indexOf(end) + 1)) {
    const unit = dayUnits[field]!;
    const whole = rest / unit;
    rest %= unit;
    text += `${text === '' ? '' : field === 'hour' ? ' ' : ':'}${field === 'day' ? whole : two(whole)}`;
    if (field === 'second' && rest > 0n) text += `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  }
  return text;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Microseconds of decimal seconds by a product of 34 digits, cut; what leaves 64 bits wraps, as in Spark. */
function decimalMicros(seconds: string): bigint {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(seconds)!;
  const fraction = match[3] ?? '';
  let product = BigInt((match[2] || '0') + fraction) * 1_000_000n;
  const drop = 10n ** BigInt(Math.max(0, String(product).length - 34));
  if (drop > 1n) {
    const [kept, rest] = [product / drop, (product % drop) * 2n];
    product = (rest > drop || (rest === drop && kept % 2n === 1n) ? kept + 1n : kept) * drop;
  }
  const size = product / 10n ** BigInt(fraction.length);
  return BigInt.asIntN(64, match[1] === '-' ? -size : size);
}

export const timeTextFunctions: EngineFunction[] = [
  engineFunction('spark_decimal_micros', ['VARCHAR'], 'BIGINT', ([seconds]) => decimalMicros(seconds as string)),
  engineFunction('spark_date_text', ['BIGINT'], 'VARCHAR', ([days]) => dateText(Number(days))),
  engineFunction('spark_timestamp_text', ['BIGINT'], 'VARCHAR', ([micros]) => timestampText(micros as bigint)),
  engineFunction('spark_interval_text', ['BIGINT', 'VARCHAR'], 'VARCHAR', ([value, fields]) =>
    intervalText(value as bigint, fields as string),
  ),
  engineFunction('spark_utf8', ['BLOB'], 'VARCHAR', ([bytes]) => decoder.decode(bytes as Uint8Array)),
  ...withTry(engineFunction('spark_date', ['VARCHAR'], 'INTEGER', ([text]) => parseDate(text as string))),
  ...withTry(engineFunction('spark_time', ['VARCHAR'], 'BIGINT', ([text]) => parseTime(text as string))),
  ...withTry(
    engineFunction('spark_timestamp', ['VARCHAR', 'VARCHAR', 'BIGINT'], 'BIGINT', ([text, zone, now]) =>
      parseTimestamp(text as string, zone as string, now as bigint),
    ),
  ),
  ...withTry(
    engineFunction('spark_timestamp_ntz', ['VARCHAR'], 'BIGINT', ([text]) => parseTimestampNtz(text as string)),
  ),
];
