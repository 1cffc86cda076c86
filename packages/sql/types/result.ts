import type { DataType } from '@boathouse/contracts';
import type { ExpressionSession, Typed } from '../analyse/typed.ts';
import { duckTypeOf } from '../emit/duck-type.ts';
import type { Sql } from '../emit/text.ts';
import { ident, join, sql } from '../emit/text.ts';
import { textOf } from './cast-text.ts';
import { retyped } from './derive.ts';
import { engineType } from './engine-type.ts';
import { isInterval } from './numeric.ts';

/** Types that leave a statement as text: intervals as Spark prints them, variants as JSON. */
const leavesAsText = (type: DataType): boolean => isInterval(type) || type.kind === 'variant';

const holdsText = (type: DataType): boolean =>
  leavesAsText(type) ||
  (type.kind === 'array' && holdsText(type.element)) ||
  (type.kind === 'map' && (holdsText(type.key) || holdsText(type.value))) ||
  (type.kind === 'struct' && type.fields.some((field) => holdsText(field.type)));

/** The engine's type of a result column. */
const resultType = (type: DataType): string =>
  duckTypeOf(type, (_, special) => (leavesAsText(special) ? 'VARCHAR' : engineType(special)));

/** A value with everything inside that leaves as text turned into it. */
function leaving(value: Sql, type: DataType, session: ExpressionSession, depth: number): Sql {
  if (leavesAsText(type)) return textOf(value, type, session);
  if (!holdsText(type)) return value;
  const item = `__r${depth}`;
  const inner = (text: string, of: DataType) => leaving([text], of, session, depth + 1);
  switch (type.kind) {
    case 'array':
      return sql`list_transform(${value}, lambda ${item}: ${inner(item, type.element)})`;
    case 'map':
      return sql`map_from_entries(list_transform(map_entries(${value}), lambda ${item}: struct_pack(k := ${inner(`${item}.key`, type.key)}, v := ${inner(`${item}.value`, type.value)})))`;
    case 'struct': {
      const fields = type.fields.map(
        ({ name, type: of }) => sql`${ident(name)} := ${inner(`${item}.${ident(name)}`, of)}`,
      );
      return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE struct_pack(${join(fields, ', ')}) END)[1]`;
    }
    default:
      return value;
  }
}

/**
 * A value as the last SELECT of a statement hands it to the engine: of exactly its type; intervals and variants as text.
 * Every output column of a statement goes through here, those of subqueries do not.
 */
export function toResult(value: Typed, session: ExpressionSession): Typed {
  // The type text also refuses structs that the engine cannot hold.
  const held = engineType(value.type);
  if (leavesAsText(value.type)) return retyped(value, textOf(value.sql, value.type, session), value.type);
  const type = holdsText(value.type) ? resultType(value.type) : held;
  if (holdsText(value.type))
    return { ...value, sql: sql`CAST(${leaving(value.sql, value.type, session, 0)} AS ${type})` };
  const plain =
    value.sql.length === 1 &&
    typeof value.sql[0] === 'string' &&
    value.sql[0].startsWith(`CAST(`) &&
    value.sql[0].endsWith(` AS ${type})`);
  return plain ? value : { ...value, sql: sql`CAST(${value.sql} AS ${type})` };
}
