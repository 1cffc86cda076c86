import type { Column, PlanBody, PrunePredicate } from '@boathouse/contracts';
import { BoathouseError } from '@boathouse/contracts';
import type { Context } from '../analyse/context.ts';
import { fail } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { prune } from '../analyse/prune.ts';
import { condition } from '../analyse/select.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Delete, Expression, Truncate, Update } from '../ast/index.ts';
import { walk } from '../ast/index.ts';
import type { Sql } from '../emit/text.ts';
import { assignments, refuseAggregates } from './assignment.ts';
import { partsOf } from './names.ts';
import type { Planned } from './planned.ts';
import { predicateText } from './printed.ts';
import { changedTable, contextOf, type Target, targetOf, writeTarget } from './target.ts';

export const affectedRows: Column[] = [{ name: 'num_affected_rows', type: 'bigint', nullable: true }];

/** DELETE FROM t WHERE …: rows where the condition is true. */
export function planDelete(node: Delete, state: PlanState, text: string): Planned {
  const target = targetOf(node.table, node.alias, 'DELETE', state);
  const context = contextOf(state, target.columns, 'DELETE');
  const where = whereText(node.where, context);
  const parameters = { predicate: predicateText(node.where, target.table.columns, text) };
  return planned(state, { kind: 'delete', ...shared(target, state), columns: affectedRows, where, parameters });
}

/** UPDATE t SET … WHERE …. */
export function planUpdate(node: Update, state: PlanState, text: string): Planned {
  const target = targetOf(node.table, node.alias, 'UPDATE', state);
  const context = contextOf(state, target.columns, 'UPDATE');
  const where = whereText(node.where, context);
  for (const { value } of node.assignments) refuseCorrelated(value, context);
  const set = assignments(node.assignments, target, context, (name) =>
    context.scope.unresolved(partsOf(name), name.range),
  );
  const parameters = { predicate: predicateText(node.where, target.table.columns, text) };
  return planned(state, { kind: 'update', ...shared(target, state), columns: affectedRows, where, set, parameters });
}

/** TRUNCATE TABLE t: DELETE without a condition, and without an answer. */
export function planTruncate(node: Truncate, state: PlanState): Planned {
  if (node.partition.length)
    throw fail(
      'DELTA_TRUNCATE_TABLE_PARTITION_NOT_SUPPORTED',
      'TRUNCATE TABLE does not take PARTITION. Use DELETE FROM … WHERE.',
      node.range,
    );
  changedTable(node.table, 'TRUNCATE TABLE', state);
  const target = targetOf(node.table, undefined, 'TRUNCATE TABLE', state);
  const all = shared(target, state);
  return planned(state, { kind: 'delete', ...all, columns: [], where: null, operation: 'TRUNCATE', parameters: {} });
}

/** What the three statements share; to be asked when everything else is analysed. */
export function shared(target: Target, state: PlanState) {
  const tables = state.planTables();
  const own = tables[target.index];
  const predicates: PrunePredicate[] = own?.source === 'delta' ? own.predicates : [];
  return { target: writeTarget(target.table), tables, targetTable: target.index, predicates };
}

export function planned(state: PlanState, body: PlanBody): Planned {
  return { kind: 'plan', body, requires: state.ownRequirements(), reads: [...state.reads] };
}

/** Engine text of a condition; its conjuncts that may prune files are noted. */
export function whereText(node: Expression | undefined, context: Context): Sql | null {
  if (!node) return null;
  refuseAggregates(node, context.clause);
  refuseRandom(node, context);
  const typed = condition(node, context);
  prune(node, context);
  return typed.sql;
}

/** A condition that gives another answer each time it is asked touches rows by chance, and twice. */
export function refuseRandom(node: Expression, context: Context): void {
  walk(node, (child) => {
    if (child.kind !== 'call') return undefined;
    let volatile = false;
    try {
      volatile = analyse(child as Expression, context).volatile ?? false;
    } catch (error) {
      // An inner part that cannot stand alone is judged with what is around it.
      if (!(error instanceof BoathouseError)) throw error;
    }
    if (volatile)
      throw fail(
        'INVALID_NON_DETERMINISTIC_EXPRESSIONS',
        `The condition of ${context.clause} gives another answer each time. Compute such values in a source first.`,
        (child as Expression).range,
      );
    return undefined;
  });
}

/** A subquery of SET is computed once: it sees nothing of the row that is changed, as in Spark. */
function refuseCorrelated(value: Expression, context: Context): void {
  walk(value, (child) => {
    if (child.kind !== 'subquery') return undefined;
    try {
      analyse(child as Expression, contextOf(context.state, [], context.clause));
    } catch (error) {
      if (!(error instanceof BoathouseError) || !error.code.startsWith('UNRESOLVED_COLUMN')) throw error;
      throw fail(
        'UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY',
        'A subquery in SET cannot name columns of the table that is updated. Use MERGE with the subquery as its source.',
        (child as Expression).range,
      );
    }
    return false;
  });
}
