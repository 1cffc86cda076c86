import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { ident, join, literal, sql } from '../../emit/text.ts';
import { textOf } from '../../types/cast-text.ts';
import { derive, isText, mismatch } from '../../types/index.ts';
import { type, unsupported } from '../define.ts';
import { jsonString } from '../engine/json.ts';
import { isTrue, type TextOptions } from '../engine/json-options.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { optionsArg, zoneOf } from './options.ts';

interface Writing {
  call: FunctionCall;
  options: TextOptions;
}

/** The text where the value is there; NULL where it is not. The value is computed once. */
const ifPresent = (value: Sql, name: string, text: (held: string) => Sql): Sql =>
  sql`list_transform([${value}], lambda ${name}: CASE WHEN ${name} IS NULL THEN NULL ELSE ${text(name)} END)[1]`;

const quoted = (text: Sql): Sql => sql`('"' || ${text} || '"')`;

/** A date or time as text: by the option's pattern, or in ISO form with milliseconds. */
export function temporalText(value: Sql, of: DataType, { call, options }: Writing): Sql {
  const zone = zoneOf(call, options);
  switch (of.kind) {
    case 'date': {
      const pattern = options.dateformat;
      if (pattern === undefined) return textOf(value, of, call.session);
      return sql`spark_date_format(epoch_us(CAST(${value} AS TIMESTAMP)), 'UTC', ${literal(pattern)})`;
    }
    case 'timestamp':
      return sql`spark_date_format(epoch_us(${value}), ${literal(zone)}, ${literal(options.timestampformat ?? "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")})`;
    default:
      return sql`spark_date_format(epoch_us(${value}), 'UTC', ${literal(options.timestampntzformat ?? "yyyy-MM-dd'T'HH:mm:ss.SSS")})`;
  }
}

/** A key as Spark's inner value prints: dates and times as numbers, arrays and structs as `[1,null]`. */
function keyText(value: Sql, of: DataType, writing: Writing, depth: number): Sql {
  const item = `__k${depth}`;
  const inner = (text: string, type: DataType) => sql`coalesce(${keyText([text], type, writing, depth + 1)}, 'null')`;
  switch (of.kind) {
    case 'date':
      return sql`CAST(datediff('day', DATE '1970-01-01', ${value}) AS VARCHAR)`;
    case 'timestamp':
    case 'timestamp_ntz':
      return sql`CAST(epoch_us(${value}) AS VARCHAR)`;
    case 'time':
      // Spark holds times in nanoseconds.
      return sql`CAST((epoch_us(${value}) * 1000) AS VARCHAR)`;
    case 'interval':
      return sql`CAST(${value} AS VARCHAR)`;
    case 'array':
      return sql`('[' || coalesce(array_to_string(list_transform(${value}, lambda ${item}: ${inner(item, of.element)}), ','), '') || ']')`;
    case 'struct': {
      const fields = of.fields.map((field) => inner(`${item}.${ident(field.name)}`, field.type));
      return ifPresent(value, item, () => sql`('[' || ${fields.length ? join(fields, " || ',' || ") : "''"} || ']')`);
    }
    case 'binary':
    case 'map':
    case 'variant':
    case 'calendar_interval':
      throw unsupported(writing.call, `map keys of the type ${of.kind} are not supported.`);
    default:
      return textOf(value, of, writing.call.session);
  }
}

/** JSON text of a value; NULL where it is NULL. Fields that are NULL are left out unless the options keep them. */
function jsonOf(value: Sql, of: DataType, writing: Writing, depth: number): Sql {
  const item = `__j${depth}`;
  const { session } = writing.call;
  switch (of.kind) {
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'variant':
      return textOf(value, of, session);
    case 'float':
    case 'double': {
      const text = textOf(value, of, session);
      return sql`CASE WHEN isfinite(${value}) THEN ${text} ELSE '"' || ${text} || '"' END`;
    }
    case 'interval':
    case 'time':
      return quoted(textOf(value, of, session));
    case 'binary':
      return quoted(sql`to_base64(${value})`);
    case 'date':
    case 'timestamp':
    case 'timestamp_ntz':
      return sql`spark_json_string(${temporalText(value, of, writing)})`;
    case 'void':
      return sql`CAST(NULL AS VARCHAR)`;
    case 'array': {
      const element = sql`coalesce(${jsonOf([item], of.element, writing, depth + 1)}, 'null')`;
      return ifPresent(
        value,
        `${item}v`,
        (held) =>
          sql`('[' || coalesce(array_to_string(list_transform(${held}, lambda ${item}: ${element}), ','), '') || ']')`,
      );
    }
    case 'struct':
      return structOf(value, of, writing, depth);
    case 'map': {
      const key = sql`spark_json_string(${keyText([`${item}.key`], of.key, writing, depth + 1)})`;
      const entry = sql`${key} || ':' || coalesce(${jsonOf([`${item}.value`], of.value, writing, depth + 1)}, 'null')`;
      return ifPresent(
        value,
        `${item}v`,
        (held) =>
          sql`('{' || coalesce(array_to_string(list_transform(map_entries(${held}), lambda ${item}: ${entry}), ','), '') || '}')`,
      );
    }
    default:
      if (isText(of)) return sql`spark_json_string(${value})`;
      throw unsupported(writing.call, `values of the type ${of.kind} are not supported.`);
  }
}

function structOf(value: Sql, of: Extract<DataType, { kind: 'struct' }>, writing: Writing, depth: number): Sql {
  const item = `__j${depth}`;
  const ignored = isTrue(writing.options, 'ignoreNullFields', true);
  const fields = of.fields.map((field) => {
    const text = jsonOf([`${item}.${ident(field.name)}`], field.type, writing, depth + 1);
    return sql`${literal(`${jsonString(field.name)}:`)} || ${ignored ? text : sql`coalesce(${text}, 'null')`}`;
  });
  const all = sql`coalesce(array_to_string([${join(fields, ', ')}], ','), '')`;
  return ifPresent(value, item, () => sql`'{' || ${all} || '}'`);
}

export function toJson(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  const options = optionsArg(call, 1);
  const name = `to_json(${value.name})`;
  if (isTrue(options, 'pretty') || isTrue(options, 'writeNonAsciiCharacterAsCodePoint'))
    throw unsupported(call, 'the options pretty and writeNonAsciiCharacterAsCodePoint are not supported.');
  if (value.type.kind === 'void') return { ...derive([value], sql`CAST(NULL AS VARCHAR)`, type.string, true), name };
  if (!['struct', 'array', 'map', 'variant'].includes(value.type.kind))
    throw mismatch('INVALID_JSON_SCHEMA', `to_json takes a struct, an array, a map or a variant, not ${value.name}.`);
  return { ...derive([value], jsonOf(value.sql, value.type, { call, options }, 0), type.string), name };
}
