import type { Exists, InSubquery, Query, ScalarSubquery } from '../ast/index.ts';
import { sql } from '../emit/text.ts';
import { commonTypeOfTwo } from '../types/common.ts';
import type { Context } from './context.ts';
import { fail, quotedType, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { implicitCast } from './library.ts';
import { analyseQuery } from './query.ts';
import type { AnalysedQuery } from './relation.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { Typed } from './typed.ts';

/** A query inside an expression; columns of the query around it are in reach. */
function inner(query: Query, context: Context): { query: AnalysedQuery; outer: string[] } {
  const outer = new Set<string>();
  const around = context.grouping || context.insideAggregate ? groupedScope(context) : context.scope;
  const analysed = analyseQuery(query, {
    state: context.state,
    environment: context.environment,
    ctes: context.ctes,
    around,
    outer,
  });
  for (const name of outer) context.outer?.add(name);
  return { query: analysed, outer: [...outer] };
}

/** Around a subquery of a grouped query only grouping keys that are plain columns may be named. */
function groupedScope({ grouping, scope }: Context): Scope {
  const columns = scope.columns.map((column): ScopeColumn => {
    const key = grouping?.match({ sql: column.sql, type: column.type, nullable: column.nullable, name: column.name });
    if (key) return { ...column, sql: key.sql, nullable: key.nullable };
    const guard = (range: Range) => {
      throw unsupported(
        `The column ${column.name} in a subquery of a grouped query`,
        range,
        'Only grouping columns may be used there.',
      );
    };
    return { ...column, guard };
  });
  return new Scope(columns, scope.parent, scope.lambda);
}

export function analyseScalarSubquery(node: ScalarSubquery, context: Context): Typed {
  const { query, outer } = inner(node.query, context);
  const [column] = query.columns;
  if (query.columns.length !== 1) {
    throw fail(
      'INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN',
      `A scalar subquery must give one column, but this one gives ${query.columns.length}.`,
      node.range,
    );
  }
  return { sql: sql`(${query.sql})`, type: column!.type, nullable: true, name: `scalarsubquery(${outer.join(', ')})` };
}

export function analyseExists(node: Exists, context: Context): Typed {
  const { query, outer } = inner(node.query, context);
  return {
    sql: sql`EXISTS (${query.sql})`,
    type: { kind: 'boolean' },
    nullable: false,
    name: `exists(${outer.join(', ')})`,
  };
}

/** `x [NOT] IN (SELECT …)`: both sides take their common type. */
export function analyseInSubquery(node: InSubquery, context: Context): Typed {
  if (node.operand.kind === 'row' && node.operand.items.length > 1) {
    throw unsupported(
      'IN with several columns and a subquery',
      node.range,
      'Use EXISTS with a condition for each column.',
    );
  }
  const operand = analyse(node.operand, context);
  const { query, outer } = inner(node.query, context);
  if (query.columns.length !== 1) {
    throw fail(
      'DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH',
      `The subquery of IN must give 1 column, but it gives ${query.columns.length}.`,
      node.range,
    );
  }
  const column = query.columns[0]!;
  const type = commonTypeOfTwo(operand.type, column.type);
  if (!type) {
    throw fail(
      'DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH',
      `IN compares ${quotedType(operand.type)} with ${quotedType(column.type)}, which have no common type.`,
      node.range,
    );
  }
  if (type.kind === 'map' || type.kind === 'array' || type.kind === 'struct') {
    throw unsupported(`IN with a subquery of ${type.kind} values`, node.range);
  }
  const session = context.state.expressionSession(context.environment);
  const left = implicitCast(operand, type, session, node.range);
  const alias = context.state.alias('s');
  const given: Typed = { sql: sql`${alias}.c0`, type: column.type, nullable: column.nullable, name: column.name };
  const right = implicitCast(given, type, session, node.range);
  const word = node.negated ? 'NOT IN' : 'IN';
  const text = sql`(${left.sql} ${word} (SELECT ${right.sql} FROM (${query.sql}) AS ${alias}))`;
  const name = `(${operand.name} IN (listquery(${outer.join(', ')})))`;
  return {
    // Spark rewrites IN and NOT IN of a select list to a join, which knows no NULL: it says false.
    sql: context.clause === 'SELECT' ? sql`coalesce(${text}, false)` : text,
    type: { kind: 'boolean' },
    nullable: operand.nullable || column.nullable,
    name: node.negated ? `(NOT ${name})` : name,
    aggregate: operand.aggregate,
    window: operand.window,
  };
}
