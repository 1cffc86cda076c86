import type { CatalogTable, Column, PlanBody } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import { fail, quotedName, type Range, unsupported } from '../analyse/errors.ts';
import { analyse } from '../analyse/expression.ts';
import { analyseQuery } from '../analyse/query.ts';
import type { AnalysedQuery } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Expression, Identifier, Insert, Query } from '../ast/index.ts';
import { ident, join, type Sql, sql } from '../emit/text.ts';
import { parseExpression } from '../parser/index.ts';
import { sparkExpression, sparkRows } from '../spark/index.ts';
import { checkStorable } from './definition.ts';
import { shared, whereText } from './modify.ts';
import { type Planned, tableName } from './planned.ts';
import { printed } from './printed.ts';
import { planReplace } from './replace.ts';
import { autoMerge, settingOf } from './settings.ts';
import { changedTable, contextOf, isDefault, storedText, targetOf, writeTarget } from './target.ts';
import { assigned, type FixedValue, type Sources } from './write.ts';

/**
 * INSERT in its forms: by position or BY NAME, with ANSI store assignment. Columns that get no value are left out of the
 * plan's query: the table gives them their default, generated or identity value, or NULL.
 */
export function planInsert(node: Insert, state: PlanState, text: string): Planned {
  const table = changedTable(node.table, 'INSERT', state);
  if (node.partitionIfNotExists)
    throw fail(
      'UNSUPPORTED_FEATURE.INSERT_PARTITION_SPEC_IF_NOT_EXISTS',
      'INSERT OVERWRITE … PARTITION … IF NOT EXISTS is not supported. Leave IF NOT EXISTS out.',
      node.range,
    );
  if (node.mode !== 'into' && node.mode !== 'overwrite' && state.options.engine === 'spark')
    throw unsupported('INSERT … REPLACE on an attached Spark', node.range, 'Run it on the embedded engine.');
  if (node.mode === 'replaceOn' || node.mode === 'replaceUsing') return planReplace(node, table, state);
  const fixed = fixedPartition(node, table, state);
  const query = analyseQuery(withDefaults(node, table, fixed), {
    state,
    environment: state.environment,
    ctes: new Map(),
  });
  const merges = settingOf(state.session, autoMerge) === 'true' && !node.columns;
  const evolves = node.schemaEvolution || (merges && (node.byName || query.columns.length > table.columns.length));
  const evolved = evolves ? newColumns(query, table, node.range) : [];
  const columns = [...table.columns, ...evolved];
  const open = { ...table, columns: columns.filter((column) => !fixed.has(column.name)) };
  const sources = node.byName ? byName(query, open, node.range) : byPosition(query, open, node.columns, node.range);
  const given = open.columns.flatMap((column, index) =>
    sources[index] === undefined ? [] : [{ column, at: sources[index] }],
  );
  const plan = assigned(
    query,
    given.map(({ column }) => column),
    given.map(({ at }) => at),
    state,
    node.range,
    [...fixed.values()],
  );
  const replaceWhere = replacedRows(node, table, fixed, state, text);
  const rows =
    state.options.engine === 'spark'
      ? sparkRows(
          {
            query: node.query,
            width: query.columns.length,
            columns: given.map(({ column }) => column),
            sources: given.map(({ at }) => at),
            fixed: sparkPartition(node, fixed, state, text),
            defaults: sparkDefaults(node, table, fixed, state),
          },
          text,
          state,
        )
      : { ...plan, tables: state.planTables() };
  return {
    kind: 'plan',
    body: {
      kind: 'insert',
      target: writeTarget(table),
      mode: node.mode === 'overwrite' && !replaceWhere ? overwriteMode(node, table, state) : 'append',
      ...(replaceWhere ? { replaceWhere } : {}),
      query: rows,
      ...(evolved.length ? { addColumns: evolved } : {}),
    },
    requires: state.ownRequirements(),
    reads: [...state.reads],
  };
}

/** INSERT OVERWRITE takes all rows away, or those of the partitions that the new rows lie in, as the session says. */
function overwriteMode(node: Insert, table: CatalogTable, state: PlanState): 'overwrite' | 'dynamic' {
  const dynamic = settingOf(state.session, 'spark.sql.sources.partitionOverwriteMode')?.toUpperCase() === 'DYNAMIC';
  return dynamic && table.partitionColumns.length && !node.partition.some(({ value }) => value)
    ? 'dynamic'
    : 'overwrite';
}

/** PARTITION (a = 1, b): columns with a value, by the table's spelling. */
function fixedPartition(node: Insert, table: CatalogTable, state: PlanState): Map<string, FixedValue> {
  const fixed = new Map<string, FixedValue>();
  const named = new Set<string>();
  for (const { column: written, value } of node.partition) {
    if (named.has(written.name.toLowerCase()))
      throw fail('DUPLICATE_KEY', `PARTITION names ${quotedName([written.name])} twice.`, written.range);
    named.add(written.name.toLowerCase());
    const column = table.columns.find((candidate) => candidate.name.toLowerCase() === written.name.toLowerCase());
    if (!column || !table.partitionColumns.includes(column.name))
      throw fail(
        'NON_PARTITION_COLUMN',
        `PARTITION clause cannot contain the non-partition column: ${quotedName([written.name])}.`,
        written.range,
      );
    if (!value) continue;
    const typed = analyse(value, contextOf(state, [], 'PARTITION'));
    if (!typed.foldable && !typed.constant) throw unsupported('A PARTITION value that is no constant', value.range);
    fixed.set(column.name, { column, value: storedText(typed, column, state, value.range), text: typed.name });
  }
  return fixed;
}

/** What INSERT … REPLACE WHERE and INSERT OVERWRITE … PARTITION take away first. */
function replacedRows(
  node: Insert,
  table: CatalogTable,
  fixed: ReadonlyMap<string, FixedValue>,
  state: PlanState,
  text: string,
): Extract<PlanBody, { kind: 'insert' }>['replaceWhere'] {
  if (node.mode === 'replaceWhere' && node.replaceWhere) {
    const target = targetOf(node.table, undefined, 'INSERT', state);
    const condition = whereText(node.replaceWhere, contextOf(state, target.columns, 'REPLACE WHERE'));
    const { predicates } = shared(target, state);
    return {
      condition: condition ?? ['true'],
      predicates,
      text:
        printed(node.replaceWhere, table.columns, 'sql') ??
        text.slice(node.replaceWhere.range.start, node.replaceWhere.range.end),
    };
  }
  if (node.mode !== 'overwrite' || fixed.size === 0) return undefined;
  const equal = [...fixed.values()].map(
    ({ column, value }) => sql`(target.${ident(column.name)} IS NOT DISTINCT FROM ${value})`,
  );
  const condition = [...fixed.values()].map(({ column, text: value }) => `${column.name} <=> ${value}`).join(' AND ');
  return { condition: join(equal, ' AND '), predicates: [], text: condition };
}

/** A query of VALUES or SELECT with the word DEFAULT in its rows: the column's own default stands there. */
function withDefaults(node: Insert, table: CatalogTable, fixed: ReadonlyMap<string, FixedValue>): Query {
  const { query } = node;
  const { body } = query;
  const columns = filledColumns(node, table, fixed);
  const given = (item: Expression, index: number): Expression =>
    isDefault(item) ? defaultNode(columns[index], item) : item;
  if (body.kind === 'values') return { ...query, body: { ...body, rows: body.rows.map((row) => row.map(given)) } };
  if (body.kind !== 'select' || !body.items.some(({ value }) => isDefault(value))) return query;
  const items = body.items.map((item, index) => ({ ...item, value: given(item.value, index) }));
  return { ...query, body: { ...body, items } };
}

/** The columns that the query's columns fill, in their order. */
function filledColumns(
  node: Insert,
  table: CatalogTable,
  fixed: ReadonlyMap<string, FixedValue>,
): (Column | undefined)[] {
  const open = table.columns.filter((column) => !fixed.has(column.name));
  if (!node.columns) return open;
  return node.columns.map(({ name }) => open.find((column) => column.name.toLowerCase() === name.toLowerCase()));
}

/** The words DEFAULT of a query by their offsets, and what stands there in Spark SQL. */
function sparkDefaults(
  node: Insert,
  table: CatalogTable,
  fixed: ReadonlyMap<string, FixedValue>,
  state: PlanState,
): Map<number, Sql> {
  const { body } = node.query;
  const columns = filledColumns(node, table, fixed);
  const rows =
    body.kind === 'values' ? body.rows : body.kind === 'select' ? [body.items.map(({ value }) => value)] : [];
  const words = rows.flatMap((row) => row.flatMap((item, index) => (isDefault(item) ? [{ item, index }] : [])));
  return new Map(
    words.map(({ item, index }) => {
      const text = columns[index]?.default ?? 'NULL';
      const place = { text, state, environment: state.environment };
      return [item.range.start, sql`(${sparkExpression(parseExpression(text), place)})`];
    }),
  );
}

/** The values of PARTITION (a = 1) in Spark SQL. */
function sparkPartition(node: Insert, fixed: ReadonlyMap<string, FixedValue>, state: PlanState, text: string) {
  return [...fixed.values()].map(({ column }) => {
    const { value } = node.partition.find((part) => part.column.name.toLowerCase() === column.name.toLowerCase())!;
    return { column, value: sparkExpression(value!, { text, state, environment: state.environment }) };
  });
}

function defaultNode(column: Column | undefined, written: Expression): Expression {
  if (column?.identity || column?.generatedAs !== undefined)
    throw unsupported('DEFAULT for a generated column', written.range, 'Leave the column out of the list of columns.');
  const node: Expression =
    column?.default === undefined ? { kind: 'null', range: written.range } : parseExpression(column.default);
  return { ...node, range: written.range };
}

/** INSERT WITH SCHEMA EVOLUTION: columns of the query that the table lacks, by name. */
function newColumns(query: AnalysedQuery, table: CatalogTable, range: Range): Column[] {
  const known = new Set(table.columns.map((column) => column.name.toLowerCase()));
  return query.columns
    .filter((column) => !known.has(column.name.toLowerCase()))
    .map((column) => {
      checkStorable(column.type, column.name, range);
      return { name: column.name, type: typeText(column.type), nullable: true };
    });
}

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
