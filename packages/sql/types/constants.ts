import type { DataType } from '@boathouse/contracts';
import type { ConstantValue, ExpressionSession, Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { dateText, timestampText, timeText, toWall } from '../functions/engine/calendar.ts';
import { timeOfMicros, timeType } from './time.ts';

/** A literal of a type, named as Spark prints it. */
export const constant = (sql: Sql, type: DataType, name: string, value?: ConstantValue): Typed => ({
  sql,
  type,
  nullable: false,
  name,
  foldable: true,
  ...(value === undefined ? {} : { constant: { value } }),
});

export const dateConstant = (days: number): Typed => {
  const text = dateText(days);
  return constant([`(DATE '1970-01-01' + ${days})`], { kind: 'date' }, `DATE '${text}'`, text);
};
export const timestampConstant = (micros: bigint, session: ExpressionSession): Typed => {
  const iso = `${timestampText(micros).replace(' ', 'T')}Z`;
  const shown = timestampText(toWall(micros, session.timeZone));
  return constant([`make_timestamptz(${micros})`], { kind: 'timestamp' }, `TIMESTAMP '${shown}'`, iso);
};
export const ntzConstant = (micros: bigint): Typed =>
  constant([`make_timestamp(${micros})`], { kind: 'timestamp_ntz' }, `TIMESTAMP_NTZ '${timestampText(micros)}'`);

export const timeConstant = (micros: bigint): Typed =>
  constant(timeOfMicros([String(micros)]), timeType(), `TIME '${timeText(micros)}'`);
