import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import type { ExpressionSession } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { sql } from '../emit/text.ts';

/**
 * Spark's TIME(p): a time of day, held as the engine's TIME (microseconds). Spark computes in nanoseconds; the few functions
 * that can make them refuse values finer than a microsecond.
 */
export const timeType = (precision = 6): DataType => ({ kind: 'time', precision });

export const timeOfMicros = (micros: Sql): Sql => sql`CAST(make_timestamp(${micros}) AS TIME)`;
export const microsOfTime = (time: Sql): Sql => sql`epoch_us(${time})`;

export const holdsTime = (type: DataType): boolean =>
  type.kind === 'time' ||
  (type.kind === 'array' && holdsTime(type.element)) ||
  (type.kind === 'map' && (holdsTime(type.key) || holdsTime(type.value))) ||
  (type.kind === 'struct' && type.fields.some((field) => holdsTime(field.type)));

const setting = 'spark.sql.timeType.enabled';

/**
 * Spark 4.2 keeps casts to TIME and the functions that compute with it behind a setting that is off by default; literals and
 * current_time() are free. Throws UNSUPPORTED_TIME_TYPE.
 */
export function requireTimeType(session: ExpressionSession): void {
  if (session.settings?.[setting]?.toLowerCase() === 'true') return;
  throw userError('UNSUPPORTED_TIME_TYPE', `The data type TIME is switched off. Run SET ${setting} = true first.`, {
    sqlState: '0A000',
  });
}

/** The same time with the digits behind `precision` cut off. */
export function truncatedTime(time: Sql, precision: number): Sql {
  if (precision >= 6) return time;
  const unit = String(10 ** (6 - precision));
  return timeOfMicros(sql`(${microsOfTime(time)} // ${unit} * ${unit})`);
}
