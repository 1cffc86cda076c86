import { userError } from '@boathouse/contracts';
import { civil, daysOf, fixedOffset, offsetAt, splitMicros } from './calendar.ts';
import { dayNames, monthNames, patternParts } from './pattern.ts';

interface Moment {
  year: number;
  month: number;
  day: number;
  dayOfYear: number;
  /** Monday is 0. */
  weekday: number;
  hour: number;
  minute: number;
  second: number;
  /** Nine digits. */
  fraction: string;
  offset: number;
  zone: string;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const quarterNames = ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'];

function momentOf(instant: bigint, zone: string): Moment {
  const offset = offsetAt(
    zone,
    Number(splitMicros(instant).days) * 86_400 + Number(splitMicros(instant).time / 1_000_000n),
  );
  const { days, time } = splitMicros(instant + BigInt(offset) * 1_000_000n);
  const date = civil(days);
  const seconds = Number(time / 1_000_000n);
  return {
    ...date,
    dayOfYear: days - daysOf(date.year, 1, 1) + 1,
    weekday: (((days + 3) % 7) + 7) % 7,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    fraction: `${String(time % 1_000_000n).padStart(6, '0')}000`,
    offset,
    zone,
  };
}

function offsetText(offset: number, colon: boolean, shortHour: boolean): string {
  const size = Math.abs(offset);
  const [hours, minutes] = [Math.floor(size / 3600), Math.floor(size / 60) % 60];
  const sign = offset < 0 ? '-' : '+';
  if (shortHour) return `${sign}${pad(hours, 2)}${minutes ? pad(minutes, 2) : ''}`;
  return `${sign}${pad(hours, 2)}${colon ? ':' : ''}${pad(minutes, 2)}`;
}

function gmt(offset: number, full: boolean): string {
  if (offset === 0) return 'GMT';
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 3600), Math.floor(Math.abs(offset) / 60) % 60];
  const sign = offset < 0 ? '-' : '+';
  return full
    ? `GMT${sign}${pad(hours, 2)}:${pad(minutes, 2)}`
    : `GMT${sign}${hours}${minutes ? `:${pad(minutes, 2)}` : ''}`;
}

const twelve = (hour: number): number => (hour % 12 === 0 ? 12 : hour % 12);
const text = (names: string[], index: number, full: boolean): string =>
  full ? names[index]! : names[index]!.slice(0, 3);

/** How each letter is written; `count` is how often it stands. */
const writers: Record<string, (moment: Moment, count: number) => string> = {
  G: (_, count) => (count === 4 ? 'Anno Domini' : 'AD'),
  y: ({ year }, count) => {
    if (count === 2) return pad(year % 100, 2);
    return count >= 4 && String(year).length > count ? `+${year}` : pad(year, count);
  },
  M: ({ month }, count) => (count <= 2 ? pad(month, count) : text(monthNames, month - 1, count === 4)),
  L: ({ month }, count) => (count <= 2 ? pad(month, count) : text(monthNames, month - 1, count === 4)),
  d: ({ day }, count) => pad(day, count),
  D: ({ dayOfYear }, count) => {
    if (String(dayOfYear).length > count) {
      if (count === 1) return String(dayOfYear);
      throw userError(
        'UNSUPPORTED_FUNCTION',
        'date_format: a day of the year longer than its pattern is not supported. Use DDD.',
      );
    }
    return pad(dayOfYear, count);
  },
  Q: ({ month }, count) => quarter(month, count),
  q: ({ month }, count) => quarter(month, count),
  E: ({ weekday }, count) => text(dayNames, weekday, count === 4),
  F: ({ day }) => String(((day - 1) % 7) + 1),
  a: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  h: ({ hour }, count) => pad(twelve(hour), count),
  H: ({ hour }, count) => pad(hour, count),
  k: ({ hour }, count) => pad(hour === 0 ? 24 : hour, count),
  K: ({ hour }, count) => pad(hour % 12, count),
  m: ({ minute }, count) => pad(minute, count),
  s: ({ second }, count) => pad(second, count),
  S: ({ fraction }, count) => fraction.slice(0, count),
  V: ({ zone }) => zone,
  z: ({ zone }, count) => {
    if (zone !== 'UTC')
      throw userError(
        'UNSUPPORTED_FUNCTION',
        'date_format: names of time zones other than UTC are not supported. Use VV or XXX.',
      );
    return count === 4 ? 'Coordinated Universal Time' : 'UTC';
  },
  O: ({ offset }, count) => gmt(offset, count === 4),
  X: ({ offset }, count) => (offset === 0 ? 'Z' : offsetText(offset, count === 3 || count === 5, count === 1)),
  x: ({ offset }, count) => offsetText(offset, count === 3 || count === 5, count === 1),
  Z: ({ offset }, count) => {
    if (count === 4) return gmt(offset, true);
    return count === 5 ? (offset === 0 ? 'Z' : offsetText(offset, true, false)) : offsetText(offset, false, false);
  },
};

function quarter(month: number, count: number): string {
  const index = Math.floor((month - 1) / 3);
  return count <= 2 ? pad(index + 1, count) : count === 3 ? `Q${index + 1}` : quarterNames[index]!;
}

/** An instant as text by a pattern, in a zone. */
export function formatInstant(instant: bigint, zone: string, pattern: string): string {
  const parts = patternParts(pattern);
  const moment = momentOf(instant, zone);
  if (moment.year < 1) throw userError('UNSUPPORTED_FUNCTION', 'date_format: years before 1 are not supported.');
  if (
    fixedOffset(zone) !== undefined &&
    zone !== 'UTC' &&
    parts.some((part) => 'letter' in part && part.letter === 'V')
  ) {
    throw userError('UNSUPPORTED_FUNCTION', 'date_format: VV of an offset is not supported. Use XXX.');
  }
  return parts.map((part) => ('text' in part ? part.text : writers[part.letter]!(moment, part.count))).join('');
}
