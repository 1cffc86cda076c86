import type { ExpressionSession } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { literal, sql } from '../emit/text.ts';
import { zoneOf } from '../functions/engine/zone-id.ts';

/** Seconds east of UTC of a session zone that is an offset; undefined for a region. */
function offsetOf(session: ExpressionSession): number | undefined {
  const zone = zoneOf(session.timeZone);
  return zone && 'offset' in zone ? zone.offset : undefined;
}

/** DuckDB sessions run in UTC; another session zone is always spelled out in the text. */
export const isUtc = (session: ExpressionSession) => offsetOf(session) === 0;

/** The name of a region as the time zone database has it: PST is America/Los_Angeles. */
const regionOf = (session: ExpressionSession): string => {
  const zone = zoneOf(session.timeZone);
  return literal(zone && 'region' in zone ? zone.region : session.timeZone);
};

/** TIMESTAMPTZ as the wall clock (TIMESTAMP) of the session zone. */
export function wallClock(instant: Sql, session: ExpressionSession): Sql {
  const offset = offsetOf(session);
  if (offset === 0) return sql`CAST(${instant} AS TIMESTAMP)`;
  if (offset !== undefined) return sql`(CAST(${instant} AS TIMESTAMP) + to_seconds(${offset}))`;
  return sql`timezone(${regionOf(session)}, ${instant})`;
}

/**
 * A wall clock (TIMESTAMP) of the session zone as the instant (TIMESTAMPTZ). Java takes the first of two instants where
 * clocks go back, the engine the second, so regions go through our own function.
 */
export function instantOf(wall: Sql, session: ExpressionSession): Sql {
  const offset = offsetOf(session);
  if (offset === 0) return sql`CAST(${wall} AS TIMESTAMPTZ)`;
  if (offset !== undefined) return sql`CAST((${wall} - to_seconds(${offset})) AS TIMESTAMPTZ)`;
  return sql`make_timestamptz(spark_to_instant(epoch_us(${wall}), ${literal(session.timeZone)}))`;
}

/** Parts of a movement; what is not given is zero. */
interface Movement {
  months?: Sql;
  days?: Sql;
  micros?: Sql;
}

/** An instant moved in the session zone: months and days by its calendar, microseconds after them. */
export function movedInstant(instant: Sql, by: Movement, session: ExpressionSession): Sql {
  const [months, days, micros] = [by.months ?? ['0'], by.days ?? ['0'], by.micros ?? ['0']];
  return sql`make_timestamptz(spark_moved_in_zone(epoch_us(${instant}), CAST(${months} AS INTEGER), CAST(${days} AS INTEGER), CAST(${micros} AS BIGINT), ${literal(session.timeZone)}))`;
}

const dayMicros = '86400000000';

/** An instant moved by a day-time interval (microseconds): whole days of it are days of the calendar. */
export const movedByDays = (instant: Sql, micros: Sql, session: ExpressionSession): Sql =>
  movedInstant(instant, { days: sql`(${micros} // ${dayMicros})`, micros: sql`(${micros} % ${dayMicros})` }, session);

/** Microseconds since the epoch of a TIMESTAMP or TIMESTAMPTZ. */
export const micros = (value: Sql): Sql => sql`epoch_us(${value})`;

/** Whole seconds since the epoch, rounded down also before 1970. */
export const epochSeconds = (instant: Sql): Sql =>
  sql`(epoch_us(date_trunc('second', CAST(${instant} AS TIMESTAMP))) // 1000000)`;
