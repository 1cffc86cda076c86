import { type Column, type DataType, parseType } from '@boathouse/contracts';
import {
  type DataType as ArrowType,
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  List,
  Map_,
  Null,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';

/** Field metadata that keeps the Spark DDL type: several Spark types share one Arrow type. */
export const TYPE_KEY = 'boathouse:type';

/** The Arrow type of a Spark type. Intervals and variants travel as text. */
export function arrowType(type: DataType): ArrowType {
  switch (type.kind) {
    case 'void':
      return new Null();
    case 'boolean':
      return new Bool();
    case 'tinyint':
      return new Int8();
    case 'smallint':
      return new Int16();
    case 'int':
      return new Int32();
    case 'bigint':
      return new Int64();
    case 'float':
      return new Float32();
    case 'double':
      return new Float64();
    case 'decimal':
      return new Decimal(type.scale, type.precision, 128);
    case 'string':
    case 'char':
    case 'varchar':
    case 'variant':
    case 'interval':
    case 'calendar_interval':
      return new Utf8();
    case 'binary':
      return new Binary();
    case 'date':
      return new DateDay();
    case 'timestamp':
      return new TimestampMicrosecond('UTC');
    case 'timestamp_ntz':
      return new TimestampMicrosecond();
    case 'time':
      return new TimeMicrosecond();
    case 'array':
      return new List(new Field('element', arrowType(type.element), type.containsNull));
    case 'map': {
      const entries = new Struct([
        new Field('key', arrowType(type.key), false),
        new Field('value', arrowType(type.value), type.valueContainsNull),
      ]);
      return new Map_(new Field('entries', entries, false));
    }
    case 'struct':
      return new Struct(type.fields.map((field) => new Field(field.name, arrowType(field.type), field.nullable)));
  }
}

/** Schema of a result. Names may repeat, as in Spark. */
export function arrowSchema(columns: readonly Column[]): Schema {
  return new Schema(
    columns.map(
      (column) =>
        new Field(column.name, arrowType(parseType(column.type)), column.nullable, new Map([[TYPE_KEY, column.type]])),
    ),
  );
}

/** Columns of a result schema: the Spark types that its fields remember. */
export function columnsOf(schema: Schema): Column[] {
  return schema.fields.map((field) => ({
    name: field.name,
    type: field.metadata.get(TYPE_KEY) ?? 'string',
    nullable: field.nullable,
  }));
}
