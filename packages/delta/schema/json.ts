import { type DataType, parseType, type SimpleKind, typeText } from '@boathouse/contracts';
import { z } from 'zod';
import { parseLossless, stringifyLossless } from '../actions/json.ts';
import { deltaErrors } from '../errors.ts';
import type { DeltaField, DeltaType } from './types.ts';

/** PROTOCOL.md "Schema Serialization Format": `schemaString` ↔ fields. */
const JsonType = z.union([z.string(), z.looseObject({ type: z.string() })]);
const JsonField = z.object({
  name: z.string(),
  type: JsonType,
  nullable: z.boolean().default(true),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
const JsonStruct = z.object({ type: z.literal('struct'), fields: z.array(JsonField) });
const JsonArray = z.object({
  type: z.literal('array'),
  elementType: JsonType,
  containsNull: z.boolean().default(true),
});
const JsonMap = z.object({
  type: z.literal('map'),
  keyType: JsonType,
  valueType: JsonType,
  valueContainsNull: z.boolean().default(true),
});

/** Spark keeps the declared char(n) or varchar(n) of a string here. */
const CHAR_VARCHAR = '__CHAR_VARCHAR_TYPE_STRING';

const primitives: Record<string, SimpleKind> = {
  string: 'string',
  long: 'bigint',
  integer: 'int',
  short: 'smallint',
  byte: 'tinyint',
  float: 'float',
  double: 'double',
  boolean: 'boolean',
  binary: 'binary',
  date: 'date',
  timestamp: 'timestamp',
  timestamp_ntz: 'timestamp_ntz',
  void: 'void',
  null: 'void',
  variant: 'variant',
};
const primitiveNames: Partial<Record<DataType['kind'], string>> = {
  bigint: 'long',
  int: 'integer',
  smallint: 'short',
  tinyint: 'byte',
  char: 'string',
  varchar: 'string',
};
const stored = new Set<DataType['kind']>(Object.values(primitives));

/** Throws DELTA_LOG_CORRUPT; a type unknown to us is DELTA_UNSUPPORTED_FEATURES_FOR_READ by its name. */
export function parseSchema(schemaString: string, location: string): DeltaField[] {
  let value: unknown;
  try {
    value = parseLossless(schemaString);
  } catch {
    throw deltaErrors.corrupt(`${location}/_delta_log`, 'the schema in its metadata is not JSON');
  }
  const struct = JsonStruct.safeParse(value);
  if (!struct.success)
    throw deltaErrors.corrupt(`${location}/_delta_log`, 'the schema in its metadata is not a struct of fields');
  return struct.data.fields.map((field) => toField(field, location));
}

function toField(field: z.infer<typeof JsonField>, location: string): DeltaField {
  return { name: field.name, type: toType(field.type, location), nullable: field.nullable, metadata: field.metadata };
}

function toType(type: z.infer<typeof JsonType>, location: string): DeltaType {
  if (typeof type === 'string') {
    const simple = primitives[type];
    if (simple) return { kind: 'leaf', type: { kind: simple } };
    if (/^decimal(\(\s*\d+\s*,\s*-?\d+\s*\))?$/.test(type)) return { kind: 'leaf', type: parseType(type) };
    throw deltaErrors.unsupportedRead(location, [`data type ${type}`]);
  }
  const struct = JsonStruct.safeParse(type);
  if (struct.success) return { kind: 'struct', fields: struct.data.fields.map((field) => toField(field, location)) };
  const array = JsonArray.safeParse(type);
  if (array.success)
    return { kind: 'array', element: toType(array.data.elementType, location), containsNull: array.data.containsNull };
  const map = JsonMap.safeParse(type);
  if (map.success) {
    const { keyType, valueType, valueContainsNull } = map.data;
    return { kind: 'map', key: toType(keyType, location), value: toType(valueType, location), valueContainsNull };
  }
  throw deltaErrors.unsupportedRead(location, [`data type ${type.type}`]);
}

export const schemaJson = (fields: readonly DeltaField[]): string =>
  stringifyLossless({ type: 'struct', fields: fields.map(fieldJson) });

const fieldJson = (field: DeltaField): object => ({
  name: field.name,
  type: typeJson(field.type),
  nullable: field.nullable,
  metadata: field.metadata,
});

function typeJson(type: DeltaType): unknown {
  switch (type.kind) {
    case 'array':
      return { type: 'array', elementType: typeJson(type.element), containsNull: type.containsNull };
    case 'map':
      return {
        type: 'map',
        keyType: typeJson(type.key),
        valueType: typeJson(type.value),
        valueContainsNull: type.valueContainsNull,
      };
    case 'struct':
      return { type: 'struct', fields: type.fields.map(fieldJson) };
    case 'leaf':
      return primitiveNames[type.type.kind] ?? typeText(type.type);
  }
}

/** A DDL type as Delta stores it. Throws DELTA_UNSUPPORTED_DATA_TYPES naming the column. */
export function fieldOfDdl(name: string, type: DataType, nullable: boolean, comment: string | undefined): DeltaField {
  const metadata: Record<string, unknown> = {};
  if (comment !== undefined) metadata.comment = comment;
  if (type.kind === 'char' || type.kind === 'varchar') metadata[CHAR_VARCHAR] = typeText(type);
  return { name, type: storedType(type, name), nullable, metadata };
}

function storedType(type: DataType, column: string): DeltaType {
  switch (type.kind) {
    case 'array':
      return { kind: 'array', element: storedType(type.element, `${column}.element`), containsNull: type.containsNull };
    case 'map':
      return {
        kind: 'map',
        key: storedType(type.key, `${column}.key`),
        value: storedType(type.value, `${column}.value`),
        valueContainsNull: type.valueContainsNull,
      };
    case 'struct':
      return {
        kind: 'struct',
        fields: type.fields.map((field) => fieldOfDdl(field.name, field.type, field.nullable, field.comment)),
      };
    case 'char':
    case 'varchar':
      return { kind: 'leaf', type: { kind: 'string' } };
    default:
      if (!(stored.has(type.kind) || type.kind === 'decimal')) {
        throw deltaErrors.unsupportedType(column, typeText(type));
      }
      return { kind: 'leaf', type };
  }
}

/** A field's type as DESCRIBE shows it. */
export function dataTypeOf(field: DeltaField): DataType {
  const declared = field.metadata[CHAR_VARCHAR];
  return typeof declared === 'string' ? parseType(declared) : plainType(field.type);
}

function plainType(type: DeltaType): DataType {
  switch (type.kind) {
    case 'leaf':
      return type.type;
    case 'array':
      return { kind: 'array', element: plainType(type.element), containsNull: type.containsNull };
    case 'map':
      return {
        kind: 'map',
        key: plainType(type.key),
        value: plainType(type.value),
        valueContainsNull: type.valueContainsNull,
      };
    case 'struct':
      return {
        kind: 'struct',
        fields: type.fields.map((field) => ({ name: field.name, type: dataTypeOf(field), nullable: field.nullable })),
      };
  }
}
