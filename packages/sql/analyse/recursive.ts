import { typeText } from '@boathouse/contracts';
import { type Cte, type Query, type QueryBody, type Relation, type Select, walk } from '../ast/index.ts';
import { join, literal, type Sql, sql } from '../emit/text.ts';
import { commonTypeOfTwo } from '../types/common.ts';
import type { CteEntry } from './context.ts';
import { fail, type Range, unsupported } from './errors.ts';
import { holdsAggregate, holdsWindow } from './inspect.ts';
import { implicitCast } from './library.ts';
import { analyseQuery, type QueryContext } from './query.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from './relation.ts';

/** Spark's limit of steps where MAX RECURSION LEVEL says no other; a step beyond it that still gives rows is an error. */
const levelLimit = 100;

/** Whether a common table expression reads itself. */
export const readsItself = (cte: Cte): boolean => references(cte.query, cte.name.name) > 0;

function references(root: unknown, name: string): number {
  let count = 0;
  walk(root, (child) => {
    if (child.kind === 'table' && isReference(child as Relation, name)) count++;
    return undefined;
  });
  return count;
}

const isReference = (relation: Relation, name: string): boolean =>
  relation.kind === 'table' &&
  relation.name.parts.length === 1 &&
  relation.name.parts[0]!.name.toLowerCase() === name.toLowerCase();

const plain = (body: QueryBody): Query => ({
  kind: 'query',
  body,
  orderBy: [],
  sortBy: [],
  distributeBy: [],
  clusterBy: [],
  range: body.range,
});

/**
 * `WITH RECURSIVE r AS (anchor UNION ALL step)`, where the step is a SELECT that reads r in FROM. A column that no text can
 * name counts the steps, so that endless recursion is an error and not an endless query.
 */
export function recursiveCte(cte: Cte, context: QueryContext): { entry: CteEntry; definition: Sql } {
  const name = cte.name.name;
  const { anchor, step } = parts(cte);
  const first = analyseQuery(plain(anchor), context);
  if (cte.columns && cte.columns.length !== first.columns.length) {
    throw fail(
      'ASSIGNMENT_ARITY_MISMATCH',
      `The common table expression ${name} names ${cte.columns.length} columns, but its query gives ${first.columns.length}.`,
      cte.range,
    );
  }
  const columns = first.columns.map(
    (column, index): QueryColumn => ({
      name: cte.columns?.[index]?.name ?? column.name,
      type: column.type,
      nullable: true,
    }),
  );
  const engineName = context.state.alias('w');
  const entry: CteEntry = { engineName: [engineName], columns };
  const next = analyseQuery(plain(step), { ...context, ctes: new Map(context.ctes).set(name.toLowerCase(), entry) });
  const [a, s] = [context.state.alias('q'), context.state.alias('q')];
  const given = stepColumns(cte, columns, next, s, context);
  const limit = cte.maxRecursionLevel ?? levelLimit;
  const level = engineColumn(columns.length);
  const message = literal(
    `[RECURSION_LEVEL_LIMIT_EXCEEDED] The recursion of ${name} went over ${limit} levels. End it by a condition.`,
  );
  // All rows that a step reads are of one level.
  const counted = sql`(SELECT CASE WHEN max(${level}) + 1 >= ${limit} THEN CAST(error(${message}) AS INTEGER) ELSE max(${level}) + 1 END FROM ${engineName})`;
  const names = [...columns.map((_, index) => engineColumn(index)), level].join(', ');
  const anchors = columns.map((_, index) => sql`${a}.${engineColumn(index)}`);
  const definition = sql`${engineName}(${names}) AS (SELECT ${join([...anchors, '0'], ', ')} FROM (${first.sql}) AS ${a} UNION ALL SELECT ${join([...given, counted], ', ')} FROM (${next.sql}) AS ${s})`;
  return { entry, definition };
}

/** The columns of a step in the types of the first part, where these hold them. */
function stepColumns(
  cte: Cte,
  columns: readonly QueryColumn[],
  step: AnalysedQuery,
  alias: string,
  context: QueryContext,
): Sql[] {
  const name = cte.name.name;
  const { range } = cte;
  if (step.columns.length !== columns.length) {
    throw fail(
      'NUM_COLUMNS_MISMATCH',
      `Both parts of ${name} need the same number of columns, but they have ${columns.length} and ${step.columns.length}.`,
      range,
    );
  }
  const session = context.state.expressionSession(context.environment);
  return step.columns.map((column, index) => {
    const wanted = columns[index]!;
    const common = commonTypeOfTwo(wanted.type, column.type);
    if (!common || typeText(common) !== typeText(wanted.type)) {
      throw fail(
        'CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE',
        `The step of ${name} gives ${typeText(column.type)} where its first part gives ${typeText(wanted.type)} (column ${wanted.name}). Cast one to the type of the other.`,
        range,
      );
    }
    return implicitCast({ ...column, sql: sql`${alias}.${engineColumn(index)}` }, wanted.type, session, range).sql;
  });
}

/** A query in parentheses without clauses of its own is its body. */
function unwrapped(body: QueryBody): QueryBody {
  if (body.kind !== 'nested' || body.query.with || hasTail(body.query)) return body;
  return unwrapped(body.query.body);
}

const hasTail = (query: Query): boolean =>
  query.orderBy.length > 0 ||
  query.orderByAll !== undefined ||
  query.sortBy.length > 0 ||
  query.limit !== undefined ||
  query.offset !== undefined;

function parts(cte: Cte): { anchor: QueryBody; step: Select } {
  const { query, range } = cte;
  const name = cte.name.name;
  if (query.with) throw unsupported('WITH inside a recursive common table expression', range);
  const body = unwrapped(query.body);
  const wrong = () =>
    fail(
      'INVALID_RECURSIVE_CTE',
      `The recursive common table expression ${name} must be of the form: first part UNION ALL step, without ORDER BY and LIMIT.`,
      range,
    );
  if (hasTail(query) || body.kind !== 'setOperation' || body.op !== 'union') throw wrong();
  if (!body.all) {
    throw fail(
      'UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE',
      'A recursive common table expression needs UNION ALL, not UNION.',
      range,
    );
  }
  if (references(body.left, name) > 0) throw wrong();
  const step = unwrapped(body.right);
  if (step.kind !== 'select') throw unsupported('A recursive step that is not one SELECT', step.range);
  if (fromPlaces(step, name) !== references(step, name))
    throw unsupported(`Reading ${name} in a subquery of its step`, step.range);
  return { anchor: body.left, step };
}

/**
 * How often a SELECT reads the name in FROM. Throws INVALID_RECURSIVE_REFERENCE.PLACE where what it reads is grouped, under a
 * window, or on the side of an outer join that may be missing.
 */
function fromPlaces(select: Select, name: string): number {
  const count = select.from.reduce((sum, relation) => sum + places(relation, name), 0);
  if (count === 0) return 0;
  const grouping = select.groupBy !== undefined || select.having !== undefined || select.qualify !== undefined;
  if (grouping || select.items.some((item) => holdsAggregate(item.value) || holdsWindow(item.value)))
    throw misplaced(name, select.range);
  if (select.lateralViews.length) throw unsupported('LATERAL VIEW in a recursive step', select.range);
  return count;
}

const misplaced = (name: string, range: Range): Error =>
  fail(
    'INVALID_RECURSIVE_REFERENCE.PLACE',
    `The step may read ${name} in FROM, and not under aggregates, windows, or on the optional side of an outer join.`,
    range,
  );

function places(relation: Relation, name: string): number {
  switch (relation.kind) {
    case 'table':
      return isReference(relation, name) ? 1 : 0;
    case 'nestedRelation':
      return places(relation.relation, name);
    case 'subqueryRelation': {
      const { query } = relation;
      const body = unwrapped(query.body);
      return body.kind === 'select' && !query.with && !hasTail(query) ? fromPlaces(body, name) : 0;
    }
    case 'join': {
      const [left, right] = [places(relation.left, name), places(relation.right, name)];
      const optional = { left: right, right: left, full: left + right, semi: right, anti: right, inner: 0, cross: 0 };
      if (optional[relation.type] > 0) throw misplaced(name, relation.range);
      return left + right;
    }
    default:
      return 0;
  }
}
