import { typeText } from '@boathouse/contracts';
import type { Expression, QueryOrder } from '../ast/index.ts';
import { literal, type Sql, sql } from '../emit/text.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { analyse } from './expression.ts';
import type { QueryContext } from './query.ts';
import { Scope } from './scope.ts';

type Word = 'LIMIT' | 'OFFSET';

/** ` LIMIT n OFFSET m` of a query; undefined without either. */
export function limitText({ limit, offset }: QueryOrder, context: QueryContext): Sql | undefined {
  if (!limit && !offset) return undefined;
  return sql`${limit ? limitPart(limit, 'LIMIT', context) : ''}${offset ? limitPart(offset, 'OFFSET', context) : ''}`;
}

/** ` LIMIT n`: an int of 0 or more that is known before the query runs. Throws INVALID_LIMIT_LIKE_EXPRESSION. */
export function limitPart(expression: Expression, word: Word, context: QueryContext): Sql {
  const inside: Context = { ...context, scope: new Scope([]), clause: word };
  const wrong = (kind: string, says: string) =>
    fail(`INVALID_LIMIT_LIKE_EXPRESSION.${kind}`, `The ${word} must be ${says}.`, expression.range);
  const unfoldable = () => wrong('IS_UNFOLDABLE', 'a number that is known before the query runs');
  let typed: ReturnType<typeof analyse>;
  try {
    typed = analyse(expression, inside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('UNRESOLVED_COLUMN'))
      throw unfoldable();
    throw error;
  }
  const { constant } = typed;
  if (!constant && !typed.foldable) throw unfoldable();
  if (typed.type.kind !== 'int') throw wrong('DATA_TYPE', `of the type int, not ${typeText(typed.type)}`);
  if (constant?.value === null) throw wrong('IS_NULL', 'a number, not NULL');
  if (typeof constant?.value === 'bigint') {
    if (constant.value < 0n) throw wrong('IS_NEGATIVE', '0 or more');
    return [` ${word} ${constant.value}`];
  }
  const raised = (kind: string, says: string) =>
    `error(${literal(`[INVALID_LIMIT_LIKE_EXPRESSION.${kind}] The ${word} must be ${says}.`)})`;
  return sql` ${word} (CASE WHEN ${typed.sql} IS NULL THEN CAST(${raised('IS_NULL', 'a number, not NULL')} AS INTEGER) WHEN ${typed.sql} < 0 THEN CAST(${raised('IS_NEGATIVE', '0 or more')} AS INTEGER) ELSE ${typed.sql} END)`;
}
