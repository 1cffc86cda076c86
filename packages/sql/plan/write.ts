import type { CatalogTable, Column, DataType, PlanQuery, WriteTarget } from '@boathouse/contracts';
import { parseType } from '@boathouse/contracts';
import { fail, quotedName, type Range, unsupported } from '../analyse/errors.ts';
import { placed } from '../analyse/library.ts';
import { analyseQuery } from '../analyse/query.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Typed } from '../analyse/typed.ts';
import type { Identifier, Insert } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { type CastOptions, canAssign, canCast, cast, engineType, storeAssign } from '../types/index.ts';
import { requireTable, tableOf, temporaryView } from './names.ts';
import { type Planned, tableName } from './planned.ts';

export const writeTarget = (table: CatalogTable): WriteTarget => ({
  tableId: table.id,
  fullName: tableName(table),
  location: table.location ?? '',
  columns: table.columns,
  partitionColumns: table.partitionColumns,
});

/** INSERT INTO and INSERT OVERWRITE: by position (or BY NAME), with ANSI store assignment. */
export function planInsert(node: Insert, state: PlanState): Planned {
  if (node.mode === 'replaceWhere') throw unsupported('INSERT … REPLACE WHERE', node.range);
  if (node.partition.length)
    throw unsupported('INSERT with PARTITION (…)', node.range, 'Give the partition columns like other columns.');
  const view = temporaryView(state, node.table);
  if (view)
    throw fail(
      'EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE',
      `${view.name} is a temporary view: INSERT needs a table.`,
      node.table.range,
    );
  const table = tableOf(state, node.table);
  if (table.kind === 'VIEW')
    throw fail(
      'EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE',
      `${tableName(table)} is a view: INSERT needs a table.`,
      node.table.range,
    );
  if (table.kind !== 'MANAGED') {
    throw unsupported('INSERT into a dataset of a pipeline', node.table.range, 'Its pipeline writes it.');
  }
  requireTable(state, table, 'MODIFY');
  const query = analyseQuery(node.query, { state, environment: state.environment, ctes: new Map() });
  const sources = node.byName ? byName(query, table, node.range) : byPosition(query, table, node.columns, node.range);
  const plan = assigned(query, table.columns, sources, state, node.range);
  return {
    kind: 'plan',
    body: {
      kind: 'insert',
      target: writeTarget(table),
      mode: node.mode === 'overwrite' ? 'overwrite' : 'append',
      query: plan,
    },
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

/** For each column of the table the index of the query's column that fills it; undefined where it becomes NULL. */
type Sources = (number | undefined)[];

function arity(table: CatalogTable, wanted: number, given: number, range: Range): Error {
  return fail(
    wanted > given
      ? 'INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS'
      : 'INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS',
    `Cannot write to ${tableName(table)}: ${wanted} columns are to be filled, but the query gives ${given}.`,
    range,
  );
}

function byPosition(
  query: AnalysedQuery,
  table: CatalogTable,
  columns: readonly Identifier[] | undefined,
  range: Range,
): Sources {
  if (!columns) {
    if (query.columns.length !== table.columns.length)
      throw arity(table, table.columns.length, query.columns.length, range);
    return table.columns.map((_, index) => index);
  }
  const seen = new Set<string>();
  for (const { name, range: at } of columns) {
    const key = name.toLowerCase();
    if (seen.has(key)) throw fail('COLUMN_ALREADY_EXISTS', `The column ${quotedName([name])} is named twice.`, at);
    seen.add(key);
    if (!table.columns.some((column) => column.name.toLowerCase() === key)) {
      throw fail(
        'UNRESOLVED_COLUMN.WITH_SUGGESTION',
        `The table ${tableName(table)} has no column ${quotedName([name])}. It has ${table.columns.map((column) => quotedName([column.name])).join(', ')}.`,
        at,
      );
    }
  }
  if (query.columns.length !== columns.length) throw arity(table, columns.length, query.columns.length, range);
  const keys = columns.map(({ name }) => name.toLowerCase());
  return table.columns.map((column) => found(keys.indexOf(column.name.toLowerCase())));
}

const found = (index: number): number | undefined => (index < 0 ? undefined : index);

function byName(query: AnalysedQuery, table: CatalogTable, range: Range): Sources {
  const keys = query.columns.map((column) => column.name.toLowerCase());
  for (const [index, key] of keys.entries()) {
    if (keys.indexOf(key) !== index)
      throw fail('COLUMN_ALREADY_EXISTS', `The query gives two columns ${quotedName([key])}.`, range);
    if (!table.columns.some((column) => column.name.toLowerCase() === key)) {
      throw fail(
        'INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS',
        `The table ${tableName(table)} has no column ${quotedName([query.columns[index]!.name])}.`,
        range,
      );
    }
  }
  for (const column of table.columns) {
    if (/\bstruct</.test(column.type))
      throw unsupported('INSERT BY NAME into a table with struct columns', range, 'Insert by position.');
  }
  return table.columns.map((column) => found(keys.indexOf(column.name.toLowerCase())));
}

/** The query's columns as the table's columns store them. */
export function assigned(
  query: AnalysedQuery,
  columns: readonly Column[],
  sources: Sources,
  state: PlanState,
  range: Range,
): PlanQuery {
  const alias = state.alias('i');
  const session = state.expressionSession(state.environment);
  const items = columns.map((column, index): Sql => {
    const type = parseType(column.type);
    const at = sources[index];
    if (at === undefined) return sql`CAST(NULL AS ${engineType(type)}) AS ${engineColumn(index)}`;
    const source: QueryColumn = query.columns[at]!;
    const value = placed(range, () =>
      stored({ ...source, sql: sql`${alias}.${engineColumn(at)}` }, type, column.name, { session }),
    );
    return sql`CAST(${value.sql} AS ${engineType(type)}) AS ${engineColumn(index)}`;
  });
  return {
    engineText: sql`SELECT ${join(items, ', ')} FROM (${query.sql}) AS ${alias}`,
    tables: state.planTables(),
    columns: columns.map((column) => ({ name: column.name, type: column.type, nullable: column.nullable })),
    ordered: query.ordered,
  };
}

/** Delta Lake takes whatever a cast takes; a value that does not fit raises when it is written. */
function stored(value: Typed, type: DataType, column: string, options: CastOptions): Typed {
  const castable = !canAssign(value.type, type) && canCast(value.type, type);
  return castable ? cast(value, type, options) : storeAssign(value, type, column, options);
}
