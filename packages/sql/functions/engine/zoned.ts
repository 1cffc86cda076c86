import { civil, daysInMonth, daysOf, microsPerDay, offsetAt, splitMicros, toInstant, toWall } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';

/** Instants (microseconds) moved by the calendar of a zone, after Java's ZonedDateTime. */

const secondsOf = (instant: bigint): number => {
  const { days, time } = splitMicros(instant);
  return days * 86_400 + Number(time / 1_000_000n);
};

/** The instant of a wall clock; where it comes twice, the one with the offset that the clock had before. */
function instantLike(local: bigint, zone: string, offset: number): bigint {
  const same = local - BigInt(offset) * 1_000_000n;
  return offsetAt(zone, secondsOf(same)) === offset ? same : toInstant(local, zone);
}

/** A wall clock moved by months; a day that the month does not have becomes its last one. */
export function plusMonths(local: bigint, months: number): bigint {
  const { days, time } = splitMicros(local);
  const date = civil(days);
  const total = date.year * 12 + date.month - 1 + months;
  const [year, month] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return BigInt(daysOf(year, month, Math.min(date.day, daysInMonth(year, month)))) * microsPerDay + time;
}

/** Months and days move the wall clock, microseconds the instant. */
export function movedInZone(instant: bigint, months: number, days: number, micros: bigint, zone: string): bigint {
  let at = instant;
  if (months !== 0) at = instantLike(plusMonths(toWall(at, zone), months), zone, offsetAt(zone, secondsOf(at)));
  if (days !== 0) at = instantLike(toWall(at, zone) + BigInt(days) * microsPerDay, zone, offsetAt(zone, secondsOf(at)));
  return at + micros;
}

const truncSizes: Record<string, bigint> = { day: microsPerDay, hour: 3_600_000_000n, minute: 60_000_000n };

/** The start of a day, hour or minute; shorter units have no zone. */
export function truncatedInZone(instant: bigint, unit: string, zone: string): bigint {
  const floor = (value: bigint, size: bigint) => value - (((value % size) + size) % size);
  const size = truncSizes[unit];
  if (size === undefined)
    return floor(instant, { second: 1_000_000n, millisecond: 1000n, microsecond: 1n }[unit] ?? 1n);
  return instantLike(floor(toWall(instant, zone), size), zone, offsetAt(zone, secondsOf(instant)));
}

export const zonedFunctions: EngineFunction[] = [
  engineFunction(
    'spark_moved_in_zone',
    ['BIGINT', 'INTEGER', 'INTEGER', 'BIGINT', 'VARCHAR'],
    'BIGINT',
    ([instant, months, days, micros, zone]) =>
      movedInZone(instant as bigint, months as number, days as number, micros as bigint, zone as string),
  ),
  engineFunction('spark_truncated_in_zone', ['BIGINT', 'VARCHAR', 'VARCHAR'], 'BIGINT', ([instant, unit, zone]) =>
    truncatedInZone(instant as bigint, unit as string, zone as string),
  ),
];
