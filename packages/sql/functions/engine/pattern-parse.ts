import { userError } from '@boathouse/contracts';
import { microsPerDay, splitMicros, toInstant, validDays } from './calendar.ts';
import { dayNames, monthNames, type PatternPart, patternParts } from './pattern.ts';

type Field =
  | 'year'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'hour'
  | 'hourOfHalf'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'half'
  | 'zone';
interface Reader {
  source: string;
  field?: Field;
  value?(text: string): number | string;
}
interface Compiled {
  regex: RegExp;
  readers: Reader[];
}

const unsupported = (what: string) =>
  userError('UNSUPPORTED_FUNCTION', `Reading ${what} by a datetime pattern is not supported.`);
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** Letters that read digits: so many as they stand, or any number where they stand once. */
const numbers: Record<string, { field: Field; adjust?: (value: number) => number }> = {
  d: { field: 'day' },
  D: { field: 'dayOfYear' },
  H: { field: 'hour' },
  k: { field: 'hour', adjust: (value) => (value === 24 ? 0 : value === 0 ? -1 : value) },
  h: { field: 'hourOfHalf', adjust: (value) => (value === 12 ? 0 : value === 0 ? -1 : value) },
  K: { field: 'hourOfHalf' },
  m: { field: 'minute' },
  s: { field: 'second' },
};

const isNumeric = (part: PatternPart | undefined): boolean =>
  part !== undefined &&
  'letter' in part &&
  ('dDHkhKmsySF'.includes(part.letter) || ('ML'.includes(part.letter) && part.count <= 2));

function digits(count: number, next: PatternPart | undefined): string {
  if (count > 1) return `\\d{${count}}`;
  if (isNumeric(next)) throw unsupported('a single letter in front of more digits');
  return '\\d{1,9}';
}

const zoneSources: Record<string, string> = {
  X1: 'Z|[+-]\\d{2}(?:\\d{2})?',
  X2: 'Z|[+-]\\d{4}',
  X3: 'Z|[+-]\\d{2}:\\d{2}',
  x1: '[+-]\\d{2}(?:\\d{2})?',
  x2: '[+-]\\d{4}',
  x3: '[+-]\\d{2}:\\d{2}',
  Z1: '[+-]\\d{4}',
  Z2: '[+-]\\d{4}',
  Z3: '[+-]\\d{4}',
  V2: 'Z|UTC|[A-Z][A-Za-z_]+(?:/[A-Za-z_+-]+)+',
};

function names(list: string[], count: number): Reader {
  const texts = list.map((name) => (count === 4 ? name : name.slice(0, 3)));
  return {
    source: texts.join('|'),
    field: 'month',
    value: (text) => texts.findIndex((name) => name.toLowerCase() === text.toLowerCase()) + 1,
  };
}

function readerOf(part: PatternPart, next: PatternPart | undefined): Reader {
  if ('text' in part) return { source: escaped(part.text) };
  const { letter, count } = part;
  const number = numbers[letter];
  if (number)
    return {
      source: digits(count, next),
      field: number.field,
      value: (text) => (number.adjust ?? Number)(Number(text)),
    };
  switch (letter) {
    case 'y':
      if (count === 2) return { source: '\\d{2}', field: 'year', value: (text) => 2000 + Number(text) };
      if (count !== 4 && count !== 1) throw unsupported(`'${'y'.repeat(count)}'`);
      return { source: digits(count, next), field: 'year', value: Number };
    case 'M':
    case 'L':
      return count <= 2 ? { source: digits(count, next), field: 'month', value: Number } : names(monthNames, count);
    case 'S':
      return { source: `\\d{1,${count}}`, field: 'fraction', value: (text) => text };
    case 'a':
      return { source: 'am|pm', field: 'half', value: (text) => (text.toLowerCase() === 'pm' ? 12 : 0) };
    case 'E':
      throw userError(
        'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION',
        `The day of the week cannot be read (${dayNames[0]} …). Leave E out of the pattern.`,
        { sqlState: '42K0B' },
      );
    default: {
      const source = zoneSources[`${letter}${count}`];
      if (!source) throw unsupported(`'${letter.repeat(count)}'`);
      return { source, field: 'zone', value: (text) => text };
    }
  }
}

const compiled = new Map<string, Compiled>();

/** Checks a pattern for reading and compiles it. Throws as `patternParts`, and UNSUPPORTED_FUNCTION. */
function compile(pattern: string): Compiled {
  const known = compiled.get(pattern);
  if (known) return known;
  const parts = patternParts(pattern);
  const readers = parts.map((part, index) => readerOf(part, parts[index + 1]));
  const fields = readers.flatMap((reader) => reader.field ?? []);
  if (new Set(fields).size !== fields.length) throw unsupported('one field twice');
  if (fields.includes('dayOfYear') && (fields.includes('month') || fields.includes('day')))
    throw unsupported('a day of the year beside a month or day');
  if (fields.includes('hourOfHalf') !== fields.includes('half'))
    throw unsupported('hours of a half day without AM or PM, or AM and PM without them');
  const regex = new RegExp(
    `^${readers.map((reader) => (reader.field ? `(${reader.source})` : reader.source)).join('')}$`,
    'i',
  );
  const made = { regex, readers: readers.filter((reader) => reader.field) };
  if (compiled.size > 500) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

const cannotParse = (text: string, pattern: string) =>
  userError(
    'CANNOT_PARSE_TIMESTAMP',
    `The text '${text}' does not follow the pattern '${pattern}'. Correct one of them, or use the try_ form of the function to get NULL.`,
    { sqlState: '22007' },
  );

/** Wall clock in microseconds, and the zone where the text names one. Throws CANNOT_PARSE_TIMESTAMP. */
export function parseByPattern(text: string, pattern: string): { local: bigint; zone?: string } {
  const { regex, readers } = compile(pattern);
  const match = regex.exec(text);
  if (!match) throw cannotParse(text, pattern);
  const read = new Map(readers.map((reader, index) => [reader.field!, reader.value!(match[index + 1]!)]));
  const get = (field: Field, missing: number) => Number(read.get(field) ?? missing);
  const year = get('year', 1970);
  const dayOfYear = read.get('dayOfYear');
  const first = validDays(year, get('month', 1), get('day', 1));
  const hour = read.has('hourOfHalf') ? get('hourOfHalf', 0) + get('half', 0) : get('hour', 0);
  const [minute, second] = [get('minute', 0), get('second', 0)];
  const halfOk = !read.has('hourOfHalf') || get('hourOfHalf', 0) < 12;
  if (first === undefined || year < 0 || year > 9999 || hour < 0 || hour > 23 || !halfOk || minute > 59 || second > 59)
    throw cannotParse(text, pattern);
  let days = first;
  if (dayOfYear !== undefined) {
    if (Number(dayOfYear) < 1 || Number(dayOfYear) > validDays(year, 12, 31)! - first + 1)
      throw cannotParse(text, pattern);
    days += Number(dayOfYear) - 1;
  }
  const fraction = BigInt(
    String(read.get('fraction') ?? '')
      .padEnd(6, '0')
      .slice(0, 6),
  );
  const local = BigInt(days) * microsPerDay + BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + fraction;
  const zone = read.get('zone');
  return zone === undefined ? { local } : { local, zone: String(zone) };
}

/** The time of day that a text means by a pattern, in microseconds; a date beside it is not looked at. */
export function parseTimeByPattern(text: string, pattern: string): bigint {
  return splitMicros(parseByPattern(text, pattern).local).time;
}

/** The instant that a text means by a pattern. */
export function parseInstant(text: string, pattern: string, sessionZone: string): bigint {
  const { local, zone } = parseByPattern(text, pattern);
  return toInstant(local, zone ?? sessionZone);
}
