import type { DataType } from '@boathouse/contracts';
import { ident } from './text.ts';

/** Types that planned text and the engine's vectors hold differently. */
export type SpecialKind = 'interval' | 'calendar_interval' | 'variant' | 'time';
type Struct = Extract<DataType, { kind: 'struct' }>;

/**
 * The DuckDB type that carries values of a Spark type. `special` says it for the types that have no one answer; `checkStruct`
 * may refuse a struct.
 */
export function duckTypeOf(
  type: DataType,
  special: (kind: SpecialKind, type: DataType) => string,
  checkStruct: (type: Struct) => void = () => {},
): string {
  const inner = (of: DataType) => duckTypeOf(of, special, checkStruct);
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
    // Every value is NULL, and some type it must have.
    case 'void':
      return 'INTEGER';
    case 'string':
    case 'char':
    case 'varchar':
      return 'VARCHAR';
    case 'binary':
      return 'BLOB';
    case 'timestamp':
      return 'TIMESTAMPTZ';
    case 'timestamp_ntz':
      return 'TIMESTAMP';
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'array':
      return `${inner(type.element)}[]`;
    case 'map':
      return `MAP(${inner(type.key)}, ${inner(type.value)})`;
    case 'struct':
      checkStruct(type);
      return `STRUCT(${type.fields.map((field) => `${ident(field.name)} ${inner(field.type)}`).join(', ')})`;
    case 'interval':
    case 'calendar_interval':
    case 'variant':
    case 'time':
      return special(type.kind, type);
  }
}
