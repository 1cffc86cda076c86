import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { ExpressionSession } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { ident, join, literal, sql } from '../emit/text.ts';
import { ofTypedJson } from './typed-json.ts';

/** The two directions of a cast that meet a variant; the bytes of variants are engine values of the type BLOB. */

const jsonText = (text: string): string => literal(JSON.stringify(text));
const tagged = (letter: string, text: Sql): Sql => sql`('"${letter}' || ${text} || '"')`;
const orNull = (text: Sql): Sql => sql`coalesce(${text}, 'null')`;

/** A value as the text that `spark_variant_build` reads; NULL where the value is NULL. */
function variantText(value: Sql, type: DataType, depth: number): Sql {
  const item = `__v${depth}`;
  switch (type.kind) {
    case 'void':
      return sql`CAST(NULL AS VARCHAR)`;
    case 'boolean':
      return sql`CAST(${value} AS VARCHAR)`;
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return tagged('i', sql`CAST(${value} AS VARCHAR)`);
    case 'decimal':
      return tagged('m', sql`CAST(${value} AS VARCHAR)`);
    case 'double':
    case 'float':
      return tagged(type.kind === 'float' ? 'f' : 'd', sql`spark_double_text(CAST(${value} AS DOUBLE))`);
    case 'binary':
      return tagged('B', sql`hex(${value})`);
    case 'variant':
      return tagged('V', sql`hex(${value})`);
    case 'date':
      return tagged('D', sql`CAST(datediff('day', DATE '1970-01-01', ${value}) AS VARCHAR)`);
    case 'timestamp':
      return tagged('T', sql`CAST(epoch_us(${value}) AS VARCHAR)`);
    case 'timestamp_ntz':
      return tagged('N', sql`CAST(epoch_us(${value}) AS VARCHAR)`);
    case 'time':
      throw userError('UNSUPPORTED_CAST', 'Casting a TIME to a variant is not supported. Cast it to a string first.');
    case 'array': {
      const items = sql`list_transform(${value}, lambda ${item}: ${orNull(variantText([item], type.element, depth + 1))})`;
      return sql`('[' || array_to_string(${items}, ',') || ']')`;
    }
    case 'map': {
      const entry = orNull(variantText([`${item}.value`], type.value, depth + 1));
      const entries = sql`list_transform(map_entries(${value}), lambda ${item}: spark_json_string(${item}.key) || ',' || ${entry})`;
      return sql`('{"o":[' || array_to_string(${entries}, ',') || ']}')`;
    }
    case 'struct': {
      const fields = type.fields.map(
        (field) =>
          sql`${jsonText(field.name)} || ',' || ${orNull(variantText([`${item}.${ident(field.name)}`], field.type, depth + 1))}`,
      );
      const text = fields.length ? join(fields, ` || ',' || `) : sql`''`;
      return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE '{"o":[' || ${text} || ']}' END)[1]`;
    }
    default:
      return sql`spark_json_string('s' || ${value})`;
  }
}

/** The value as a variant: integers of any width are longs, structs and maps are objects. */
export const toVariant = (value: Sql, from: DataType): Sql =>
  from.kind === 'variant' ? value : sql`spark_variant_build(${variantText(value, from, 0)})`;

/** The variant under another type; what does not fit raises INVALID_VARIANT_CAST, or is NULL where `tried`. */
export function fromVariant(value: Sql, to: DataType, session: ExpressionSession, tried: boolean): Sql {
  const word = tried ? 'TRUE' : 'FALSE';
  const text = sql`spark_variant_cast(${value}, ${literal(typeText(to))}, ${literal(session.timeZone)}, ${word})`;
  return ofTypedJson(text, to);
}

/** Whether variants can be cast to a type, or (`objects` false) a type to a variant. */
export function meetsVariant(type: DataType, objects: boolean): boolean {
  switch (type.kind) {
    case 'array':
      return meetsVariant(type.element, objects);
    case 'map':
      return objects && type.key.kind === 'string' && meetsVariant(type.value, objects);
    case 'struct':
      return objects && type.fields.every((field) => meetsVariant(field.type, objects));
    case 'void':
    case 'interval':
    case 'calendar_interval':
    case 'char':
    case 'varchar':
      return false;
    default:
      return true;
  }
}

/** Whether a variant is the type or lies inside it. */
export const holdsVariant = (type: DataType): boolean =>
  type.kind === 'variant' ||
  (type.kind === 'array' && holdsVariant(type.element)) ||
  (type.kind === 'map' && holdsVariant(type.value)) ||
  (type.kind === 'struct' && type.fields.some((field) => holdsVariant(field.type)));
