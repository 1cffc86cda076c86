import type { Column, DataType } from '@boathouse/contracts';

/**
 * A wire value as JSON text, as Spark writes JSON: numbers as numbers with all of their digits, binary as base64, structs and
 * maps as objects, times as ISO text; NaN and infinities are text.
 */
export function jsonText(value: unknown, type: DataType): string {
  if (value === null || value === undefined) return 'null';
  switch (type.kind) {
    case 'bigint':
    case 'decimal':
      return String(value);
    case 'float':
    case 'double':
      return Object.is(value, -0) ? '-0.0' : JSON.stringify(value);
    case 'binary':
      return JSON.stringify(Buffer.from(String(value), 'hex').toString('base64'));
    case 'array':
      return `[${items(value)
        .map((item) => jsonText(item, type.element))
        .join(',')}]`;
    case 'map':
      return `{${items(value)
        .map((pair) => {
          const [key, inner] = items(pair);
          return `${keyText(key, type.key)}:${jsonText(inner, type.value)}`;
        })
        .join(',')}}`;
    case 'struct': {
      const values = items(value);
      return `{${type.fields.map((field, index) => `${JSON.stringify(field.name)}:${jsonText(values[index], field.type)}`).join(',')}}`;
    }
    // A variant travels as its JSON.
    case 'variant':
      return String(value);
    default:
      return JSON.stringify(value);
  }
}

const items = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Keys of objects are texts, whatever they were. */
function keyText(key: unknown, type: DataType): string {
  const text = jsonText(key, type);
  return text.startsWith('"') ? text : JSON.stringify(text);
}

/** One row as an object. */
export const jsonRow = (row: readonly unknown[], columns: readonly Column[], types: readonly DataType[]): string =>
  `{${columns.map(({ name }, index) => `${JSON.stringify(name)}:${jsonText(row[index], types[index] ?? { kind: 'string' })}`).join(',')}}`;

/** A value as text: nested ones as JSON, NULL as null. */
export function plainText(value: unknown, type: DataType): string | null {
  if (value === null || value === undefined) return null;
  const isNested = type.kind === 'array' || type.kind === 'map' || type.kind === 'struct';
  if (isNested) return jsonText(value, type);
  return Object.is(value, -0) ? '-0.0' : String(value);
}
