import type { Column, PlanAssignment } from '@boathouse/contracts';
import { BoathouseError, invariant, parseType, typeText } from '@boathouse/contracts';
import { columnTyped } from '../analyse/column.ts';
import type { Context } from '../analyse/context.ts';
import { fail, quotedName, type Range } from '../analyse/errors.ts';
import { relationOf } from '../analyse/from.ts';
import { prune } from '../analyse/prune.ts';
import type { ScopeColumn } from '../analyse/scope.ts';
import { condition } from '../analyse/select.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Expression, Merge, MergeWhen, Name } from '../ast/index.ts';
import { ident, join, type Sql, sql } from '../emit/text.ts';
import { assignments, byFieldName, refuseAggregates, valueText } from './assignment.ts';
import { checkStorable } from './definition.ts';
import { planned, refuseRandom, shared } from './modify.ts';
import { partsOf } from './names.ts';
import type { Planned } from './planned.ts';
import { printed } from './printed.ts';
import { autoMerge, settingOf } from './settings.ts';
import { contextOf, storedText, type Target, targetOf } from './target.ts';

const resultColumns: Column[] = ['num_affected_rows', 'num_updated_rows', 'num_deleted_rows', 'num_inserted_rows'].map(
  (name) => ({ name, type: 'bigint', nullable: true }),
);

interface Sides {
  target: Target;
  source: Source;
  both: Context;
  ofTarget: Context;
  ofSource: Context;
  evolves: boolean;
  added: Column[];
}

/** The source of a merge: its columns are `source.c<n>`, and only those that are used are computed. */
interface Source {
  columns: ScopeColumn[];
  text(): Sql;
}

/** MERGE INTO t USING source ON … WHEN …. */
export function planMerge(node: Merge, state: PlanState, text: string): Planned {
  checkOrder(node);
  const target = targetOf(node.table, node.alias, 'MERGE', state);
  const source = sourceOf(node, state);
  const sides: Sides = {
    target,
    source,
    both: contextOf(state, [...target.columns, ...source.columns], 'MERGE'),
    ofTarget: contextOf(state, target.columns, 'MERGE'),
    ofSource: contextOf(state, source.columns, 'MERGE'),
    evolves: node.schemaEvolution || settingOf(state.session, autoMerge) === 'true',
    added: [],
  };
  if (sides.evolves) sides.added.push(...newColumns(node, sides));
  const on = conditionText(node.on, sides.both);
  const of = (when: MergeWhen['when']) => node.clauses.filter((clause) => clause.when === when);
  // A row of the target that only NOT MATCHED BY SOURCE touches need not fulfil anything of ON.
  if (!of('notMatchedBySource').length) prune(node.on, sides.both);
  const body = {
    kind: 'merge' as const,
    on,
    matched: of('matched').map((clause) => change(clause, sides.both, sides)),
    notMatchedBySource: of('notMatchedBySource').map((clause) => change(clause, sides.ofTarget, sides)),
    notMatched: of('notMatched').map((clause) => insertion(clause, sides)),
  };
  return planned(state, {
    ...body,
    ...shared(target, state),
    source: source.text(),
    addColumns: sides.added,
    columns: resultColumns,
    parameters: historyParameters(node, sides, text),
  });
}

/** What the history tells of a merge, under Spark's names. Ids of columns go on from the target's to the source's. */
function historyParameters(node: Merge, { target, source }: Sides, text: string): Record<string, string> {
  const columns = [...target.table.columns, ...source.columns.map(({ name }) => ({ name, type: '', nullable: true }))];
  const written = (condition: Expression) =>
    printed(condition, columns, 'plan') ?? text.slice(condition.range.start, condition.range.end);
  const of = (when: MergeWhen['when']) =>
    JSON.stringify(
      node.clauses
        .filter((clause) => clause.when === when)
        .map(({ condition: one, action }) => ({
          ...(one ? { predicate: written(one) } : {}),
          actionType: action.kind,
        })),
    );
  return {
    predicate: JSON.stringify([written(node.on)]),
    matchedPredicates: of('matched'),
    notMatchedPredicates: of('notMatched'),
    notMatchedBySourcePredicates: of('notMatchedBySource'),
  };
}

/** Only the last clause of a kind may go without a condition. */
function checkOrder(node: Merge): void {
  const codes: Record<MergeWhen['when'], string> = {
    matched: 'NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION',
    notMatched: 'NON_LAST_NOT_MATCHED_BY_TARGET_CLAUSE_OMIT_CONDITION',
    notMatchedBySource: 'NON_LAST_NOT_MATCHED_BY_SOURCE_CLAUSE_OMIT_CONDITION',
  };
  for (const [index, clause] of node.clauses.entries()) {
    if (clause.condition || !node.clauses.slice(index + 1).some((later) => later.when === clause.when)) continue;
    throw fail(
      codes[clause.when],
      'When there are several WHEN clauses of one kind, only the last of them can leave its condition out.',
      clause.range,
    );
  }
}

function sourceOf(node: Merge, state: PlanState): Source {
  const { source } = node;
  if ('alias' in source && source.alias?.columns)
    throw fail('COLUMN_ALIASES_NOT_ALLOWED', 'The source of MERGE takes no names of columns.', source.alias.range);
  const from = relationOf(source, { state, environment: state.environment, ctes: new Map() });
  const used = new Set<number>();
  const columns = from.columns.map((column, index): ScopeColumn => {
    const { base: _base, ...rest } = column;
    return {
      ...rest,
      sql: sql`source.${ident(`c${index}`)}`,
      use: () => {
        column.use?.();
        used.add(index);
      },
    };
  });
  const text = () => {
    const items = from.columns.flatMap((column, index) => (used.has(index) ? [sql`${column.sql} AS c${index}`] : []));
    return sql`SELECT ${items.length ? join(items, ', ') : '1 AS c0'} FROM ${from.sql}`;
  };
  return { columns, text };
}

function conditionText(node: Expression, context: Context): Sql {
  refuseAggregates(node, context.clause);
  refuseRandom(node, context);
  return unresolvedAsMerge(node.range, () => condition(node, context).sql);
}

/** Delta's own name for a column that MERGE cannot find. */
function unresolvedAsMerge<T>(range: Range, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BoathouseError) || !error.code.startsWith('UNRESOLVED_COLUMN')) throw error;
    throw fail('DELTA_MERGE_UNRESOLVED_EXPRESSION', error.message, range);
  }
}

function change(clause: MergeWhen, context: Context, sides: Sides) {
  const when = clause.condition ? conditionText(clause.condition, context) : null;
  const { action } = clause;
  if (action.kind !== 'update') return { condition: when, action: { kind: 'delete' as const } };
  const set = unresolvedAsMerge(clause.range, () =>
    action.set.star
      ? byName(sides, clause.range, 'update')
      : assignments(
          action.set.assignments,
          sides.target,
          context,
          (name) => unresolved(name, sides),
          targetColumns(sides),
        ),
  );
  return { condition: when, action: { kind: 'update' as const, set } };
}

function unresolved(name: Name, { target }: Sides): Error {
  const written = quotedName(partsOf(name));
  const known = target.table.columns.map((column) => quotedName([column.name])).join(', ');
  return fail(
    'DELTA_MERGE_UNRESOLVED_EXPRESSION',
    `MERGE cannot resolve ${written} in the columns of the target: ${known}.`,
    name.range,
  );
}

function insertion(clause: MergeWhen, sides: Sides): { condition: Sql | null; values: PlanAssignment[] } {
  const { ofSource } = sides;
  const when = clause.condition ? conditionText(clause.condition, ofSource) : null;
  invariant(clause.action.kind === 'insert', 'WHEN NOT MATCHED inserts');
  const { values } = clause.action;
  if (values.star) return { condition: when, values: byName(sides, clause.range, 'insert') };
  if (values.columns.length !== values.values.length)
    throw fail(
      'MERGE_INSERT_VALUE_COUNT_MISMATCH',
      `INSERT names ${values.columns.length} columns and gives ${values.values.length} values.`,
      clause.range,
    );
  const seen = new Set<string>();
  const inserted = values.columns.map((name, index): PlanAssignment => {
    const column = insertedColumn(name, sides);
    if (seen.has(column.name))
      throw fail(
        'DELTA_DUPLICATE_COLUMNS_ON_INSERT',
        `The column ${quotedName([column.name])} is named twice in INSERT.`,
        name.range,
      );
    seen.add(column.name);
    const node = values.values[index]!;
    return { column: column.name, value: unresolvedAsMerge(node.range, () => valueText(node, column, ofSource)) };
  });
  return { condition: when, values: inserted };
}

function insertedColumn(name: Name, sides: Sides): Column {
  const parts = name.parts.map((part) => part.name.toLowerCase());
  const column = targetColumns(sides).find((candidate) => candidate.name.toLowerCase() === parts.at(-1));
  const qualifier = (sides.target.columns[0]?.qualifier ?? []).map((part) => part.toLowerCase());
  const written = parts.slice(0, -1);
  const tail = written.length ? qualifier.slice(-written.length) : [];
  if (!column || written.some((part, index) => part !== tail[index])) throw unresolved(name, sides);
  return column;
}

const lastPart = (name: Name): string => name.parts.at(-1)!.name.toLowerCase();

const targetColumns = ({ target, added }: Sides): Column[] => [...target.table.columns, ...added];

/** `UPDATE SET *` and `INSERT *`: every column of the target from the source's column of its name. */
function byName(sides: Sides, range: Range, action: 'update' | 'insert'): PlanAssignment[] {
  const { source, both, evolves } = sides;
  return targetColumns(sides).flatMap((column): PlanAssignment[] => {
    const found = source.columns.filter((candidate) => candidate.name.toLowerCase() === column.name.toLowerCase());
    if (found.length > 1)
      throw fail('AMBIGUOUS_REFERENCE', `The source has two columns ${quotedName([column.name])}.`, range);
    if (!found[0]) {
      if (evolves || column.generatedAs !== undefined || (column.identity && action === 'insert')) return [];
      throw fail(
        'DELTA_MERGE_UNRESOLVED_EXPRESSION',
        `The source has no column ${quotedName([column.name])}, which * needs. Name the columns instead.`,
        range,
      );
    }
    if (column.generatedAs !== undefined && action === 'update') return [];
    found[0].use?.();
    const value = byFieldName(columnTyped(found[0], column.name), parseType(column.type));
    return [{ column: column.name, value: storedText(value, column, both.state, range) }];
  });
}

/** WITH SCHEMA EVOLUTION: columns of the source that the target lacks, and that a `*` or an assignment names. */
function newColumns(node: Merge, { source, target }: Sides): Column[] {
  const named = new Set<string>();
  let hasStar = false;
  for (const { action } of node.clauses) {
    if (action.kind === 'delete') continue;
    const given = action.kind === 'update' ? action.set : action.values;
    if (given.star) hasStar = true;
    else if ('columns' in given) for (const name of given.columns) named.add(lastPart(name));
    else for (const one of given.assignments) named.add(lastPart(one.target));
  }
  const known = new Set(target.table.columns.map((column) => column.name.toLowerCase()));
  return source.columns
    .filter((column) => !column.hidden && !known.has(column.name.toLowerCase()))
    .filter((column) => hasStar || named.has(column.name.toLowerCase()))
    .map((column) => {
      checkStorable(column.type, column.name, node.source.range);
      return { name: column.name, type: typeText(column.type), nullable: true };
    });
}
