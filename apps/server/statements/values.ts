import { type Column, type DataType, parseType, type StatementColumn, typeText } from '@boathouse/contracts';

/** Names of types in the statement API, by our kind; what is not here has its own name in upper case. */
const typeNames: Partial<Record<DataType['kind'], string>> = {
  tinyint: 'BYTE',
  smallint: 'SHORT',
  bigint: 'LONG',
  void: 'NULL',
  calendar_interval: 'INTERVAL',
  varchar: 'STRING',
};

export function statementColumn(column: Column, position: number): StatementColumn {
  const type = parseType(column.type);
  return {
    name: column.name,
    position,
    type_name: typeNames[type.kind] ?? type.kind.toUpperCase(),
    type_text: upperText(type),
    ...(type.kind === 'decimal' ? { type_precision: type.precision, type_scale: type.scale } : {}),
    ...(type.kind === 'interval' ? { type_interval_type: typeText(type).replace('interval ', '').toUpperCase() } : {}),
  };
}

/** DDL text with keywords in upper case and field names as they are. */
function upperText(type: DataType): string {
  if (type.kind === 'array') return `ARRAY<${upperText(type.element)}>`;
  if (type.kind === 'map') return `MAP<${upperText(type.key)}, ${upperText(type.value)}>`;
  if (type.kind === 'struct')
    return `STRUCT<${type.fields.map((field) => `${field.name}: ${upperText(field.type)}`).join(', ')}>`;
  return typeText(type).toUpperCase();
}

/** Wire values of decoded rows as the strings of JSON_ARRAY, by column: null stays null. */
export function stringReaders(columns: Column[]): ((value: unknown) => string | null)[] {
  return columns.map((column) => {
    const type = parseType(column.type);
    return (value) => (value === null || value === undefined ? null : textOf(value, type));
  });
}

function textOf(value: unknown, type: DataType): string {
  switch (type.kind) {
    case 'array':
    case 'map':
    case 'struct':
      return JSON.stringify(nested(value, type));
    case 'binary':
      return Buffer.from(String(value), 'hex').toString('base64');
    case 'timestamp':
    case 'timestamp_ntz':
      // Milliseconds, as clients expect; more digits only where the value has them.
      return String(value).replace(/(\.\d{3})000(?=Z?$)/, '$1');
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** Inside complex values, scalars are strings and structs objects by field name. */
function nested(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (type.kind === 'array') return asList(value).map((item) => nested(item, type.element));
  if (type.kind === 'map')
    return Object.fromEntries(
      asList(value).map((pair) => [String(nested(asList(pair)[0], type.key)), nested(asList(pair)[1], type.value)]),
    );
  if (type.kind === 'struct')
    return Object.fromEntries(
      type.fields.map((field, index) => [field.name, nested(asList(value)[index], field.type)]),
    );
  return textOf(value, type);
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const csvField = (text: string | null): string =>
  text === null ? '' : /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** RFC 4180 with a header line. */
export const csvText = (columns: Column[], rows: (string | null)[][]): string =>
  [columns.map((column) => column.name), ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
