import { type Call, type LateralView, type Select, type SelectItem, walk } from '../ast/index.ts';
import type { Context } from './context.ts';
import { fail, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { type FromRelation, joinComma, relationOf } from './from.ts';
import { besideGenerated, type Generated, generate, isGenerator, renamed } from './generator.ts';
import { lookup } from './library.ts';
import type { QueryContext, Tail } from './query.ts';
import { Scope, type ScopeColumn } from './scope.ts';

export interface FromClause {
  /** Absent without FROM. */
  relation?: FromRelation;
  /** The items of the select list that are generators, and their columns. */
  generated: GeneratedItem[];
}
export interface GeneratedItem {
  item: SelectItem;
  columns: ScopeColumn[];
}

/**
 * FROM with its comma-separated items and LATERAL VIEWs, and the generators of the select list; in a grouped query these work
 * on the groups.
 */
export function fromClause(
  node: Select,
  context: QueryContext,
  tail: Tail,
  grouped: boolean,
  given?: FromRelation,
): FromClause {
  let joined = given;
  for (const relation of node.from) {
    const left = joined ? new Scope(joined.columns, context.around) : context.around;
    const next = relationOf(relation, { ...context, scope: left });
    joined = joined ? joinComma(joined, next) : next;
  }
  const items = grouped ? [] : generatorItems(node);
  const wanted = node.lateralViews.length || items.length ? mentioned([node, tail.orderBy]) : () => true;
  for (const view of node.lateralViews) joined = lateralView(view, joined, wanted, context);
  let relation = joined;
  const generated: GeneratedItem[] = [];
  for (const item of items) {
    const before = generated.flatMap(({ columns }) => columns.map((column) => ({ ...column, name: unnamed })));
    const left = relation && { sql: relation.sql, columns: [...relation.columns, ...before] };
    const { columns, ...beside } = generatorItem(item, left, wanted, context);
    // What earlier generators made moved behind the new one's alias.
    let at = columns.length - before.length;
    for (const earlier of generated)
      earlier.columns = earlier.columns.map((column) => ({ ...column, sql: columns[at++]!.sql }));
    relation = { sql: beside.sql, columns: columns.slice(0, columns.length - before.length) };
    generated.push({ item, columns: beside.generated });
  }
  return relation ? { relation, generated } : { generated };
}

/** A column that no text can name. */
const unnamed = '\u0000generated';

export const generatorItems = (node: Select): SelectItem[] =>
  node.items.filter((item) => item.value.kind === 'call' && isGenerator(callName(item.value)));

const callName = (node: Call): string => node.name.parts.map((part) => part.name.toLowerCase()).join('.');

/** Whether a column's name stands anywhere in a query (a star names all). */
function mentioned(root: unknown): (column: ScopeColumn) => boolean {
  const names = new Set<string>();
  let all = false;
  walk(root, (child) => {
    if (child.kind === 'star') all = true;
    if (child.kind === 'column' && 'parts' in child) {
      for (const part of child.parts as { name: string }[]) names.add(part.name.toLowerCase());
    }
    return undefined;
  });
  return (column) => all || column.name === unnamed || names.has(column.name.toLowerCase());
}

function lateralView(
  view: LateralView,
  left: FromRelation | undefined,
  wanted: (column: ScopeColumn) => boolean,
  context: QueryContext,
): FromRelation {
  const name = view.name.parts.map((part) => part.name.toLowerCase()).join('.');
  if (!isGenerator(name)) {
    if (!lookup(name)) throw fail('UNSUPPORTED_FUNCTION', `The generator ${name} is not supported.`, view.range);
    throw fail(
      'UNSUPPORTED_GENERATOR.NOT_GENERATOR',
      `${name} is no generator: LATERAL VIEW needs one, such as explode.`,
      view.range,
    );
  }
  const scope = new Scope(left?.columns ?? [], context.around);
  const args = view.args.map((arg) => analyse(arg, { ...context, scope, clause: 'LATERAL VIEW' }));
  const session = context.state.expressionSession(context.environment);
  const made = generate({ name, args, session, range: view.range }, view.outer);
  const beside = besideGenerated(left, made, wanted, context.state);
  const names = view.columns.map((column) => column.name);
  const qualifier = view.table ? [view.table.name] : [];
  const generated = renamed(beside.generated, names, view.range).map((column) => ({ ...column, qualifier }));
  return { sql: beside.sql, columns: [...beside.columns, ...generated] };
}

function generatorItem(
  item: SelectItem,
  left: FromRelation | undefined,
  wanted: (column: ScopeColumn) => boolean,
  context: QueryContext,
) {
  const scope = new Scope(left?.columns ?? [], context.around);
  const made = generatorCall(item, { ...context, scope, clause: 'SELECT' });
  const beside = besideGenerated(left, made, wanted, context.state);
  return { ...beside, generated: itemColumns(item, beside.generated) };
}

/** The generator that an item of a select list is. */
export function generatorCall(item: SelectItem, context: Context): Generated {
  const call = item.value as Call;
  const { range } = item;
  if (call.distinct || call.filter || call.named.length || call.over)
    throw unsupported('A generator with these clauses', range);
  const args = call.args.map((arg) => analyse(arg, context));
  const session = context.state.expressionSession(context.environment);
  return generate({ name: callName(call), args, session, range }, false);
}

/** A generator's columns by the names that its item gives them. */
export function itemColumns(item: SelectItem, columns: readonly ScopeColumn[]): ScopeColumn[] {
  const names = item.aliases ?? (item.alias ? [item.alias] : []);
  return renamed(
    columns,
    names.map((name) => name.name),
    item.range,
  );
}
