import type { DataType } from '@boathouse/contracts';
import { parseType, typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { ident, join, literal, sql } from '../../emit/text.ts';
import { textOf } from '../../types/cast-text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { constantText, derive, engineType, isText } from '../../types/index.ts';
import { arg, arrayOf, callSql, type, unsupported } from '../define.ts';
import { jsonString } from '../engine/json.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

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

/** The text where the value is there; NULL where it is not. The value is computed once. */
const ifPresent = (value: Sql, name: string, text: (held: string) => Sql): Sql =>
  sql`list_transform([${value}], lambda ${name}: CASE WHEN ${name} IS NULL THEN NULL ELSE ${text(name)} END)[1]`;

/** JSON text of a value that is not NULL (NULL in, NULL out). Fields that are NULL are left out. */
function jsonOf(call: FunctionCall, value: Sql, of: DataType, depth: number): Sql {
  const item = `__j${depth}`;
  switch (of.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
      return textOf(value, of, call.session);
    case 'float':
    case 'double': {
      const text = textOf(value, of, call.session);
      return sql`CASE WHEN isfinite(${value}) THEN ${text} ELSE '"' || ${text} || '"' END`;
    }
    case 'string':
      return sql`spark_json_string(${value})`;
    case 'date':
    case 'interval':
      return sql`('"' || ${textOf(value, of, call.session)} || '"')`;
    case 'timestamp':
      return sql`('"' || spark_date_format(epoch_us(${value}), ${literal(call.session.timeZone)}, ${literal("yyyy-MM-dd'T'HH:mm:ss.SSSXXX")}) || '"')`;
    case 'timestamp_ntz':
      return sql`('"' || spark_date_format(epoch_us(${value}), 'UTC', ${literal("yyyy-MM-dd'T'HH:mm:ss.SSS")}) || '"')`;
    case 'void':
      return sql`CAST(NULL AS VARCHAR)`;
    case 'array':
      return ifPresent(
        value,
        `${item}v`,
        (held) =>
          sql`('[' || coalesce(array_to_string(list_transform(${held}, lambda ${item}: coalesce(${jsonOf(call, [item], of.element, depth + 1)}, 'null')), ','), '') || ']')`,
      );
    case 'struct': {
      const fields = of.fields.map(
        (field) =>
          sql`${literal(`${jsonString(field.name)}:`)} || ${jsonOf(call, [`${item}.${ident(field.name)}`], field.type, depth + 1)}`,
      );
      return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE '{' || coalesce(array_to_string([${join(fields, ', ')}], ','), '') || '}' END)[1]`;
    }
    case 'map': {
      if (!isText(of.key) && !['int', 'bigint', 'smallint', 'tinyint'].includes(of.key.kind))
        throw unsupported(call, `map keys of the type ${of.key.kind} are not supported.`);
      const key = sql`spark_json_string(${textOf([`${item}.key`], of.key, call.session)})`;
      return ifPresent(
        value,
        `${item}v`,
        (held) =>
          sql`('{' || coalesce(array_to_string(list_transform(map_entries(${held}), lambda ${item}: ${key} || ':' || coalesce(${jsonOf(call, [`${item}.value`], of.value, depth + 1)}, 'null')), ','), '') || '}')`,
      );
    }
    default:
      throw unsupported(call, `values of the type ${of.kind} are not supported.`);
  }
}

function toJson(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (call.args.length > 1) throw unsupported(call, 'options are not supported.');
  if (!['struct', 'array', 'map'].includes(value.type.kind)) {
    if (value.type.kind === 'void' || value.type.kind === 'variant')
      throw unsupported(call, `${value.type.kind} is not supported.`);
    throw wrongInput(value, 'a struct, an array or a map');
  }
  return { ...derive([value], jsonOf(call, value.sql, value.type, 0), type.string), name: `to_json(${value.name})` };
}

/** The struct, array or map that a DDL text names: `a INT, b STRING` is a struct. */
function schemaOf(call: FunctionCall): DataType {
  const ddl = constantText(call.args[1]!);
  if (ddl === undefined) throw unsupported(call, "the schema must be a string literal such as 'a INT, b STRING'.");
  const schema = parseType(/^\s*(struct|array|map)\s*</i.test(ddl) ? ddl : `struct<${ddl}>`);
  checkReadable(call, schema);
  return schema;
}

const readable = [
  'boolean',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'decimal',
  'string',
  'date',
  'timestamp',
];

function checkReadable(call: FunctionCall, of: DataType): void {
  if (of.kind === 'array') checkReadable(call, of.element);
  else if (of.kind === 'map') {
    if (of.key.kind !== 'string') throw unsupported(call, 'maps must have keys of the type string.');
    checkReadable(call, of.value);
  } else if (of.kind === 'struct') {
    for (const field of of.fields) {
      if (field.name.toLowerCase() === '_corrupt_record' || !field.nullable)
        throw unsupported(call, '_corrupt_record and NOT NULL fields are not supported.');
      checkReadable(call, field.type);
    }
  } else if (!readable.includes(of.kind)) throw unsupported(call, `the type ${of.kind} is not supported.`);
}

/** from_json(text, schema): what does not fit its type is NULL; text that is no JSON gives a struct of NULLs. */
function fromJson(call: FunctionCall): FunctionResult {
  if (call.args.length > 2) throw unsupported(call, 'options are not supported.');
  const text = textArg(call, 0);
  const schema = schemaOf(call);
  const canonical = sql`spark_from_json(${text.sql}, ${literal(typeText(schema))}, ${literal(call.session.timeZone)})`;
  return {
    ...derive([text], sql`CAST(CAST(${canonical} AS JSON) AS ${engineType(schema)})`, schema, true),
    name: `from_json(${text.name})`,
  };
}

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
];
