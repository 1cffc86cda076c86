import { type DataType, typeText, type UcTypeName } from '@boathouse/contracts';

/** Spark's JSON form of a type, as in a StructField of `type_json`. */
export function sparkTypeJson(type: DataType): unknown {
  switch (type.kind) {
    case 'array':
      return { type: 'array', elementType: sparkTypeJson(type.element), containsNull: type.containsNull };
    case 'map':
      return {
        type: 'map',
        keyType: sparkTypeJson(type.key),
        valueType: sparkTypeJson(type.value),
        valueContainsNull: type.valueContainsNull,
      };
    case 'struct':
      return {
        type: 'struct',
        fields: type.fields.map((it) => ({
          name: it.name,
          type: sparkTypeJson(it.type),
          nullable: it.nullable,
          metadata: it.comment === undefined ? {} : { comment: it.comment },
        })),
      };
    default:
      return jsonNames[type.kind] ?? typeText(type);
  }
}

// The JSON form keeps older names than DDL does.
const jsonNames: Partial<Record<DataType['kind'], string>> = {
  tinyint: 'byte',
  smallint: 'short',
  int: 'integer',
  bigint: 'long',
};

const ucNames: Record<DataType['kind'], UcTypeName> = {
  boolean: 'BOOLEAN',
  tinyint: 'BYTE',
  smallint: 'SHORT',
  int: 'INT',
  bigint: 'LONG',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'STRING',
  binary: 'BINARY',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamp_ntz: 'TIMESTAMP_NTZ',
  variant: 'VARIANT',
  void: 'NULL',
  decimal: 'DECIMAL',
  char: 'CHAR',
  // Unity Catalog has one name for both texts; `type_text` keeps the length.
  varchar: 'STRING',
  time: 'TIME',
  interval: 'INTERVAL',
  calendar_interval: 'INTERVAL',
  array: 'ARRAY',
  map: 'MAP',
  struct: 'STRUCT',
};
export const ucTypeName = (type: DataType): UcTypeName => ucNames[type.kind];
