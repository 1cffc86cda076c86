import type { DataType } from '@boathouse/contracts';
import { parseType, typeText } from '@boathouse/contracts';
import type { Expression, Query, QueryBody, QueryOrder, SetOperation, SortItem } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { commonTypeOfTwo } from '../types/common.ts';
import { holdsVariant } from '../types/index.ts';
import { orderKey as keyOfOrder } from '../types/order-key.ts';
import { columnTyped } from './column.ts';
import type { Context, CteEntry } from './context.ts';
import { fail, type Range } from './errors.ts';
import { analyse } from './expression.ts';
import { type FromRelation, relationOf } from './from.ts';
import { implicitCast } from './library.ts';
import { limitText } from './limit.ts';
import { analysePipe } from './pipe.ts';
import { readsItself, recursiveCte } from './recursive.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from './relation.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import { analyseSelect } from './select.ts';
import type { Environment, PlanState } from './state.ts';
import { analyseValues } from './values.ts';
import { checkOrderable, direction } from './window.ts';

/** What a query sees of its surroundings. */
export interface QueryContext {
  state: PlanState;
  environment: Environment;
  ctes: ReadonlyMap<string, CteEntry>;
  /** Columns of the queries around (for correlated subqueries and LATERAL). */
  around?: Scope;
  /** Gathers the names of columns of the queries around that were used. */
  outer?: Set<string>;
}

/** Ordering and limits of a query, given to the body that can take them. */
export interface Tail {
  orderBy: readonly SortItem[];
  /** Keys that are resolved like those of ORDER BY and then forgotten. */
  checked?: readonly SortItem[];
  orderByAll?: Query['orderByAll'];
  limit?: Sql;
  range: Range;
}

/** Analyses a query with all that surrounds its body. The result's columns are c0, c1, … in engine text. */
export function analyseQuery(query: Query, context: QueryContext): AnalysedQuery {
  context.state.queryDepth++;
  try {
    return queryWithClauses(query, context);
  } finally {
    context.state.queryDepth--;
  }
}

function queryWithClauses(query: Query, context: QueryContext): AnalysedQuery {
  const { ctes, prefix } = withClause(query, context);
  const inside: QueryContext = { ...context, ctes };
  const body = analyseBody(query.body, inside, tailOf(query, query.range, inside));
  return prefix.length ? { ...body, sql: sql`${prefix}${body.sql}` } : body;
}

/**
 * SORT BY and CLUSTER BY order within partitions, of which there is one here; DISTRIBUTE BY places rows and changes no
 * answer, but its expressions must be right.
 */
export function tailOf(order: QueryOrder, range: Range, context: QueryContext): Tail {
  const ascending = (value: Expression): SortItem => ({ value, direction: 'asc', range: value.range });
  return {
    orderBy: [...order.orderBy, ...order.sortBy, ...order.clusterBy.map(ascending)],
    ...(order.orderByAll ? { orderByAll: order.orderByAll } : {}),
    checked: order.distributeBy.map(ascending),
    limit: limitText(order, context),
    range,
  };
}

export function analyseBody(body: QueryBody, context: QueryContext, tail: Tail): AnalysedQuery {
  switch (body.kind) {
    case 'select':
      return analyseSelect(body, context, tail);
    case 'setOperation': {
      const left = analyseBody(body.left, context, noTail(body.left.range));
      return withTail(setOperation(body, left, context), context, tail);
    }
    case 'values':
      return withTail(analyseValues(body, context), context, tail);
    case 'nested':
      return withTail(analyseQuery(body.query, context), context, tail);
    case 'tableQuery': {
      const relation = relationOf(
        { kind: 'table', name: body.name, stream: false, options: [], range: body.range },
        { ...context, scope: context.around },
      );
      return withTail(selectAll(relation), context, tail);
    }
    case 'pipe':
      return withTail(analysePipe(body, context), context, tail);
  }
}

/** `SELECT *` of a relation; the columns keep their qualifiers. */
export function selectAll(relation: FromRelation): AnalysedQuery {
  const columns = relation.columns.filter((column) => !column.hidden);
  for (const column of columns) column.use?.();
  const items = join(
    columns.map((column, index) => sql`${column.sql} AS ${engineColumn(index)}`),
    ', ',
  );
  return { sql: sql`SELECT ${items} FROM ${relation.sql}`, columns: columns.map(queryColumn), ordered: false };
}

const queryColumn = ({ name, type, nullable, zero, qualifier }: ScopeColumn): QueryColumn => ({
  name,
  type,
  nullable,
  ...(zero ? { zero } : {}),
  qualifier,
});

export const noTail = (range: Range): Tail => ({ orderBy: [], range });

/** The scope of a query's own output, by which its ORDER BY resolves. */
export const outputScope = (columns: readonly QueryColumn[], alias: string, around?: Scope): Scope =>
  new Scope(
    columns.map((column, index) => ({
      ...column,
      qualifier: column.qualifier ?? [],
      sql: sql`${alias}.${engineColumn(index)}`,
    })),
    around,
  );

/** ORDER BY, LIMIT and OFFSET over the output of a query (set operations, VALUES, DISTINCT). */
export function withTail(query: AnalysedQuery, context: QueryContext, tail: Tail): AnalysedQuery {
  if (tail.orderBy.length === 0 && !tail.orderByAll && !tail.limit && !tail.checked?.length) return query;
  const alias = context.state.alias('q');
  const items = join(
    query.columns.map((_, index) => sql`${alias}.${engineColumn(index)}`),
    ', ',
  );
  const order = orderOverOutput(query.columns, alias, context, tail);
  const orderText = order.length ? sql` ORDER BY ${join(order, ', ')}` : '';
  return {
    sql: sql`SELECT ${items} FROM (${query.sql}) AS ${alias}${orderText}${tail.limit ?? ''}`,
    columns: query.columns,
    ordered: order.length > 0,
  };
}

function orderOverOutput(columns: readonly QueryColumn[], alias: string, context: QueryContext, tail: Tail): Sql[] {
  const scope = outputScope(columns, alias, context.around);
  const inside: Context = { ...context, scope, clause: 'ORDER BY' };
  if (tail.orderByAll) {
    return scope.columns.map((column) => orderKey(columnTyped(column, column.name), tail.orderByAll!, tail.range));
  }
  for (const item of tail.checked ?? []) analyse(item.value, inside);
  return tail.orderBy.map((item) => {
    const position = ordinal(item.value);
    if (position === undefined) return orderKey(analyse(item.value, inside), item, item.range);
    const column = columns[position - 1];
    if (!column) throw ordinalOutOfRange('ORDER_BY', position, columns.length, item.range);
    return orderKey(columnTyped(scope.columns[position - 1]!, column.name), item, item.range);
  });
}

/** A whole number written as a key of ORDER BY or GROUP BY counts the select list from 1. */
export function ordinal(value: Expression): number | undefined {
  if (value.kind !== 'number' || value.type.kind !== 'int') return undefined;
  return Number(value.text);
}

export const ordinalOutOfRange = (
  clause: 'ORDER_BY' | 'GROUP_BY',
  position: number,
  count: number,
  range: Range,
): Error =>
  fail(
    `${clause}_POS_OUT_OF_RANGE`,
    `${clause.replace('_', ' ')} position ${position} is not in the select list (valid range is [1, ${count}]).`,
    range,
  );

export function orderKey(
  value: Parameters<typeof checkOrderable>[0],
  item: { direction: 'asc' | 'desc'; nulls?: 'first' | 'last' },
  range: Range,
): Sql {
  checkOrderable(value, range);
  const descending = item.direction === 'desc';
  const nullsFirst = item.nulls ? item.nulls === 'first' : !descending;
  return sql`${keyOfOrder(value.sql, value.type)}${direction({ descending, nullsFirst })}`;
}

function withClause(query: Query, context: QueryContext): { ctes: ReadonlyMap<string, CteEntry>; prefix: Sql } {
  if (!query.with) return { ctes: context.ctes, prefix: [] };
  let recursive = false;
  const ctes = new Map(context.ctes);
  const own = new Set<string>();
  const parts: Sql[] = [];
  for (const cte of query.with.ctes) {
    const key = cte.name.name.toLowerCase();
    if (own.has(key)) throw fail('DUPLICATED_CTE_NAMES', `The WITH clause names ${cte.name.name} twice.`, cte.range);
    own.add(key);
    if (query.with.recursive && readsItself(cte)) {
      const { entry, definition } = recursiveCte(cte, { ...context, ctes: new Map(ctes) });
      recursive = true;
      ctes.set(key, entry);
      parts.push(definition);
      continue;
    }
    const analysed = analyseQuery(cte.query, { ...context, ctes: new Map(ctes) });
    const engineName = context.state.alias('w');
    if (cte.columns && cte.columns.length !== analysed.columns.length) {
      throw fail(
        'ASSIGNMENT_ARITY_MISMATCH',
        `The common table expression ${cte.name.name} names ${cte.columns.length} columns, but its query gives ${analysed.columns.length}.`,
        cte.range,
      );
    }
    const columns = analysed.columns.map((column, index) => ({
      ...column,
      name: cte.columns?.[index]?.name ?? column.name,
      qualifier: [],
    }));
    ctes.set(key, { engineName: [engineName], columns });
    parts.push(sql`${engineName} AS (${analysed.sql})`);
  }
  return { ctes, prefix: sql`WITH ${recursive ? 'RECURSIVE ' : ''}${join(parts, ', ')} ` };
}

/** A set operation on a left side that is analysed already. */
export function setOperation(
  node: Pick<SetOperation, 'op' | 'all' | 'right' | 'range'>,
  left: AnalysedQuery,
  context: QueryContext,
): AnalysedQuery {
  const right = analyseBody(node.right, context, noTail(node.right.range));
  const word = node.op.toUpperCase();
  if (left.columns.length !== right.columns.length) {
    throw fail(
      'NUM_COLUMNS_MISMATCH',
      `${word} needs inputs with the same number of columns, but they have ${left.columns.length} and ${right.columns.length}.`,
      node.range,
    );
  }
  const columns = left.columns.map((column, index): QueryColumn => {
    const other = right.columns[index]!;
    const type = commonTypeOfTwo(column.type, other.type);
    if (!type || !alignable(column.type, other.type)) {
      throw fail(
        'INCOMPATIBLE_COLUMN_TYPE',
        `${word} needs columns of compatible types, but column ${index + 1} is ${typeText(column.type)} on one side and ${typeText(other.type)} on the other.`,
        node.range,
      );
    }
    if (!(node.op === 'union' && node.all) && holdsVariant(type)) {
      throw fail(
        'UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE',
        `${word} cannot compare columns of the type variant.`,
        node.range,
      );
    }
    if (!(node.op === 'union' && node.all) && holdsMap(typeText(type))) {
      throw fail(
        'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE',
        `${word} cannot compare columns of the type map.`,
        node.range,
      );
    }
    const nullable =
      node.op === 'union'
        ? column.nullable || other.nullable
        : node.op === 'intersect'
          ? column.nullable && other.nullable
          : column.nullable;
    const kept = column.qualifier && typeText(type) === typeText(column.type) ? { qualifier: column.qualifier } : {};
    return { name: column.name, type, nullable, ...kept };
  });
  const distinct = !node.all || node.op !== 'union';
  const sides = [left, right].map((side) => castSide(side, columns, distinct, context, node.range));
  return { sql: sql`(${sides[0]!}) ${word}${node.all ? ' ALL' : ''} (${sides[1]!})`, columns, ordered: false };
}

/** Structs whose fields have other names are one type where the fields' types are the same, and are never converted. */
function alignable(a: DataType, b: DataType): boolean {
  if (a.kind === 'array' && b.kind === 'array') return alignable(a.element, b.element);
  if (a.kind === 'map' && b.kind === 'map') return alignable(a.key, b.key) && alignable(a.value, b.value);
  if (a.kind !== 'struct' || b.kind !== 'struct') return true;
  const pairs = a.fields.map((field, index) => [field, b.fields[index]!] as const);
  const named = pairs.every(([x, y]) => x.name.toLowerCase() === y.name.toLowerCase());
  return pairs.every(([x, y]) => (named ? alignable(x.type, y.type) : typeText(x.type) === typeText(y.type)));
}

const holdsMap = (text: string): boolean => /\bmap</.test(text) && parseType(text).kind !== 'string';

function castSide(
  side: AnalysedQuery,
  columns: readonly QueryColumn[],
  distinct: boolean,
  context: QueryContext,
  range: Range,
): Sql {
  const same = side.columns.every(
    (column, index) =>
      typeText(column.type) === typeText(columns[index]!.type) && !(distinct && isFloating(column.type.kind)),
  );
  if (same) return side.sql;
  const alias = context.state.alias('u');
  const session = context.state.expressionSession(context.environment);
  const items = side.columns.map((column, index) => {
    const { type } = columns[index]!;
    const value = implicitCast({ ...column, sql: sql`${alias}.${engineColumn(index)}` }, type, session, range);
    return sql`${distinct ? normalised(value.sql, type.kind) : value.sql} AS ${engineColumn(index)}`;
  });
  return sql`SELECT ${join(items, ', ')} FROM (${side.sql}) AS ${alias}`;
}

const isFloating = (kind: string): boolean => kind === 'float' || kind === 'double';

/** Groups and distinct values show 0.0 for -0.0, as Spark normalises them. */
export const normalised = (value: Sql, kind: string): Sql =>
  isFloating(kind) ? sql`(${value} + CAST(0 AS ${kind.toUpperCase()}))` : value;
