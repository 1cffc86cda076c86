import { type Column, type DataType, type IntervalUnit, parseType, typeText, userError } from '@boathouse/contracts';
import { bool, type Codec, int, many, message, one, string } from './wire.ts';

/** `spark/connect/types.proto`: a type is one of these; most say no more than which. */
export interface DataTypeMessage {
  null?: object;
  binary?: object;
  boolean?: object;
  byte?: object;
  short?: object;
  integer?: object;
  long?: object;
  float?: object;
  double?: object;
  decimal?: { scale?: number; precision?: number };
  string?: { collation?: string };
  char?: { length?: number };
  varchar?: { length?: number };
  date?: object;
  timestamp?: object;
  timestampNtz?: object;
  calendarInterval?: object;
  yearMonth?: { start?: number; end?: number };
  dayTime?: { start?: number; end?: number };
  array?: { element?: DataTypeMessage; containsNull?: boolean };
  struct?: { fields?: { name?: string; type?: DataTypeMessage; nullable?: boolean }[] };
  map?: { key?: DataTypeMessage; value?: DataTypeMessage; valueContainsNull?: boolean };
  udt?: { type?: string };
  unparsed?: { text?: string };
  variant?: object;
  geometry?: object;
  geography?: object;
  time?: { precision?: number };
}

const plain = message({});
const self = (): Codec<DataTypeMessage> => DataTypeMessage;
const units = message({ start: one(1, int), end: one(2, int) });
const length = message({ length: one(1, int) });
const field = message({ name: one(1, string), type: one(2, self), nullable: one(3, bool) });

export const DataTypeMessage: Codec<DataTypeMessage> = message({
  null: one(1, plain),
  binary: one(2, plain),
  boolean: one(3, plain),
  byte: one(4, plain),
  short: one(5, plain),
  integer: one(6, plain),
  long: one(7, plain),
  float: one(8, plain),
  double: one(9, plain),
  decimal: one(10, message({ scale: one(1, int), precision: one(2, int) })),
  string: one(11, message({ collation: one(2, string) })),
  char: one(12, length),
  varchar: one(13, length),
  date: one(14, plain),
  timestamp: one(15, plain),
  timestampNtz: one(16, plain),
  calendarInterval: one(17, plain),
  yearMonth: one(18, units),
  dayTime: one(19, units),
  array: one(20, message({ element: one(1, self), containsNull: one(2, bool) })),
  struct: one(21, message({ fields: many(1, field) })),
  map: one(22, message({ key: one(1, self), value: one(2, self), valueContainsNull: one(3, bool) })),
  udt: one(23, message({ type: one(1, string) })),
  unparsed: one(24, message({ text: one(1, string) })),
  variant: one(25, plain),
  geometry: one(26, plain),
  geography: one(27, plain),
  time: one(28, message({ precision: one(1, int) })),
});

const simple = {
  null: 'void',
  binary: 'binary',
  boolean: 'boolean',
  byte: 'tinyint',
  short: 'smallint',
  integer: 'int',
  long: 'bigint',
  float: 'float',
  double: 'double',
  date: 'date',
  timestamp: 'timestamp',
  timestampNtz: 'timestamp_ntz',
  variant: 'variant',
} as const satisfies { [K in keyof DataTypeMessage]?: DataType['kind'] };
const simpleKeys = Object.keys(simple) as (keyof typeof simple)[];

const yearMonthUnits: IntervalUnit[] = ['year', 'month'];
const dayTimeUnits: IntervalUnit[] = ['day', 'hour', 'minute', 'second'];

function unsupported(what: string): never {
  throw userError(
    'UNSUPPORTED_RESULT_TYPE',
    `The answer has a value of type ${what}, which has no form in a result here. Cast it to a string in the query.`,
    { sqlState: '0A000' },
  );
}

/** Our type of Spark's. Throws UNSUPPORTED_RESULT_TYPE for collated strings, geometries and user-defined types. */
export function dataTypeOf(told: DataTypeMessage | undefined): DataType {
  if (!told) return unsupported('unknown');
  for (const key of simpleKeys) if (told[key]) return { kind: simple[key] };
  if (told.string) {
    const { collation } = told.string;
    return collation && collation !== 'UTF8_BINARY' ? unsupported(`string collate ${collation}`) : { kind: 'string' };
  }
  if (told.decimal) return { kind: 'decimal', precision: told.decimal.precision ?? 10, scale: told.decimal.scale ?? 0 };
  if (told.char) return { kind: 'char', length: told.char.length ?? 1 };
  if (told.varchar) return { kind: 'varchar', length: told.varchar.length ?? 1 };
  if (told.time) return { kind: 'time', precision: told.time.precision ?? 0 };
  if (told.calendarInterval) return { kind: 'calendar_interval' };
  if (told.yearMonth) return interval(told.yearMonth, yearMonthUnits);
  if (told.dayTime) return interval(told.dayTime, dayTimeUnits);
  if (told.array)
    return { kind: 'array', element: dataTypeOf(told.array.element), containsNull: told.array.containsNull ?? false };
  if (told.map)
    return {
      kind: 'map',
      key: dataTypeOf(told.map.key),
      value: dataTypeOf(told.map.value),
      valueContainsNull: told.map.valueContainsNull ?? false,
    };
  if (told.struct)
    return {
      kind: 'struct',
      fields: (told.struct.fields ?? []).map(({ name = '', type, nullable = false }) => ({
        name,
        type: dataTypeOf(type),
        nullable,
      })),
    };
  if (told.unparsed?.text) return parseType(told.unparsed.text);
  if (told.udt) return unsupported(told.udt.type ?? 'user-defined');
  return unsupported(told.geometry ? 'geometry' : told.geography ? 'geography' : 'unknown');
}

/** Absent bounds are 0, the protocol's way not to write a zero: Spark always means both. */
const interval = (told: { start?: number; end?: number }, of: IntervalUnit[]): DataType => ({
  kind: 'interval',
  start: of[told.start ?? 0]!,
  end: of[told.end ?? 0]!,
});

/** A column of an answer and its type; the type's text has lost which fields may be NULL. */
export interface AnswerColumn {
  column: Column;
  type: DataType;
}

/** Columns of an answer's schema, which is a struct. */
export function answerColumns(schema: DataTypeMessage): AnswerColumn[] {
  return (schema.struct?.fields ?? []).map(({ name = '', type: told, nullable = false }) => {
    const type = dataTypeOf(told);
    return { column: { name, type: typeText(type), nullable }, type };
  });
}
