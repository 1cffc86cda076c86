import { userError } from '@boathouse/contracts';
import { dateText, fixedOffset, microsPerDay, timestampText, toInstant, validDays } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { trimAll, withTry } from './number-text.ts';

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

const stamp =
  /^([+-]?)(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?(.*)?)?)?)?)?)?$/s;

function parseStamp(text: string, type: string): ParsedTimestamp {
  const trimmed = trimAll(text);
  if (/^T?\d{1,2}:\d{1,2}/.test(trimmed)) {
    const clock = /^T?(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?/.exec(trimmed)!;
    if (Number(clock[1]) > 23 || Number(clock[2]) > 59 || Number(clock[3] ?? 0) > 59 || type === 'TIMESTAMP_NTZ')
      throw invalid(text, type);
    throw userError(
      'UNSUPPORTED_CAST',
      'A time of day alone is not supported as a timestamp. Write the date in front of it.',
    );
  }
  const match = stamp.exec(trimmed);
  if (!match) throw invalid(text, type);
  const year = (match[1] === '-' ? -1 : 1) * Number(match[2]);
  const days = validDays(year, Number(match[3] ?? 1), Number(match[4] ?? 1));
  const [hour, minute, second] = [Number(match[5] ?? 0), Number(match[6] ?? 0), Number(match[7] ?? 0)];
  if (days === undefined || hour > 23 || minute > 59 || second > 59) throw invalid(text, type);
  const fraction = BigInt((match[8] ?? '').padEnd(6, '0').slice(0, 6));
  const zone = match[9]?.trim();
  if (zone) requireZone(zone, text, type);
  const local = BigInt(days) * microsPerDay + BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + fraction;
  return zone ? { local, zone } : { local };
}

function requireZone(zone: string, text: string, type: string): void {
  if (fixedOffset(zone) !== undefined) return;
  if (/^[A-Z]{3,4}$/.test(zone))
    throw userError(
      'UNSUPPORTED_CAST',
      `The short time zone name '${zone}' is not supported. Use a name such as Europe/Berlin.`,
    );
  if (!/^[A-Z][A-Za-z_]+(\/[A-Za-z_+-]+)+$/.test(zone)) throw invalid(text, type);
  try {
    toInstant(0n, zone);
  } catch {
    throw invalid(text, type);
  }
}

/** Timestamp text to microseconds since the epoch; a zone in the text wins over the session's. */
export function parseTimestamp(text: string, sessionZone: string): bigint {
  const { local, zone } = parseStamp(text, 'TIMESTAMP');
  return toInstant(local, zone ?? sessionZone);
}

/** The wall clock alone: a zone in the text is not honoured, as in Spark. */
export const parseTimestampNtz = (text: string): bigint => parseStamp(text, 'TIMESTAMP_NTZ').local;

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

export const timeTextFunctions: EngineFunction[] = [
  engineFunction('spark_date_text', ['BIGINT'], 'VARCHAR', ([days]) => dateText(Number(days))),
  engineFunction('spark_timestamp_text', ['BIGINT'], 'VARCHAR', ([micros]) => timestampText(micros as bigint)),
  engineFunction('spark_interval_text', ['BIGINT', 'VARCHAR'], 'VARCHAR', ([value, fields]) =>
    intervalText(value as bigint, fields as string),
  ),
  engineFunction('spark_utf8', ['BLOB'], 'VARCHAR', ([bytes]) => decoder.decode(bytes as Uint8Array)),
  ...withTry(engineFunction('spark_date', ['VARCHAR'], 'INTEGER', ([text]) => parseDate(text as string))),
  ...withTry(
    engineFunction('spark_timestamp', ['VARCHAR', 'VARCHAR'], 'BIGINT', ([text, zone]) =>
      parseTimestamp(text as string, zone as string),
    ),
  ),
  ...withTry(
    engineFunction('spark_timestamp_ntz', ['VARCHAR'], 'BIGINT', ([text]) => parseTimestampNtz(text as string)),
  ),
];
