import type { Cte, Expression, Query, QueryBody, QueryOrder, SetOperation, Values, With } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, isIdentifier, name } from './names.ts';
import { pipes } from './pipe.ts';
import { tableAlias } from './relations.ts';
import { fromFirst, isFromFirst, select } from './select.ts';
import { namedWindows, sortItem, sortOrder } from './windows.ts';

const bodyWords: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'VALUES', 'FROM', 'TABLE', 'MAP', 'REDUCE']);
const goOn: ReadonlySet<string> = new Set([
  ...[
    'UNION',
    'INTERSECT',
    'EXCEPT',
    'MINUS',
    'ORDER',
    'SORT',
    'CLUSTER',
    'DISTRIBUTE',
    'LIMIT',
    'OFFSET',
    'WINDOW',
    '|>',
  ],
]);

/**
 * Does a query begin `ahead` tokens from here? Parentheses may stand before it; whether they hold a query or begin an
 * expression such as `((SELECT 1) + 1)`, what follows their end decides.
 */
export function startsQuery(cursor: Cursor, ahead: number): boolean {
  const { key } = cursor.peek(ahead);
  if (key === '(') {
    const after = cursor.afterClosing(ahead);
    if (after && after.kind !== 'eof' && after.key !== ')' && !goOn.has(after.key)) return false;
    return startsQuery(cursor, ahead + 1);
  }
  if (!bodyWords.has(key)) return false;
  const next = cursor.peek(ahead + 1);
  switch (key) {
    case 'SELECT':
      return next.key !== '.' && next.key !== '=';
    case 'WITH':
      return next.kind === 'word' || next.kind === 'quoted';
    case 'VALUES':
      return next.kind !== 'op' || next.key === '(' || next.key === '-';
    case 'FROM':
      return next.kind === 'word' || next.kind === 'quoted' || next.key === '(';
    case 'TABLE':
      return next.kind === 'word' || next.kind === 'quoted';
    default:
      // MAP (…) USING and REDUCE (…) USING are scripts; elsewhere they are functions.
      return next.key === '(' && cursor.afterClosing(ahead + 1)?.key === 'USING';
  }
}

/** A query with WITH, set operations, ordering and limits. */
export function query(cursor: Cursor): Query {
  return cursor.nested(() => {
    const mark = cursor.mark();
    const ctes = cursor.is('WITH') ? withClause(cursor) : undefined;
    const body = pipes(cursor, setOperations(cursor));
    const node: Query = {
      kind: 'query',
      with: ctes,
      body,
      orderBy: [],
      sortBy: [],
      distributeBy: [],
      clusterBy: [],
      range: body.range,
    };
    organise(cursor, node, body);
    node.range = cursor.rangeFrom(mark);
    return node;
  });
}

/** `WITH [RECURSIVE] a AS (…), b AS (…)`. */
export function withClause(cursor: Cursor): With {
  const mark = cursor.mark();
  cursor.expect('WITH');
  const recursive = cursor.is('RECURSIVE') && isIdentifier({ token: cursor.peek(1) }) && cursor.peek(1).key !== 'AS';
  if (recursive) cursor.next();
  const ctes = cursor.list(() => cte(cursor));
  return { recursive, ctes, range: cursor.rangeFrom(mark) };
}

function cte(cursor: Cursor): Cte {
  const mark = cursor.mark();
  const cteName = identifier(cursor, 'the name of a common table expression');
  const columns = cursor.is('(') && !startsQuery(cursor, 1) ? columnNames(cursor) : undefined;
  const maxRecursionLevel = cursor.acceptAll('MAX', 'RECURSION', 'LEVEL')
    ? Number(cursor.expectInteger('a number of levels'))
    : undefined;
  cursor.accept('AS');
  const body = cursor.parenthesised(() => query(cursor));
  return { name: cteName, columns, query: body, maxRecursionLevel, range: cursor.rangeFrom(mark) };
}

/** `(a, b)`. */
export function columnNames(cursor: Cursor): Cte['columns'] {
  return cursor.parenthesised(() => cursor.list(() => identifier(cursor, 'the name of a column')));
}

/** UNION, EXCEPT and MINUS from left to right; INTERSECT binds tighter. */
function setOperations(cursor: Cursor): QueryBody {
  let left = intersections(cursor);
  for (let length = 1; cursor.is('UNION') || cursor.is('EXCEPT') || cursor.is('MINUS'); length += 1) {
    cursor.limitChain(length, 'set');
    const op = cursor.next().key === 'UNION' ? 'union' : 'except';
    const all = setQuantifier(cursor);
    left = setOperation(cursor, op, all, left, intersections(cursor));
  }
  return left;
}

function intersections(cursor: Cursor): QueryBody {
  let left = queryPrimary(cursor);
  for (let length = 1; cursor.accept('INTERSECT'); length += 1) {
    cursor.limitChain(length, 'set');
    const all = setQuantifier(cursor);
    left = setOperation(cursor, 'intersect', all, left, queryPrimary(cursor));
  }
  return left;
}

export function setQuantifier(cursor: Cursor): boolean {
  const all = cursor.accept('ALL');
  if (!all) cursor.accept('DISTINCT');
  return all;
}

function setOperation(
  cursor: Cursor,
  op: SetOperation['op'],
  all: boolean,
  left: QueryBody,
  right: QueryBody,
): SetOperation {
  return { kind: 'setOperation', op, all, left, right, range: cursor.since(left) };
}

export function queryPrimary(cursor: Cursor): QueryBody {
  const mark = cursor.mark();
  switch (cursor.token.key) {
    case '(': {
      const inner = cursor.parenthesised(() => query(cursor));
      return { kind: 'nested', query: inner, range: cursor.rangeFrom(mark) };
    }
    case 'SELECT':
      return select(cursor);
    case 'VALUES':
      return values(cursor);
    case 'FROM':
      if (!isFromFirst(cursor)) cursor.fail('a query');
      return fromFirst(cursor);
    case 'TABLE': {
      cursor.next();
      const table = name(cursor, 'the name of a table');
      return { kind: 'tableQuery', name: table, range: cursor.rangeFrom(mark) };
    }
    case 'MAP':
    case 'REDUCE':
      throw cursor.unsupported(`${cursor.token.key} … USING`);
    default:
      return cursor.fail('a query: SELECT, VALUES, WITH, TABLE or FROM');
  }
}

/** VALUES with its rows and the alias that may follow: `VALUES (1), (2) AS t(x)`. */
export function values(cursor: Cursor): Values {
  const mark = cursor.mark();
  cursor.expect('VALUES');
  const rows = cursor.list(() => {
    const row = expression(cursor);
    if (row.kind === 'row') return row.items.map(withoutAlias);
    // Spark takes STRUCT(…) apart as if it were a row, but not named_struct.
    const isStruct =
      row.kind === 'call' && row.name.parts.length === 1 && row.name.parts[0]!.name.toLowerCase() === 'struct';
    return isStruct ? row.args.map(withoutAlias) : [row];
  });
  const alias = tableAlias(cursor);
  return { kind: 'values', rows, alias, range: cursor.rangeFrom(mark) };
}

const withoutAlias = (value: Expression) => (value.kind === 'aliased' ? value.value : value);

/** ORDER BY, LIMIT and the like, in their order. `body` takes a WINDOW clause that stands behind ORDER BY. */
export function organise(cursor: Cursor, node: QueryOrder, body?: QueryBody): void {
  const start = cursor.token;
  if (cursor.acceptAll('ORDER', 'BY')) {
    if (cursor.is('ALL') && cursor.peek(1).key !== '.' && cursor.peek(1).key !== '(') {
      cursor.next();
      node.orderByAll = sortOrder(cursor);
    } else {
      node.orderBy = cursor.list(() => sortItem(cursor));
    }
  }
  if (cursor.acceptAll('CLUSTER', 'BY')) node.clusterBy = cursor.list(() => expression(cursor));
  if (cursor.acceptAll('DISTRIBUTE', 'BY')) node.distributeBy = cursor.list(() => expression(cursor));
  if (cursor.acceptAll('SORT', 'BY')) node.sortBy = cursor.list(() => sortItem(cursor));
  const ordered = node.orderBy.length > 0 || node.orderByAll !== undefined;
  if (
    (ordered ? 1 : 0) + Math.min(node.sortBy.length, 1) > 1 ||
    (ordered && node.clusterBy.length + node.distributeBy.length > 0)
  ) {
    throw cursor.error(
      'UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES',
      'ORDER BY cannot stand together with SORT BY, DISTRIBUTE BY or CLUSTER BY.',
      '0A000',
      start,
    );
  }
  if (cursor.is('WINDOW') && cursor.peek(2).key === 'AS' && body?.kind === 'select') {
    cursor.next();
    body.windows.push(...namedWindows(cursor));
  }
  if (cursor.accept('LIMIT') && !acceptLimitAll(cursor)) node.limit = expression(cursor);
  if (cursor.accept('OFFSET')) node.offset = expression(cursor);
}

function acceptLimitAll(cursor: Cursor): boolean {
  return cursor.is('ALL') && cursor.accept('ALL');
}
