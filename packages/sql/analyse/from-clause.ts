import type { LateralView, Select } from '../ast/index.ts';
import { sql } from '../emit/text.ts';
import { fail } from './errors.ts';
import { analyse } from './expression.ts';
import { type FromRelation, joinComma, relationOf } from './from.ts';
import { generate, isGenerator, renamed } from './generator.ts';
import { lookup } from './library.ts';
import type { QueryContext } from './query.ts';
import { Scope } from './scope.ts';

/** FROM with its comma-separated items and LATERAL VIEWs; undefined without FROM. */
export function fromClause(node: Select, context: QueryContext): FromRelation | undefined {
  let joined: FromRelation | undefined;
  for (const relation of node.from) {
    const left = joined ? new Scope(joined.columns, context.around) : context.around;
    const next = relationOf(relation, { ...context, scope: left });
    joined = joined ? joinComma(joined, next) : next;
  }
  for (const view of node.lateralViews) joined = lateralView(view, joined, context);
  return joined;
}

function lateralView(view: LateralView, left: FromRelation | undefined, context: QueryContext): FromRelation {
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
  const made = generate({ name, args, session, range: view.range }, view.outer, context.state);
  const columns = renamed(
    made.columns,
    view.columns.map((column) => column.name),
    view.range,
  );
  const qualifier = view.table ? [view.table.name] : [];
  return joinGenerated(left, { sql: made.sql, columns: columns.map((column) => ({ ...column, qualifier })) });
}

/** Every row of the left side beside the rows that a generator makes of it. */
export function joinGenerated(left: FromRelation | undefined, made: FromRelation): FromRelation {
  if (!left) return made;
  return { sql: sql`${left.sql} CROSS JOIN LATERAL ${made.sql}`, columns: [...left.columns, ...made.columns] };
}
