import type { DataType } from '@boathouse/contracts';
import { parseType, typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { literal, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { constantText, derive, isNullLiteral, isText, mismatch } from '../../types/index.ts';
import { ofTypedJson } from '../../types/typed-json.ts';
import { arg, arrayOf, callSql, type, unsupported } from '../define.ts';
import { schemaOfCsv, schemaOfJson } from '../engine/infer-schema.ts';
import type { TextOptions } from '../engine/json-options.ts';
import { corruptName } from '../engine/record.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { optionsArg, optionsText, zoneOf } from './options.ts';
import { toCsv } from './to-csv.ts';
import { toJson } from './to-json.ts';

const row = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
});

/** Text alone: Spark converts nothing to text here. */
function textArg(call: FunctionCall, index: number): Typed {
  const value = call.args[index]!;
  if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
  return arg(call, index, type.string);
}

/** The type that a schema argument names: `a INT, b STRING` is a struct. */
function schemaOf(call: FunctionCall): DataType {
  const given = call.args[1]!;
  const ddl = constantText(given);
  if (ddl === undefined) {
    if (isText(given.type)) throw unsupported(call, "the schema must be a string literal such as 'a INT, b STRING'.");
    throw userError('INVALID_SCHEMA.NON_STRING_LITERAL', `The schema of ${call.name} must be a string literal.`, {
      sqlState: '42K07',
    });
  }
  if (/^\s*\{/.test(ddl)) throw unsupported(call, 'a schema in JSON is not supported. Write its DDL.');
  const whole = parsed(ddl);
  return nullable(whole ?? parseType(`struct<${ddl}>`));
}

/** The text as a type of its own, if it is one. */
function parsed(ddl: string): DataType | undefined {
  try {
    return parseType(ddl);
  } catch {
    return undefined;
  }
}

/** The type with everything inside nullable: data may lack what a schema promises. */
function nullable(of: DataType): DataType {
  if (of.kind === 'array') return { kind: 'array', element: nullable(of.element), containsNull: true };
  if (of.kind === 'map') return { ...of, value: nullable(of.value), valueContainsNull: true };
  if (of.kind === 'char' || of.kind === 'varchar') return { kind: 'string' };
  if (of.kind !== 'struct') return of;
  return {
    kind: 'struct',
    fields: of.fields.map((field) => ({ ...field, type: nullable(field.type), nullable: true })),
  };
}

const scalars = ['boolean', 'tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal', 'string', 'binary'];
const readable = [...scalars, 'date', 'timestamp', 'timestamp_ntz', 'variant'];

function checkReadable(call: FunctionCall, of: DataType): void {
  if (of.kind === 'array') checkReadable(call, of.element);
  else if (of.kind === 'map') {
    if (of.key.kind !== 'string')
      throw mismatch('INVALID_JSON_MAP_KEY_TYPE', 'Maps read from JSON have keys of the type string.');
    checkReadable(call, of.value);
  } else if (of.kind === 'struct') for (const field of of.fields) checkReadable(call, field.type);
  else if (!readable.includes(of.kind)) throw unsupported(call, `the type ${typeText(of)} is not supported.`);
}

/** A field that takes the text of bad records must be a string. */
function checkCorrupt(schema: DataType, options: TextOptions): void {
  const field = schema.kind === 'struct' && schema.fields.find(({ name }) => name === corruptName(options));
  if (field && field.type.kind !== 'string')
    throw userError('INVALID_CORRUPT_RECORD_TYPE', `The column ${field.name} of bad records must be a string.`, {
      sqlState: '42804',
    });
}

/** from_json and from_csv: what does not fit its type is NULL; text that is none of the format gives NULLs. */
function fromText(call: FunctionCall, schema: DataType): FunctionResult {
  const options = optionsArg(call, 2);
  checkCorrupt(schema, options);
  const text = textArg(call, 0);
  const zone = literal(zoneOf(call, options));
  const held = sql`spark_${call.name}(${text.sql}, ${literal(typeText(schema))}, ${zone}, ${optionsText(options)})`;
  return {
    ...derive([text], ofTypedJson(held, schema), schema, true),
    name: schema.kind === 'map' ? 'entries' : `${call.name}(${text.name})`,
  };
}

function fromJson(call: FunctionCall): FunctionResult {
  const schema = schemaOf(call);
  if (!['struct', 'array', 'map', 'variant'].includes(schema.kind))
    throw mismatch('INVALID_JSON_SCHEMA', 'The schema of from_json must be a struct, an array, a map or a variant.');
  checkReadable(call, schema);
  return fromText(call, schema);
}

function fromCsv(call: FunctionCall): FunctionResult {
  const schema = schemaOf(call);
  if (schema.kind !== 'struct') throw unsupported(call, 'the schema must be a struct.');
  for (const field of schema.fields) {
    if (['array', 'map', 'struct', 'variant'].includes(field.type.kind))
      throw userError('UNSUPPORTED_DATATYPE', `CSV has no values of the type ${typeText(field.type)}.`);
    checkReadable(call, field.type);
  }
  return fromText(call, schema);
}

/** schema_of_json and schema_of_csv of a constant: told when the statement is planned. */
const schemaRow = (name: string, infer: (text: string, options: TextOptions) => string): FunctionRow =>
  row(name, 1, 2, (call) => {
    const [given] = call.args as [Typed];
    const options = optionsArg(call, 1);
    if (isNullLiteral(given)) throw mismatch('UNEXPECTED_NULL', `The text of ${name} must not be NULL.`);
    if (!isText(given.type)) throw wrongInput(given, 'a string');
    const text = constantText(given);
    if (text === undefined) {
      if (given.foldable) throw unsupported(call, 'the text must be a string literal.');
      throw mismatch('NON_FOLDABLE_INPUT', `The text of ${name} must be a constant.`);
    }
    const ddl = infer(text, options);
    return {
      ...derive([given], [literal(ddl)], type.string, false),
      constant: { value: ddl },
      name: `${name}(${given.name})`,
    };
  });

export const jsonRows: FunctionRow[] = [
  row('get_json_object', 2, 2, (call) => {
    const [text, path] = [textArg(call, 0), textArg(call, 1)];
    return derive([text, path], callSql('spark_get_json_object', text.sql, path.sql), type.string, true);
  }),
  row('json_array_length', 1, 1, (call) => {
    const text = textArg(call, 0);
    return derive([text], callSql('spark_json_array_length', text.sql), type.int, true);
  }),
  row('json_object_keys', 1, 1, (call) => {
    const text = textArg(call, 0);
    return derive([text], callSql('spark_json_object_keys', text.sql), arrayOf(type.string), true);
  }),
  row('to_json', 1, 2, toJson),
  row('from_json', 2, 3, fromJson),
  row('to_csv', 1, 2, toCsv),
  row('from_csv', 2, 3, fromCsv),
  schemaRow('schema_of_json', schemaOfJson),
  schemaRow('schema_of_csv', schemaOfCsv),
];
