import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import { ident } from '../emit/text.ts';
import { isYearMonth } from './numeric.ts';

/**
 * How a value of a Spark type is held inside DuckDB text. Intervals are whole numbers, so that they compare and add as
 * Spark's do: year-month ones are INTEGER months, day-time ones BIGINT microseconds. `toResult` turns them into Spark's
 * text at the end of a statement. Throws UNSUPPORTED_DATATYPE for what we cannot hold.
 */
export function engineType(type: DataType): string {
  switch (type.kind) {
    case 'boolean':
      return 'BOOLEAN';
    case 'tinyint':
      return 'TINYINT';
    case 'smallint':
      return 'SMALLINT';
    case 'int':
      return 'INTEGER';
    case 'bigint':
      return 'BIGINT';
    case 'float':
      return 'FLOAT';
    case 'double':
      return 'DOUBLE';
    case 'string':
    case 'char':
    case 'varchar':
      return 'VARCHAR';
    case 'binary':
      return 'BLOB';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMPTZ';
    case 'timestamp_ntz':
      return 'TIMESTAMP';
    case 'void':
      return 'INTEGER';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'interval':
      return isYearMonth(type) ? 'INTEGER' : 'BIGINT';
    case 'array':
      return `${engineType(type.element)}[]`;
    case 'map':
      return `MAP(${engineType(type.key)}, ${engineType(type.value)})`;
    case 'struct': {
      const names = new Set(type.fields.map((field) => field.name.toLowerCase()));
      if (names.size !== type.fields.length || type.fields.length === 0) {
        throw userError(
          'UNSUPPORTED_DATATYPE',
          'Structs without fields, or with two fields of one name, are not supported. Give each field its own name.',
        );
      }
      return `STRUCT(${type.fields.map((field) => `${ident(field.name)} ${engineType(field.type)}`).join(', ')})`;
    }
    case 'variant':
    case 'time':
    case 'calendar_interval':
      throw userError(
        'UNSUPPORTED_DATATYPE',
        `Values of the type ${type.kind} are not supported yet. Cast to a string, a timestamp or an ANSI interval.`,
      );
  }
}
