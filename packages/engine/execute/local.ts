import { type DataType, systemError } from '@boathouse/contracts';
import { duckType, quoteName, quoteText } from '../engine-duckdb/types.ts';

/** Engine text of rows of wire values (the form of conformance answers). Values become literals of their types. */
export function valuesText(types: readonly DataType[], rows: readonly (readonly unknown[])[]): string {
  const names = types.map((_, i) => quoteName(`c${i}`));
  if (!types.length) return 'SELECT 1 AS c0 WHERE false';
  if (!rows.length)
    return `SELECT ${types.map((type, i) => `CAST(NULL AS ${duckType(type)}) AS ${names[i]}`).join(', ')} WHERE false`;
  const lines = rows.map((row) => `(${types.map((type, i) => literal(row[i], type)).join(', ')})`);
  return `SELECT * FROM (VALUES ${lines.join(', ')}) AS r(${names.join(', ')})`;
}

/** A value of named fields in the form of wire values: structs as lists in the order of their type. */
export function wireValue(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind !== 'struct') return typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  const fields = new Map(Object.entries(value));
  return type.fields.map((field) => wireValue(fields.get(field.name), field.type));
}

function literal(value: unknown, type: DataType): string {
  if (value === null || value === undefined || type.kind === 'void') return `CAST(NULL AS ${duckType(type)})`;
  return `CAST(${bare(value, type)} AS ${duckType(type)})`;
}

function bare(value: unknown, type: DataType): string {
  switch (type.kind) {
    case 'array':
      return `[${list(value)
        .map((item) => literal(item, type.element))
        .join(', ')}]`;
    case 'map': {
      const pairs = list(value).map(list);
      return `MAP {${pairs.map((pair) => `${literal(pair[0], type.key)}: ${literal(pair[1], type.value)}`).join(', ')}}`;
    }
    case 'struct': {
      const fields = list(value);
      return `{${type.fields.map((field, i) => `${quoteText(field.name)}: ${literal(fields[i], field.type)}`).join(', ')}}`;
    }
    case 'binary':
      return `from_hex(${quoteText(String(value))})`;
    default:
      return quoteText(String(value));
  }
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw systemError('BAD_LOCAL_VALUE', 'A value of a prepared answer does not have the form of its type.');
}
