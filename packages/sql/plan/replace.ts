import type { CatalogTable, PlanAssignment } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { analyseQuery } from '../analyse/query.ts';
import { engineColumn } from '../analyse/relation.ts';
import type { ScopeColumn } from '../analyse/scope.ts';
import { condition } from '../analyse/select.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Insert } from '../ast/index.ts';
import { ident, join, type Sql, sql } from '../emit/text.ts';
import { planned, shared } from './modify.ts';
import type { Planned } from './planned.ts';
import { contextOf, storedText, targetOf } from './target.ts';

/**
 * INSERT … REPLACE USING (columns) and REPLACE ON condition: rows of the table that match a new row go, then all new rows
 * come, in one commit. It is a merge of every new row twice: once to take matching rows away, once to be inserted.
 */
export function planReplace(node: Insert, table: CatalogTable, state: PlanState): Planned {
  if (node.columns || node.byName || node.schemaEvolution)
    throw unsupported(
      'A list of columns, BY NAME or schema evolution beside REPLACE',
      node.range,
      'Insert by position.',
    );
  const alias = node.alias ? { name: node.alias, range: node.alias.range } : undefined;
  const target = targetOf(node.table, alias, 'INSERT', state);
  const query = analyseQuery(node.query, { state, environment: state.environment, ctes: new Map() });
  if (query.columns.length !== table.columns.length)
    throw fail(
      query.columns.length < table.columns.length
        ? 'INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS'
        : 'INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS',
      `${table.columns.length} columns are to be filled, but the query gives ${query.columns.length}.`,
      node.range,
    );
  const columns = query.columns.map(
    ({ name, type, nullable }, index): ScopeColumn => ({
      name,
      type,
      nullable,
      qualifier: [queryAlias(node)],
      sql: sql`source.${engineColumn(index)}`,
    }),
  );
  const context = contextOf(state, [...target.columns, ...columns], 'REPLACE ON');
  const matches = node.replaceOn ? condition(node.replaceOn, context).sql : using(node, table);
  const tag = sql`source.${engineColumn(columns.length)}`;
  const values = table.columns.map((column, index): PlanAssignment => {
    const source = query.columns[index]!;
    const value = { ...source, sql: columns[index]!.sql };
    return { column: column.name, value: storedText(value, column, state, node.range) };
  });
  const rows = state.alias('r');
  return planned(state, {
    kind: 'merge',
    ...shared(target, state),
    predicates: [],
    source: sql`SELECT ${rows}.*, tag AS ${engineColumn(columns.length)} FROM (${query.sql}) AS ${rows}, (VALUES (true), (false)) AS tags(tag)`,
    on: sql`(${tag} AND ${matches})`,
    matched: [{ condition: null, action: { kind: 'delete' } }],
    notMatched: [{ condition: sql`(NOT ${tag})`, values }],
    notMatchedBySource: [],
    addColumns: [],
    columns: [],
  });
}

/** The name by which REPLACE ON speaks of the new rows: the alias of a query in parentheses has none of its own. */
const queryAlias = (node: Insert): string =>
  ('alias' in node.query.body && node.query.body.alias?.name?.name) || 'source';

/** REPLACE USING (a, b): equal in these columns, NULL equal to NULL. */
function using(node: Insert, table: CatalogTable): Sql {
  const equal = (node.replaceUsing ?? []).map((written) => {
    const index = table.columns.findIndex((column) => column.name.toLowerCase() === written.name.toLowerCase());
    if (index < 0)
      throw fail(
        'UNRESOLVED_COLUMN.WITH_SUGGESTION',
        `The table has no column ${quotedName([written.name])}.`,
        written.range,
      );
    return sql`(target.${ident(table.columns[index]!.name)} IS NOT DISTINCT FROM source.${engineColumn(index)})`;
  });
  return join(equal, ' AND ');
}
