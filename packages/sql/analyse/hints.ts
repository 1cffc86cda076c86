import type { Expression, Hint } from '../ast/index.ts';
import { fail } from './errors.ts';
import { analyse } from './expression.ts';
import { outputScope, type QueryContext } from './query.ts';
import type { QueryColumn } from './relation.ts';

const partitioning: ReadonlySet<string> = new Set(['repartition', 'repartition_by_range', 'rebalance']);

/**
 * Hints change how a query runs and never what it gives. Only those of partitioning have arguments that must be right: a
 * number, and columns of the query's output. Others, also unknown ones, are passed over.
 */
export function checkHints(hints: readonly Hint[], columns: readonly QueryColumn[], context: QueryContext): void {
  for (const hint of hints) {
    const name = hint.name.toLowerCase();
    if (name === 'coalesce') {
      if (hint.args.length === 1 && isNumber(hint.args[0]!)) continue;
      throw fail('_LEGACY_ERROR_TEMP_1048', 'The hint COALESCE takes a number of partitions.', hint.range);
    }
    if (!partitioning.has(name)) continue;
    const [first, ...rest] = hint.args;
    const keys = first && isNumber(first) ? rest : hint.args;
    const scope = outputScope(columns, 'hint', context.around);
    for (const key of keys) {
      const named = columnOf(key);
      if (!named) throw fail('_LEGACY_ERROR_TEMP_1047', `The hint ${hint.name} takes columns and a number.`, key.range);
      analyse(named, { ...context, scope, clause: 'a hint' });
    }
  }
}

const isNumber = (value: Expression): boolean => value.kind === 'number' && value.type.kind === 'int';

/** A column, which a hint may also write as a string. */
function columnOf(value: Expression): Expression | undefined {
  if (value.kind === 'column') return value;
  if (value.kind !== 'string') return undefined;
  return { kind: 'column', parts: [{ name: value.value, quoted: true, range: value.range }], range: value.range };
}
