import { requireZone, zoneOf } from './zone-id.ts';

/** Proleptic Gregorian calendar over whole days since 1970-01-01 and microseconds since its midnight. */
export const microsPerDay = 86_400_000_000n;

export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

export interface CivilDate {
  year: number;
  month: number;
  day: number;
}

export function civil(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

export const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
export const daysInMonth = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

/** Days of a date that exists, else undefined. */
export function validDays(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysOf(year, month, day);
}

const two = (value: number) => String(value).padStart(2, '0');

export function dateText(days: number): string {
  const { year, month, day } = civil(days);
  const digits = String(Math.abs(year)).padStart(4, '0');
  const sign = year < 0 ? '-' : year > 9999 ? '+' : '';
  return `${sign}${digits}-${two(month)}-${two(day)}`;
}

export function splitMicros(micros: bigint): { days: number; time: bigint } {
  let days = micros / microsPerDay;
  let time = micros % microsPerDay;
  if (time < 0n) {
    days -= 1n;
    time += microsPerDay;
  }
  return { days: Number(days), time };
}

/** `2024-02-29 12:34:56.789`: the fraction without trailing zeros, as Spark prints timestamps. */
export function timestampText(micros: bigint): string {
  const { days, time } = splitMicros(micros);
  return `${dateText(days)} ${timeText(time)}`;
}

/** `12:34:56.789` of microseconds since midnight. */
export function timeText(micros: bigint): string {
  const seconds = Number(micros / 1_000_000n);
  const fraction = String(micros % 1_000_000n)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock}${fraction ? `.${fraction}` : ''}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(region: string): Intl.DateTimeFormat {
  let known = formats.get(region);
  if (!known) {
    known = new Intl.DateTimeFormat('en-US', {
      timeZone: region,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
    formats.set(region, known);
  }
  return known;
}

/** Seconds east of UTC of an id that is an offset, such as `+05:30`, `UTC+1`, `Z`; undefined for regions and what is none. */
export function fixedOffset(id: string): number | undefined {
  const zone = zoneOf(id);
  return zone && 'offset' in zone ? zone.offset : undefined;
}

/** Seconds east of UTC in force at an instant. Throws INVALID_TIMEZONE. */
export function offsetAt(zone: string, epochSeconds: number): number {
  const known = requireZone(zone);
  if ('offset' in known) return known.offset;
  const parts = Object.fromEntries(
    format(known.region)
      .formatToParts(new Date(epochSeconds * 1000))
      .map((part) => [part.type, part.value]),
  );
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
  const local =
    daysOf(year, Number(parts.month), Number(parts.day)) * 86_400 +
    Number(parts.hour) * 3600 +
    Number(parts.minute) * 60 +
    Number(parts.second);
  return local - Math.floor(epochSeconds);
}

/** Wall clock of an instant, both in microseconds. Throws INVALID_TIMEZONE. */
export function toWall(instant: bigint, zone: string): bigint {
  const { days, time } = splitMicros(instant);
  return instant + BigInt(offsetAt(zone, days * 86_400 + Number(time / 1_000_000n))) * 1_000_000n;
}

/** Instant of a wall clock: the earlier offset where clocks go back, shifted forward where they spring, as in Java. */
export function toInstant(local: bigint, zone: string): bigint {
  const seconds = Number(local / 1_000_000n);
  const before = offsetAt(zone, seconds - 86_400);
  if (offsetAt(zone, seconds - before) === before) return local - BigInt(before) * 1_000_000n;
  const after = offsetAt(zone, seconds + 86_400);
  if (offsetAt(zone, seconds - after) === after) return local - BigInt(after) * 1_000_000n;
  return local - BigInt(before) * 1_000_000n;
}
