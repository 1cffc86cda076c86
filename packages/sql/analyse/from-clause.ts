import { type Call, type LateralView, type Select, type SelectItem, walk } from '../ast/index.ts';
import { fail, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { type FromRelation, joinComma, relationOf } from './from.ts';
import { besideGenerated, generate, isGenerator, renamed } from './generator.ts';
import { holdsWindow } from './inspect.ts';
import { lookup } from './library.ts';
import type { QueryContext, Tail } from './query.ts';
import { Scope, type ScopeColumn } from './scope.ts';

export interface FromClause {
  /** Absent without FROM. */
  relation?: FromRelation;
  /** The item of the select list that is a generator, and its columns. */
  generated?: { item: SelectItem; columns: ScopeColumn[] };
}

/** FROM with its comma-separated items, LATERAL VIEWs, and the generator of the select list. */
export function fromClause(node: Select, context: QueryContext, tail: Tail, given?: FromRelation): FromClause {
  let joined = given;
  for (const relation of node.from) {
    const left = joined ? new Scope(joined.columns, context.around) : context.around;
    const next = relationOf(relation, { ...context, scope: left });
    joined = joined ? joinComma(joined, next) : next;
  }
  const items = node.items.filter((item) => item.value.kind === 'call' && isGenerator(callName(item.value)));
  const wanted = node.lateralViews.length || items.length ? mentioned([node, tail.orderBy]) : () => true;
  for (const view of node.lateralViews) joined = lateralView(view, joined, wanted, context);
  const [item] = items;
  if (!item) return joined ? { relation: joined } : {};
  if (items[1]) throw unsupported('Two generators in one select list', items[1].range, 'Use LATERAL VIEW for each.');
  const { columns, ...beside } = generatorItem(item, node, joined, wanted, context);
  return { relation: { sql: beside.sql, columns }, generated: { item, columns: beside.generated } };
}

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
  return (column) => all || names.has(column.name.toLowerCase());
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
  node: Select,
  left: FromRelation | undefined,
  wanted: (column: ScopeColumn) => boolean,
  context: QueryContext,
) {
  const { range } = item;
  const call = item.value as Call;
  if (node.items.some((other) => holdsWindow(other.value))) {
    throw unsupported('A generator beside a window function', range, 'Use LATERAL VIEW in a subquery of FROM.');
  }
  if (call.distinct || call.filter || call.named.length || call.over)
    throw unsupported('A generator with these clauses', range);
  const scope = new Scope(left?.columns ?? [], context.around);
  const args = call.args.map((arg) => analyse(arg, { ...context, scope, clause: 'SELECT' }));
  const session = context.state.expressionSession(context.environment);
  const made = generate({ name: callName(call), args, session, range }, false);
  const names = item.aliases ?? (item.alias ? [item.alias] : []);
  const beside = besideGenerated(left, made, wanted, context.state);
  return {
    ...beside,
    generated: renamed(
      beside.generated,
      names.map((name) => name.name),
      range,
    ),
  };
}
