import type { ExpressionSession } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { literal, sql } from '../emit/text.ts';

/** DuckDB sessions run in UTC; another session zone is always spelled out in the text. */
export const isUtc = (session: ExpressionSession) => /^(utc|z|gmt|etc\/utc|\+00:00)$/i.test(session.timeZone);

/** TIMESTAMPTZ as the wall clock (TIMESTAMP) of the session zone. */
export const wallClock = (instant: Sql, session: ExpressionSession): Sql =>
  isUtc(session) ? sql`CAST(${instant} AS TIMESTAMP)` : sql`timezone(${literal(session.timeZone)}, ${instant})`;

/**
 * A wall clock (TIMESTAMP) of the session zone as the instant (TIMESTAMPTZ). Java takes the first of two instants where
 * clocks go back, the engine the second, so other zones than UTC go through our own function.
 */
export const instantOf = (wall: Sql, session: ExpressionSession): Sql =>
  isUtc(session)
    ? sql`CAST(${wall} AS TIMESTAMPTZ)`
    : sql`make_timestamptz(spark_to_instant(epoch_us(${wall}), ${literal(session.timeZone)}))`;

/** Microseconds since the epoch of a TIMESTAMP or TIMESTAMPTZ. */
export const micros = (value: Sql): Sql => sql`epoch_us(${value})`;

/** Whole seconds since the epoch, rounded down also before 1970. */
export const epochSeconds = (instant: Sql): Sql =>
  sql`(epoch_us(date_trunc('second', CAST(${instant} AS TIMESTAMP))) // 1000000)`;
