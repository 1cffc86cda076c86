import type { Exists, Expression, InSubquery, Query, ScalarSubquery } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { commonTypeOfTwo } from '../types/common.ts';
import { callRow } from './call.ts';
import type { Context } from './context.ts';
import { fail, quotedType, type Range, unsupported } from './errors.ts';
import { analyse } from './expression.ts';
import { holdsIn } from './inspect.ts';
import { implicitCast } from './library.ts';
import { analyseQuery } from './query.ts';
import { type AnalysedQuery, engineColumn } from './relation.ts';
import { Scope, type ScopeColumn } from './scope.ts';
import type { Typed } from './typed.ts';

/** A query inside an expression; columns of the query around it are in reach. */
function inner(query: Query, context: Context): { query: AnalysedQuery; outer: string[] } {
  const outer = new Set<string>();
  const around = context.subqueryScope ?? (context.grouping ? groupedScope(context) : context.scope);
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
  if (outer.length && context.grouping && context.clause === 'SELECT') {
    throw fail(
      'SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION',
      'A subquery that uses columns of the grouped query around it must be one of the keys of GROUP BY.',
      node.range,
    );
  }
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

/**
 * `x [NOT] IN (SELECT …)`, also of several columns: both sides take their common types. Spark runs it as a join, which
 * knows no NULL: what is not certain is false, for IN and for NOT IN.
 */
export function analyseInSubquery(node: InSubquery, context: Context): Typed {
  const operands = operandsOf(node.operand).map((operand) => analyse(operand, context));
  const { query, outer } = inner(node.query, context);
  if (query.columns.length !== operands.length) {
    throw fail(
      'DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH',
      `The subquery of IN must give as many columns as stand before IN (${operands.length}), but it gives ${query.columns.length}.`,
      node.range,
    );
  }
  const alias = context.state.alias('s');
  const pairs = query.columns.map((column, index): [Typed, Typed] => {
    const operand = operands[index]!;
    const type = commonTypeOfTwo(operand.type, column.type);
    if (!type || type.kind === 'map') {
      throw fail(
        'DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH',
        `IN compares ${quotedType(operand.type)} with ${quotedType(column.type)}, which have no common type.`,
        node.range,
      );
    }
    const session = context.state.expressionSession(context.environment);
    const given: Typed = { ...column, sql: sql`${alias}.${engineColumn(index)}` };
    return [implicitCast(operand, type, session, node.range), implicitCast(given, type, session, node.range)];
  });
  const name = `(${operandName(operands)} IN (listquery(${outer.join(', ')})))`;
  return {
    sql: inText(pairs, sql`(${query.sql}) AS ${alias}`, node, context),
    type: { kind: 'boolean' },
    nullable: operands.some((operand) => operand.nullable) || query.columns.some((column) => column.nullable),
    name: node.negated ? `(NOT ${name})` : name,
    aggregate: operands.some((operand) => operand.aggregate),
    window: operands.some((operand) => operand.window),
  };
}

/** Where the condition is a whole conjunct, NULL and false are the same, and the engine knows a better join for it. */
function inText(pairs: readonly [Typed, Typed][], source: Sql, node: InSubquery, context: Context): Sql {
  const [only] = pairs;
  if (pairs.length === 1) {
    const text = sql`(${only![0].sql} ${node.negated ? 'NOT IN' : 'IN'} (SELECT ${only![1].sql} FROM ${source}))`;
    return context.conjuncts?.has(node) ? text : sql`coalesce(${text}, false)`;
  }
  const same = join(
    pairs.map((pair) => callRow('=', pair, context, node.range).sql),
    ' AND ',
  );
  return node.negated
    ? sql`(NOT EXISTS (SELECT 1 FROM ${source} WHERE (${same}) IS NOT FALSE))`
    : sql`EXISTS (SELECT 1 FROM ${source} WHERE ${same})`;
}

/** A row, or struct(…), stands for its values. */
function operandsOf(operand: Expression): readonly Expression[] {
  if (operand.kind === 'row') return operand.items;
  if (operand.kind !== 'call' || operand.name.parts.length > 1 || operand.named.length) return [operand];
  const name = operand.name.parts[0]!.name.toLowerCase();
  return name === 'struct' ? operand.args : [operand];
}

const operandName = (operands: readonly Typed[]): string =>
  operands.length === 1
    ? operands[0]!.name
    : `named_struct(${operands.map((operand, index) => `${operand.named ? operand.name : `col${index + 1}`}, ${operand.name}`).join(', ')})`;

/**
 * NOT over a condition with IN (SELECT …): Spark moves NOT inward through AND and OR first, so that NOT of IN is NOT IN.
 * Null where there is nothing to move.
 */
export function negatedIn(operand: Expression, context: Context): Typed | null {
  if (operand.kind === 'inSubquery') {
    const flipped = { ...operand, negated: !operand.negated };
    if (context.conjuncts?.has(operand)) context.conjuncts.add(flipped);
    const typed = analyseInSubquery(flipped, context);
    return flipped.negated ? typed : { ...typed, name: `(NOT (NOT ${typed.name}))` };
  }
  if (operand.kind !== 'binaryOp' || (operand.op !== 'and' && operand.op !== 'or') || !holdsIn(operand)) return null;
  const parts = [operand.left, operand.right].map((part) =>
    analyse({ kind: 'unary', op: 'not', operand: part, range: part.range }, context),
  );
  const typed = callRow(operand.op === 'and' ? 'or' : 'and', parts, context, operand.range);
  const names = parts.map(({ name }) => name.replace(/^\(NOT (.*)\)$/s, '$1'));
  return { ...typed, name: `(NOT (${names.join(` ${operand.op.toUpperCase()} `)}))` };
}

/** The conditions of a conjunction that are IN (SELECT …), also behind NOT. */
export function conjunctsOf(node: Expression, found: Set<Expression> = new Set()): Set<Expression> {
  if (node.kind === 'binaryOp' && node.op === 'and') {
    conjunctsOf(node.left, found);
    conjunctsOf(node.right, found);
  } else if (node.kind === 'unary' && node.op === 'not') {
    if (node.operand.kind === 'inSubquery') found.add(node.operand);
  } else if (node.kind === 'inSubquery') found.add(node);
  return found;
}
