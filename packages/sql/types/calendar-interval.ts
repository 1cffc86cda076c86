import type { Sql } from '../emit/text.ts';
import { sql } from '../emit/text.ts';

/** Parts of a calendar interval (the engine's INTERVAL): months, days and microseconds do not turn into each other. */
export const monthsOf = (interval: Sql): Sql =>
  sql`(datepart('year', ${interval}) * 12 + datepart('month', ${interval}))`;
export const daysOf = (interval: Sql): Sql => sql`datepart('day', ${interval})`;
export const microsOf = (interval: Sql): Sql =>
  sql`(datepart('hour', ${interval}) * 3600000000 + datepart('minute', ${interval}) * 60000000 + datepart('microseconds', ${interval}))`;
