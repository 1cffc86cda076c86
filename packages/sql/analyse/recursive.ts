import { typeText } from '@boathouse/contracts';
import { type Cte, type Query, type QueryBody, type Relation, type Select, walk } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import type { CteEntry } from './context.ts';
import { fail, unsupported } from './errors.ts';
import { holdsAggregate, holdsWindow } from './inspect.ts';
import { analyseQuery, type QueryContext } from './query.ts';
import { engineColumn, type QueryColumn } from './relation.ts';
import { levelColumn } from './scope.ts';

/** Spark's limit of steps; a step beyond it that still gives rows is an error. */
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

/**
 * `WITH RECURSIVE r AS (anchor UNION ALL step)`, where the step is one SELECT that reads r once in FROM. A hidden column
 * counts the steps, so that endless recursion is an error and not an endless query.
 */
export function recursiveCte(cte: Cte, context: QueryContext): { entry: CteEntry; definition: Sql } {
  const name = cte.name.name;
  const { anchor, step } = parts(cte);
  const plain = (body: QueryBody): Query => ({
    kind: 'query',
    body,
    orderBy: [],
    sortBy: [],
    distributeBy: [],
    clusterBy: [],
    range: body.range,
  });
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
  const level: QueryColumn = { name: levelColumn, type: { kind: 'int' }, nullable: false };
  const inside = new Map(context.ctes).set(name.toLowerCase(), {
    engineName: [engineName],
    columns: [...columns, level],
  });
  const { range } = step;
  const levelItem = {
    value: { kind: 'column' as const, parts: [{ name: levelColumn, quoted: true, range }], range },
    range,
  };
  const next = analyseQuery(plain({ ...step, items: [...step.items, levelItem] }), { ...context, ctes: inside });
  const given = next.columns.slice(0, -1);
  if (given.length !== columns.length) {
    throw fail(
      'NUM_COLUMNS_MISMATCH',
      `Both parts of ${name} need the same number of columns, but they have ${columns.length} and ${given.length}.`,
      range,
    );
  }
  given.forEach((column, index) => {
    const wanted = columns[index]!;
    if (typeText(column.type) !== typeText(wanted.type)) {
      throw unsupported(
        `A recursive step that gives ${typeText(column.type)} where the first part gives ${typeText(wanted.type)} (column ${wanted.name})`,
        range,
        'Cast one to the type of the other.',
      );
    }
  });
  const [a, s] = [context.state.alias('q'), context.state.alias('q')];
  const list = (alias: string) => columns.map((_, index) => sql`${alias}.${engineColumn(index)}`);
  const at = `${s}.${engineColumn(columns.length)} + 1`;
  const message = `'[RECURSION_LEVEL_LIMIT_EXCEEDED] The recursion of ${name.replaceAll("'", "''")} went over ${levelLimit} levels. End it by a condition.'`;
  const counted = `CASE WHEN ${at} >= ${levelLimit} THEN CAST(error(${message}) AS INTEGER) ELSE ${at} END`;
  const names = [...columns.map((_, index) => engineColumn(index)), engineColumn(columns.length)].join(', ');
  const definition = sql`${engineName}(${names}) AS (SELECT ${join([...list(a), '0'], ', ')} FROM (${first.sql}) AS ${a} UNION ALL SELECT ${join([...list(s), counted], ', ')} FROM (${next.sql}) AS ${s})`;
  return { entry: { engineName: [engineName], columns }, definition };
}

function parts(cte: Cte): { anchor: QueryBody; step: Select } {
  const { query, range } = cte;
  const name = cte.name.name;
  const { body } = query;
  if (cte.maxRecursionLevel !== undefined) throw unsupported('MAX RECURSION LEVEL', range);
  if (query.with || query.orderBy.length || query.orderByAll || query.limit || query.offset) {
    throw unsupported('WITH, ORDER BY or LIMIT inside a recursive common table expression', range);
  }
  if (body.kind !== 'setOperation' || body.op !== 'union') {
    throw fail(
      'INVALID_RECURSIVE_CTE',
      `The recursive common table expression ${name} must be of the form: first part UNION ALL step.`,
      range,
    );
  }
  if (!body.all) {
    throw fail(
      'UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE',
      'A recursive common table expression needs UNION ALL, not UNION.',
      range,
    );
  }
  if (references(body.left, name) > 0) throw unsupported('A recursive reference in the first part', body.left.range);
  const step = body.right;
  if (step.kind !== 'select') throw unsupported('A recursive step that is not one SELECT', step.range);
  const place = () =>
    fail(
      'INVALID_RECURSIVE_REFERENCE.PLACE',
      `The step may read ${name} once in FROM, beside inner joins, and not under aggregates, DISTINCT, windows or subqueries.`,
      step.range,
    );
  if (step.distinct || step.groupBy || step.having || step.qualify || step.lateralViews.length) throw place();
  if (step.items.some((item) => holdsAggregate(item.value) || holdsWindow(item.value))) throw place();
  const inFrom = step.from.reduce((sum, relation) => sum + direct(relation, name), 0);
  if (inFrom !== 1 || references(step, name) !== 1)
    throw unsupported(`Reading ${name} in its step other than once in FROM`, step.range);
  return { anchor: body.left, step };
}

/** How often a FROM item reads the name itself or through inner joins. */
function direct(relation: Relation, name: string): number {
  if (relation.kind === 'table') return isReference(relation, name) ? 1 : 0;
  if (relation.kind === 'nestedRelation' && !relation.alias) return direct(relation.relation, name);
  if (relation.kind !== 'join' || relation.natural || relation.using) return 0;
  if (relation.type === 'inner' || relation.type === 'cross')
    return direct(relation.left, name) + direct(relation.right, name);
  return relation.type === 'left' ? direct(relation.left, name) : 0;
}
