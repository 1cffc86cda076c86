import type { CatalogTable, Column, DataType, SessionState, WriteTarget } from '@boathouse/contracts';
import { parseType } from '@boathouse/contracts';
import type { Context } from '../analyse/context.ts';
import { fail, quotedName, type Range, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import type { FromRelation } from '../analyse/from.ts';
import { placed } from '../analyse/library.ts';
import { Scope, type ScopeColumn } from '../analyse/scope.ts';
import type { PlanState } from '../analyse/state.ts';
import { fullName, planTable, requireParents, requireRead } from '../analyse/table.ts';
import type { Typed } from '../analyse/typed.ts';
import type { Expression, Name, TableAlias } from '../ast/index.ts';
import { ident, type Sql, sql } from '../emit/text.ts';
import { parseExpression } from '../parser/index.ts';
import { engineType } from '../types/index.ts';
import { requireTable, tableOf, temporaryView } from './names.ts';
import { tableName } from './planned.ts';
import { stored } from './stored.ts';

export const writeTarget = (table: CatalogTable): WriteTarget => ({
  tableId: table.id,
  fullName: tableName(table),
  location: table.location ?? '',
  columns: table.columns,
  partitionColumns: table.partitionColumns,
});

/** The table that a statement changes, as expressions see it: engine text names its columns `target."col"`. */
export interface Target extends FromRelation {
  table: CatalogTable;
  /** Its place among the plan's tables, where its predicates are gathered. */
  index: number;
}

/** A managed table by name, with MODIFY on it. `word` is the statement, for messages. */
export function changedTable(name: Name, word: string, state: PlanState): CatalogTable {
  const view = temporaryView(state, name);
  const table = view ? throughView(view, state) : tableOf(state, name);
  if (!table || table.kind === 'VIEW') {
    const full = view ? view.name : tableName(table!);
    throw fail('EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE', `${full} is a view: ${word} needs a table.`, name.range);
  }
  if (table.kind !== 'MANAGED')
    throw unsupported(`${word} of a dataset of a pipeline`, name.range, 'Its pipeline writes it.');
  if (view) requireParents(state, state.environment, table.catalog, table.schema);
  requireTable(state, table, 'MODIFY');
  return table;
}

/** The table behind a temporary view that is `SELECT * FROM t` and nothing else: such a view may be changed, as in Spark. */
function throughView(view: SessionState['tempViews'][string], state: PlanState): CatalogTable | undefined {
  const { body, ...query } = state.cache.parsed(view.text);
  const isPlain = !query.with && !query.limit && !query.offset && !query.orderBy.length && body.kind === 'select';
  if (!isPlain || body.distinct || body.where || body.groupBy || body.having || body.qualify) return undefined;
  const [item, ...items] = body.items;
  const [from, ...others] = body.from;
  const isAll = item?.value.kind === 'star' && !item.value.qualifier.length && !item.value.except.length;
  if (!isAll || items.length || others.length || body.lateralViews.length) return undefined;
  if (from?.kind !== 'table' || from.timeTravel || from.sample || from.stream) return undefined;
  const place = fullName(from.name, { ...state.environment, catalog: view.catalog, schema: view.schema });
  return state.cache.table(state.options.principal, ...place) ?? undefined;
}

/** The table with its columns in scope; reading them needs SELECT too. */
export function targetOf(name: Name, alias: TableAlias | undefined, word: string, state: PlanState): Target {
  const table = changedTable(name, word, state);
  requireRead(state, state.environment, table);
  state.reads.add(tableName(table));
  const index = state.addTable(planTable(table));
  const isView = temporaryView(state, name) !== undefined;
  const named = isView ? [name.parts[0]!.name] : [table.catalog, table.schema, table.name];
  const qualifier = alias?.name ? [alias.name.name] : named;
  const columns = table.columns.map((column): ScopeColumn => {
    const type: DataType = parseType(column.type);
    return {
      name: column.name,
      qualifier,
      type: type.kind === 'char' || type.kind === 'varchar' ? { kind: 'string' } : type,
      nullable: column.nullable,
      sql: sql`target.${ident(column.name)}`,
      base: { table: index, name: column.name },
      use: () => state.need(index, column.name),
    };
  });
  return { table, index, sql: [{ table: index }], columns };
}

export const contextOf = (state: PlanState, columns: ScopeColumn[], clause: string): Context => ({
  state,
  environment: state.environment,
  ctes: new Map(),
  scope: new Scope(columns),
  clause,
});

/** Whether an expression is the bare word DEFAULT. */
export const isDefault = (node: Expression): boolean =>
  node.kind === 'column' &&
  node.parts.length === 1 &&
  node.parts[0]!.name.toLowerCase() === 'default' &&
  !node.parts[0]!.quoted;

/** The value that the table gives a column where none is written; NULL without a default. */
export function defaultValue(column: Column, state: PlanState, range: Range): Typed {
  if (column.identity || column.generatedAs !== undefined)
    throw unsupported(`DEFAULT for the generated column ${quotedName([column.name])}`, range, 'Leave the column out.');
  const node: Expression =
    column.default === undefined ? { kind: 'null', range: { start: 0, end: 0 } } : parseExpression(column.default);
  return placed(range, () => analyse(node, contextOf(state, [], 'DEFAULT')));
}

/** Engine text of a value as the column stores it. */
export function storedText(value: Typed, column: Column, state: PlanState, range: Range): Sql {
  const type = parseType(column.type);
  const options = { session: state.expressionSession(state.environment) };
  return sql`CAST(${placed(range, () => stored(value, type, column.name, options)).sql} AS ${engineType(type)})`;
}
