import type { DataType } from '@boathouse/contracts';
import type { Sql } from '../emit/text.ts';
import { ident, join, sql } from '../emit/text.ts';
import { engineType } from './engine-type.ts';

/** Values that stand as hexadecimal text in JSON: bytes, and variants, which are bytes. */
const isBytes = (type: DataType): boolean => type.kind === 'binary' || type.kind === 'variant';

const holdsBytes = (type: DataType): boolean =>
  isBytes(type) ||
  (type.kind === 'array' && holdsBytes(type.element)) ||
  (type.kind === 'map' && holdsBytes(type.value)) ||
  (type.kind === 'struct' && type.fields.some((field) => holdsBytes(field.type)));

/** The engine's type of a value on its way out of JSON. */
function carrier(type: DataType): string {
  if (isBytes(type)) return 'VARCHAR';
  if (!holdsBytes(type)) return engineType(type);
  switch (type.kind) {
    case 'array':
      return `${carrier(type.element)}[]`;
    case 'map':
      return `MAP(${engineType(type.key)}, ${carrier(type.value)})`;
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${ident(field.name)} ${carrier(field.type)}`).join(', ')})`;
    default:
      return engineType(type);
  }
}

function arrived(value: Sql, type: DataType, depth: number): Sql {
  if (isBytes(type)) return sql`unhex(${value})`;
  if (!holdsBytes(type)) return value;
  const item = `__a${depth}`;
  switch (type.kind) {
    case 'array':
      return sql`list_transform(${value}, lambda ${item}: ${arrived([item], type.element, depth + 1)})`;
    case 'map':
      return sql`map_from_entries(list_transform(map_entries(${value}), lambda ${item}: struct_pack(k := ${item}.key, v := ${arrived([`${item}.value`], type.value, depth + 1)})))`;
    case 'struct': {
      const fields = type.fields.map(
        ({ name, type: of }) => sql`${ident(name)} := ${arrived([`${item}.${ident(name)}`], of, depth + 1)}`,
      );
      return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE struct_pack(${join(fields, ', ')}) END)[1]`;
    }
    default:
      return value;
  }
}

/** The JSON text `{"v": …}` of an engine function (functions/engine/typed-json.ts) as a value of a type. */
export function ofTypedJson(text: Sql, to: DataType): Sql {
  const held = sql`struct_extract(CAST(CAST(${text} AS JSON) AS STRUCT(v ${carrier(to)})), 'v')`;
  return holdsBytes(to) ? sql`CAST(${arrived(held, to, 0)} AS ${engineType(to)})` : held;
}
