import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import type { ExpressionSession, Typed } from '../analyse/typed.ts';
import { sql } from '../emit/text.ts';
import { textOf } from './cast-text.ts';
import { retyped } from './derive.ts';
import { engineType } from './engine-type.ts';
import { isInterval } from './numeric.ts';

const holdsInterval = (type: DataType): boolean =>
  isInterval(type) ||
  (type.kind === 'array' && holdsInterval(type.element)) ||
  (type.kind === 'map' && (holdsInterval(type.key) || holdsInterval(type.value))) ||
  (type.kind === 'struct' && type.fields.some((field) => holdsInterval(field.type)));

/**
 * A value as the last SELECT of a statement hands it to the engine: of exactly its type; intervals as Spark's text.
 * Every output column of a statement goes through here, those of subqueries do not.
 */
export function toResult(value: Typed, session: ExpressionSession): Typed {
  if (isInterval(value.type)) return retyped(value, textOf(value.sql, value.type, session), value.type);
  if (holdsInterval(value.type)) {
    throw userError(
      'UNSUPPORTED_DATATYPE',
      'Intervals inside arrays, maps or structs cannot be returned yet. Cast them to strings.',
    );
  }
  const type = engineType(value.type);
  const plain =
    value.sql.length === 1 &&
    typeof value.sql[0] === 'string' &&
    value.sql[0].startsWith(`CAST(`) &&
    value.sql[0].endsWith(` AS ${type})`);
  return plain ? value : { ...value, sql: sql`CAST(${value.sql} AS ${type})` };
}
