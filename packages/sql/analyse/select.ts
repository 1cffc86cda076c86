import { typeText } from '@boathouse/contracts';
import type { Expression, Select, SelectItem, Star, WindowRef, WindowSpec } from '../ast/index.ts';
import { join, type Sql, sql, textKey } from '../emit/text.ts';
import { holdsVariant } from '../types/index.ts';
import { needsOrderKey } from '../types/order-key.ts';
import { columnTyped, expandStar } from './column.ts';
import { refuseConstantFailure } from './constant-failure.ts';
import type { Context } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import type { FromRelation } from './from.ts';
import { fromClause, type GeneratedItem, generatorCall, generatorItems, itemColumns } from './from-clause.ts';
import { type GroupingPlan, groupByKeys } from './group-by.ts';
import type { Grouping } from './grouping.ts';
import { checkHints } from './hints.ts';
import { holdsAggregate, holdsWindow } from './inspect.ts';
import { castTo } from './library.ts';
import { prune } from './prune.ts';
import { normalised, orderKey, ordinal, ordinalOutOfRange, type QueryContext, type Tail, withTail } from './query.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from './relation.ts';
import { Scope } from './scope.ts';
import { conjunctsOf } from './subquery.ts';
import type { Typed } from './typed.ts';

/** An item of the select list after expansion of stars. */
export interface Item {
  name: string;
  typed: Typed;
  /** The column of FROM that the item is, unaliased: ORDER BY over DISTINCT may name it with its qualifier. */
  qualifier: readonly string[];
  /** A column passed on without an alias: two of one column are one name, while two aliases are two. */
  passed?: boolean;
}

/** A SELECT; `given` is the relation that its FROM begins with, for those that stand behind a pipe. */
export function analyseSelect(node: Select, query: QueryContext, tail: Tail, given?: FromRelation): AnalysedQuery {
  const grouped =
    node.groupBy !== undefined ||
    node.having !== undefined ||
    holdsAggregate(node.items) ||
    tail.orderBy.some((item) => holdsAggregate(item.value));
  const { relation: from, generated } = fromClause(node, query, tail, grouped, given);
  const scope = new Scope(from?.columns ?? [], query.around);
  const base: Context = { ...query, scope, clause: 'SELECT' };
  const windows = namedWindows(node);
  const where = node.where && condition(node.where, { ...base, clause: 'WHERE' });
  if (where && node.where) prune(node.where, { ...base, clause: 'WHERE' });

  const plan = grouped ? groupByKeys(node, base) : undefined;
  const listContext: Context = { ...base, ...(plan ? { grouping: plan.grouping } : {}), windows };
  const madeOfGroups: Sql[] = [];
  if (plan)
    for (const item of generatorItems(node)) generated.push(groupedGenerator(item, listContext, plan, madeOfGroups));
  const items = selectItems(node.items, listContext, generated);
  if (items.length === 0) throw unsupported('A select list without columns', node.range);

  if (query.state.queryDepth === 1) for (const item of node.items) refuseConstantFailure(item.value);

  const aliases = outputAliases(items);
  const after: Context = { ...listContext, aliases, aliasesFirst: true };
  const having = node.having && condition(node.having, { ...after, windows: undefined, clause: 'HAVING' });
  const qualify = node.qualify && qualifyCondition(node, items, after);

  const columns = columnsOf(items);
  checkHints(node.hints, columns, query);
  const order = node.distinct ? [] : orderKeys(items, after, tail);
  const filters = [plan?.nonEmpty, having?.sql].filter((filter) => filter !== undefined);
  const source = plan
    ? madeOfGroups.reduce<Sql>(
        (inner, rows) => sql`(SELECT *, ${rows} FROM ${inner}) AS ${plan.grouping.alias}`,
        sql`(${groupedText(plan, from, where)}) AS ${plan.grouping.alias}`,
      )
    : from?.sql;
  const outerWhere = plan ? (filters.length ? join(filters, ' AND ') : undefined) : where?.sql;
  const list = join(
    items.map(({ typed }, index) => {
      const value = node.distinct ? normalised(typed.sql, typed.type.kind) : typed.sql;
      return sql`${value} AS ${engineColumn(index)}`;
    }),
    ', ',
  );
  if (node.distinct) for (const { typed } of items) refuseMapKey(typed, node.range);
  const text = sql`SELECT ${node.distinct ? 'DISTINCT ' : ''}${list}${source ? sql` FROM ${source}` : ''}${
    outerWhere ? sql` WHERE ${outerWhere}` : ''
  }${qualify ? sql` QUALIFY ${qualify.sql}` : ''}`;
  if (node.distinct) return withTail({ sql: text, columns, ordered: false }, query, tail);
  const orderText = order.length ? sql` ORDER BY ${join(order, ', ')}` : '';
  return { sql: sql`${text}${orderText}${tail.limit ?? ''}`, columns, ordered: order.length > 0 };
}

function columnsOf(items: readonly Item[]): QueryColumn[] {
  const attributes = sharedAttributes(items);
  return items.map(
    ({ name, typed, qualifier }, index): QueryColumn => ({
      name,
      type: typed.type,
      nullable: typed.nullable,
      ...(typed.constant &&
      Number(typed.constant.value) === 0 &&
      typed.constant.value !== null &&
      typed.type.kind !== 'string'
        ? { zero: true }
        : {}),
      qualifier,
      ...(attributes.has(index) ? { attribute: attributes.get(index)! } : {}),
    }),
  );
}

/** Items by index that pass on a column which another item passes on too. */
function sharedAttributes(items: readonly Item[]): ReadonlyMap<number, object> {
  const names = new Set(items.map(({ name }) => name.toLowerCase()));
  if (names.size === items.length) return new Map();
  const attributes = new Map<string, object>();
  const found = new Map<number, object>();
  items.forEach(({ typed, passed }, index) => {
    if (!passed) return;
    const key = textKey(typed.sql);
    const attribute = attributes.get(key) ?? {};
    attributes.set(key, attribute);
    found.set(index, attribute);
  });
  return found;
}

function refuseMapKey(typed: Typed, range: Range): void {
  if (holdsVariant(typed.type)) {
    throw fail(
      'UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE',
      'DISTINCT cannot compare columns of the type variant.',
      range,
    );
  }
  if (typeText(typed.type).includes('map<')) {
    throw fail(
      'UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE',
      'DISTINCT cannot compare columns of the type map.',
      range,
    );
  }
}

/** A generator of a grouped query makes rows of each group; its text is added to `made`. */
function groupedGenerator(item: SelectItem, context: Context, plan: GroupingPlan, made: Sql[]): GeneratedItem {
  const generated = generatorCall(item, context);
  const name = `e${made.length}`;
  made.push(sql`unnest(${generated.rows}) AS ${name}`);
  return { item, columns: itemColumns(item, generated.columns(sql`${plan.grouping.alias}.${name}`)) };
}

/**
 * A condition: boolean, or DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN (also for a bare NULL). HAVING and QUALIFY convert what is no
 * boolean.
 */
export function condition(node: Expression, context: Context): Typed {
  const typed = analyse(node, { ...context, conjuncts: conjunctsOf(node) });
  if (typed.type.kind !== 'boolean') {
    if (context.clause === 'HAVING' || context.clause === 'QUALIFY') {
      const session = context.state.expressionSession(context.environment);
      return castTo(typed, { kind: 'boolean' }, false, session, node.range);
    }
    throw fail(
      'DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN',
      `The condition "${typed.name}" of ${context.clause} must be of the type boolean, not ${typed.type.kind}.`,
      node.range,
    );
  }
  return typed;
}

function namedWindows(node: Select): ReadonlyMap<string, WindowSpec | WindowRef> {
  const windows = new Map<string, WindowSpec | WindowRef>();
  for (const { name, window, range } of node.windows) {
    const key = name.name.toLowerCase();
    if (windows.has(key)) {
      throw fail('INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION', `The window ${name.name} is defined twice.`, range);
    }
    windows.set(key, window);
  }
  return windows;
}

/** Analyses the select list; an item may use the aliases of those before it. */
function selectItems(nodes: readonly SelectItem[], context: Context, generated: readonly GeneratedItem[]): Item[] {
  const items: Item[] = [];
  const aliases = new Map<string, Typed | null>();
  for (const node of nodes) {
    const { value } = node;
    if (value.kind === 'star') {
      if (node.alias) throw fail('INVALID_USAGE_OF_STAR_OR_REGEX', 'A `*` cannot have an alias.', node.range);
      items.push(...(value.replace ? replaced(value, value.replace, context) : starItems(value, context)));
      continue;
    }
    const made = generated.find(({ item }) => item === node);
    if (made) {
      const typed = made.columns.map((column) => columnTyped(column, column.name));
      items.push(...typed.map((column) => ({ name: column.name, typed: column, qualifier: [] })));
      if (node.alias && typed[0]) aliases.set(node.alias.name.toLowerCase(), typed[0]);
      continue;
    }
    if (node.aliases) throw unsupported('Several aliases of one item', node.range);
    const typed = analyse(value, { ...context, aliases });
    const name = node.alias?.name ?? typed.outputName ?? typed.name;
    const qualifier = !node.alias && value.kind === 'column' ? typed.qualifier : undefined;
    items.push({ name, typed, qualifier: qualifier ?? [], passed: !node.alias && value.kind === 'column' });
    if (node.alias) {
      const key = node.alias.name.toLowerCase();
      aliases.set(key, aliases.has(key) ? null : typed);
    }
  }
  return items;
}

function starItems(node: Extract<Expression, { kind: 'star' }>, context: Context): Item[] {
  return expandStar(node, context).map(({ typed, source }) => {
    const item = context.grouping ? groupedColumn(typed, context.grouping, node.range) : typed;
    return { name: typed.name, typed: item, qualifier: source?.qualifier ?? [], passed: true };
  });
}

/** All columns, one of them with a new value in its place. */
function replaced(node: Star, { column, value }: NonNullable<Star['replace']>, context: Context): Item[] {
  const wanted = column.name.toLowerCase();
  const items = starItems(node, context);
  if (!items.some((item) => item.name.toLowerCase() === wanted))
    throw context.scope.unresolved([column.name], column.range);
  const typed = analyse(value, context);
  return items.map((item) => (item.name.toLowerCase() === wanted ? { name: column.name, typed, qualifier: [] } : item));
}

function groupedColumn(typed: Typed, grouping: Grouping, range: Range): Typed {
  const key = grouping.match(typed);
  if (key) return key;
  throw fail('MISSING_AGGREGATION', `The column "${typed.name}" of the star is not in the GROUP BY clause.`, range);
}

/** Output names as ORDER BY, HAVING and QUALIFY see them; null where several different items have the name. */
function outputAliases(items: readonly Item[]): ReadonlyMap<string, Typed | null> {
  const aliases = new Map<string, Typed | null>();
  const passed = new Set<string>();
  for (const item of items) {
    const key = item.name.toLowerCase();
    const known = aliases.get(key);
    const same = known && item.passed && passed.has(key) && textKey(known.sql) === textKey(item.typed.sql);
    aliases.set(key, known === undefined || same ? item.typed : null);
    if (item.passed) passed.add(key);
  }
  return aliases;
}

function qualifyCondition(node: Select, items: readonly Item[], context: Context): Typed {
  const { range } = node.qualify!;
  if (context.grouping && holdsAggregate(node.qualify)) {
    throw fail(
      'MISSING_GROUP_BY',
      'QUALIFY of a grouped query takes no aggregate functions. Name them in the select list and use the names.',
      range,
    );
  }
  const typed = condition(node.qualify!, { ...context, clause: 'QUALIFY' });
  if (!typed.window && !items.some((item) => item.typed.window) && !holdsWindow(node.qualify)) {
    throw fail('QUALIFY_REQUIRES_WINDOW_FUNCTION', 'QUALIFY needs a window function. Use WHERE or HAVING.', range);
  }
  return typed;
}

/** The item that a key of ORDER BY names by its alias. */
function namedItem(value: Expression, items: readonly Item[], context: Context): number | undefined {
  const [only, more] = value.kind === 'column' ? value.parts : [];
  const meant = only && !more ? context.aliases?.get(only.name.toLowerCase()) : undefined;
  const index = meant ? items.findIndex(({ typed }) => typed === meant) : -1;
  return index < 0 ? undefined : index;
}

/** ORDER BY: a position, an item of the list, or any expression over the input. */
function orderKeys(items: readonly Item[], context: Context, tail: Tail): Sql[] {
  const subqueryScope = new Scope(
    items.map(({ name, typed, qualifier }) => ({ ...typed, name, qualifier, base: undefined })),
    context.scope.parent,
  );
  const inside: Context = { ...context, clause: 'ORDER BY', subqueryScope };
  for (const item of tail.checked ?? []) analyse(item.value, inside);
  // A position stands alone; a key that is computed from the item names the item again.
  const byItem = (index: number) => {
    const { typed } = items[index]!;
    return needsOrderKey(typed.type) ? typed : { ...typed, sql: [String(index + 1)] };
  };
  if (tail.orderByAll) return items.map((_, index) => orderKey(byItem(index), tail.orderByAll!, tail.range));
  return tail.orderBy.map((item) => {
    const position = ordinal(item.value);
    if (position !== undefined) {
      if (position < 1 || position > items.length)
        throw ordinalOutOfRange('ORDER_BY', position, items.length, item.range);
      return orderKey(byItem(position - 1), item, item.range);
    }
    const named = namedItem(item.value, items, context);
    if (named !== undefined) return orderKey(byItem(named), item, item.range);
    if (holdsWindow(item.value)) {
      throw fail(
        'UNSUPPORTED_EXPR_FOR_OPERATOR',
        'A window function cannot stand in ORDER BY. Name it in the select list.',
        item.range,
      );
    }
    const typed = analyse(item.value, inside);
    const key = textKey(typed.sql);
    const index = items.findIndex((candidate) => textKey(candidate.typed.sql) === key);
    if (index >= 0) return orderKey(byItem(index), item, item.range);
    // DuckDB would read a bare constant as a position.
    if (typed.foldable && !needsOrderKey(typed.type))
      return orderKey({ ...typed, sql: sql`CAST(${typed.sql} AS VARCHAR)` }, item, item.range);
    return orderKey(typed, item, item.range);
  });
}

/** The inner layer of a grouped query: its keys and aggregates by their engine names. */
function groupedText(plan: GroupingPlan, from: FromRelation | undefined, where: Typed | undefined): Sql {
  const { grouping } = plan;
  const parts = [
    ...grouping.keys.map((entry) => sql`${normalised(entry.typed.sql, entry.typed.type.kind)} AS ${entry.engineName}`),
    ...grouping.aggregates.map((entry) => sql`${entry.typed.sql} AS ${entry.engineName}`),
    ...(plan.nonEmpty ? [sql`count(*) AS n`] : []),
  ];
  if (parts.length === 0) parts.push(['count(*) AS n']);
  return sql`SELECT ${join(parts, ', ')}${from ? sql` FROM ${from.sql}` : ''}${where ? sql` WHERE ${where.sql}` : ''}${plan.clause}`;
}
