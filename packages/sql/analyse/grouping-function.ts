import type { Call } from '../ast/index.ts';
import { join, sql, textKey } from '../emit/text.ts';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { analyse } from './expression.ts';
import { normalised } from './query.ts';
import type { Typed } from './typed.ts';

/** grouping(key) and grouping_id(keys…): only over ROLLUP, CUBE or GROUPING SETS, and only of grouping keys. */
export function groupingCall(node: Call, name: string, context: Context): Typed {
  const { grouping } = context;
  if (!grouping?.sets) {
    throw fail(
      'UNSUPPORTED_GROUPING_EXPRESSION',
      'grouping() and grouping_id() can only be used with GROUPING SETS, ROLLUP or CUBE.',
      node.range,
    );
  }
  const inner: Context = { ...context, grouping: undefined, aliases: undefined, aliasesFirst: false };
  const args = node.args.map((arg) => {
    const typed = analyse(arg, inner);
    if (!grouping.match(typed) && name === 'grouping') {
      throw fail(
        'GROUPING_COLUMN_MISMATCH',
        `The column of grouping (${typed.name}) is not one of the grouping columns.`,
        arg.range,
      );
    }
    return typed;
  });
  if (name === 'grouping' && args.length !== 1) {
    throw fail('WRONG_NUM_ARGS.WITHOUT_SUGGESTION', 'The function grouping takes 1 argument.', node.range);
  }
  const matching = args.every((arg, index) => textKey(arg.sql) === grouping.keys[index]?.key);
  if (name !== 'grouping' && args.length && !(matching && args.length === grouping.keys.length)) {
    throw fail(
      'GROUPING_ID_COLUMN_MISMATCH',
      'The columns of grouping_id must be all grouping columns in their order, or none.',
      node.range,
    );
  }
  const keys = args.length ? args : grouping.keys.map((entry) => entry.typed);
  const type = name === 'grouping' ? ({ kind: 'tinyint' } as const) : ({ kind: 'bigint' } as const);
  const engine = type.kind === 'tinyint' ? 'TINYINT' : 'BIGINT';
  return grouping.add({
    sql: sql`CAST(grouping(${join(
      keys.map((key) => normalised(key.sql, key.type.kind)),
      ', ',
    )}) AS ${engine})`,
    type,
    nullable: false,
    name: name === 'grouping__id' ? name : `${name}(${args.map((arg) => arg.name).join(', ')})`,
  });
}
