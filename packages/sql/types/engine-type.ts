import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import { duckTypeOf, type SpecialKind } from '../emit/duck-type.ts';
import { isYearMonth } from './numeric.ts';

/**
 * How a value of a Spark type is held inside DuckDB text. Intervals are whole numbers, so that they compare and add as
 * Spark's do: year-month ones are INTEGER months, day-time ones BIGINT microseconds. `toResult` turns them into Spark's
 * text at the end of a statement. Throws UNSUPPORTED_DATATYPE for what we cannot hold.
 */
export const engineType = (type: DataType): string => duckTypeOf(type, special, checkStruct);

function special(kind: SpecialKind, type: DataType): string {
  if (kind === 'variant') return 'BLOB';
  if (kind === 'interval') return isYearMonth(type) ? 'INTEGER' : 'BIGINT';
  if (kind === 'time') return 'TIME';
  if (kind === 'calendar_interval') return 'INTERVAL';
  throw userError(
    'UNSUPPORTED_DATATYPE',
    `Values of the type ${kind} are not supported yet. Cast to a string, a timestamp or an ANSI interval.`,
  );
}

function checkStruct({ fields }: Extract<DataType, { kind: 'struct' }>): void {
  const names = new Set(fields.map((field) => field.name.toLowerCase()));
  if (names.size === fields.length && fields.length > 0) return;
  throw userError(
    'UNSUPPORTED_DATATYPE',
    'Structs without fields, or with two fields of one name, are not supported. Give each field its own name.',
  );
}
