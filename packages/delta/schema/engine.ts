import { type DataType, unreachable } from '@boathouse/contracts';
import { deltaErrors } from '../errors.ts';
import type { DeltaType } from './types.ts';

/** DuckDB's spelling of names, texts and types. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The engine takes paths for patterns: a sign of a pattern in a file's name stands for itself as a class of one. */
export const escapeGlob = (uri: string): string => uri.replace(/[*?[]/g, '[$&]');

/** The engine's type of a leaf. Throws DELTA_UNSUPPORTED_DATA_TYPES for types that no Delta table has. */
export function leafType(type: DataType, column: string): string {
  switch (type.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'bigint':
    case 'float':
    case 'double':
    case 'date':
      return type.kind.toUpperCase();
    case 'int':
      return 'INTEGER';
    case 'string':
    case 'char':
    case 'varchar':
      return 'VARCHAR';
    case 'binary':
      return 'BLOB';
    case 'timestamp':
      return 'TIMESTAMP WITH TIME ZONE';
    case 'timestamp_ntz':
      return 'TIMESTAMP';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'void':
      return '"NULL"';
    case 'variant':
      return 'VARIANT';
    case 'time':
    case 'interval':
    case 'calendar_interval':
      throw deltaErrors.unsupportedType(column, type.kind);
    case 'array':
    case 'map':
    case 'struct':
      throw deltaErrors.unsupportedType(column, type.kind);
    default:
      return unreachable(type);
  }
}

export type NameOf = (field: { name: string; metadata: Record<string, unknown> }) => string;

/** The engine's type; `nameOf` picks logical or physical field names. */
export function engineType(type: DeltaType, column: string, nameOf: NameOf = (field) => field.name): string {
  switch (type.kind) {
    case 'leaf':
      return leafType(type.type, column);
    case 'array':
      return `${engineType(type.element, column, nameOf)}[]`;
    case 'map':
      return `MAP(${engineType(type.key, column, nameOf)}, ${engineType(type.value, column, nameOf)})`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${identifier(nameOf(field))} ${engineType(field.type, `${column}.${field.name}`, nameOf)}`).join(', ')})`;
    default:
      return unreachable(type);
  }
}
