import type { Join, Relation, Sample, TableAlias, TableArgument, TableFunction, TimeTravel } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression, valueExpression } from './expression.ts';
import { identifier, isAlias, isIdentifier, name } from './names.ts';
import { pivot, unpivot } from './pivot.ts';
import { properties } from './properties.ts';
import { columnNames, query, startsQuery, values } from './query.ts';
import { sample } from './sample.ts';

/** The relations of a FROM clause, divided by commas. */
export function relations(cursor: Cursor): Relation[] {
  return cursor.list(() => relation(cursor));
}

/** A relation with the joins (and PIVOT, UNPIVOT) that follow it. */
export function relation(cursor: Cursor): Relation {
  return cursor.nested(() => {
    let left = pivots(cursor, relationPrimary(cursor));
    let length = 1;
    for (let next = join(cursor, left); next; next = join(cursor, left)) {
      left = pivots(cursor, next);
      cursor.limitChain(length, 'value');
      length += 1;
    }
    return left;
  });
}

function pivots(cursor: Cursor, input: Relation): Relation {
  let node = input;
  for (;;) {
    if (cursor.are('PIVOT', '(')) node = { ...pivot(cursor), input: node, range: cursor.since(input) };
    else if (cursor.is('UNPIVOT') && unpivotFollowers.has(cursor.peek(1).key))
      node = { ...unpivot(cursor), input: node, range: cursor.since(input) };
    else return node;
  }
}

const unpivotFollowers: ReadonlySet<string> = new Set(['(', 'INCLUDE', 'EXCLUDE']);

/** The words of a join in their order, and what they make. Longest first. */
const joinTypes: [string[], Join['type']][] = [
  [['LEFT', 'OUTER', 'JOIN'], 'left'],
  [['RIGHT', 'OUTER', 'JOIN'], 'right'],
  [['FULL', 'OUTER', 'JOIN'], 'full'],
  [['LEFT', 'SEMI', 'JOIN'], 'semi'],
  [['LEFT', 'ANTI', 'JOIN'], 'anti'],
  [['INNER', 'JOIN'], 'inner'],
  [['CROSS', 'JOIN'], 'cross'],
  [['LEFT', 'JOIN'], 'left'],
  [['RIGHT', 'JOIN'], 'right'],
  [['FULL', 'JOIN'], 'full'],
  [['SEMI', 'JOIN'], 'semi'],
  [['ANTI', 'JOIN'], 'anti'],
  [['JOIN'], 'inner'],
];

function join(cursor: Cursor, left: Relation): Join | undefined {
  const rest = joinRest(cursor);
  return rest && { ...rest, left, range: cursor.since(left) };
}

/** A join without its left side, as it stands behind `|>`; nothing where none begins. */
export function joinRest(cursor: Cursor): Omit<Join, 'left'> | undefined {
  const natural = cursor.is('NATURAL');
  const mark = cursor.mark();
  if (natural) cursor.next();
  const found = joinTypes.find(([words]) => cursor.acceptAll(...words));
  if (!found) {
    cursor.reset(mark);
    return undefined;
  }
  const right = pivots(cursor, relationPrimary(cursor));
  const node: Omit<Join, 'left'> = { kind: 'join', type: found[1], natural, right, range: right.range };
  if (!natural && cursor.accept('ON')) node.on = expression(cursor);
  else if (!natural && cursor.is('USING')) {
    cursor.next();
    node.using = columnNames(cursor);
  }
  node.range = cursor.rangeFrom(mark);
  return node;
}

function relationPrimary(cursor: Cursor): Relation {
  const mark = cursor.mark();
  const lateral = cursor.is('LATERAL') && cursor.peek(1).key !== 'VIEW';
  if (lateral) cursor.next();
  if (cursor.is('(')) return parenthesised(cursor, mark, lateral);
  if (
    cursor.is('VALUES') &&
    cursor.peek(1).key !== '.' &&
    (cursor.peek(1).key === '(' || cursor.peek(1).kind !== 'op')
  ) {
    return values(cursor);
  }
  if (cursor.is('STREAM') && (cursor.peek(1).key === '(' || isStreamed(cursor))) return stream(cursor, mark);
  if (!isIdentifier(cursor)) cursor.fail('a table, a subquery in parentheses, VALUES or a function');
  const relationName = name(cursor, 'the name of a table');
  if (cursor.is('(')) return tableFunction(cursor, mark, relationName, lateral, false);
  if (lateral) cursor.fail('a subquery or a function after LATERAL');
  return table(cursor, mark, relationName, false);
}

/** `STREAM t`: the word is followed by a name that is no alias of a table called stream. */
function isStreamed(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  if (next.kind === 'quoted') return true;
  return next.kind === 'word' && !notStreamed.has(next.key);
}
const notStreamed: ReadonlySet<string> = new Set([
  ...[
    'AS',
    'JOIN',
    'INNER',
    'LEFT',
    'RIGHT',
    'FULL',
    'CROSS',
    'NATURAL',
    'SEMI',
    'ANTI',
    'WHERE',
    'GROUP',
    'HAVING',
    'ORDER',
  ],
  ...[
    'LIMIT',
    'OFFSET',
    'UNION',
    'EXCEPT',
    'INTERSECT',
    'MINUS',
    'ON',
    'USING',
    'LATERAL',
    'WINDOW',
    'QUALIFY',
    'SELECT',
  ],
  ...['PIVOT', 'UNPIVOT', 'TABLESAMPLE', 'VERSION', 'TIMESTAMP', 'FOR', 'SORT', 'CLUSTER', 'DISTRIBUTE'],
]);

function stream(cursor: Cursor, mark: number): Relation {
  cursor.expect('STREAM');
  const inner = cursor.accept('(');
  const source = name(cursor, 'the name of a table or function');
  if (cursor.is('(')) {
    const node = functionCall(cursor, mark, source, false, true);
    if (inner) cursor.expect(')');
    return named(cursor, mark, node);
  }
  if (inner) cursor.expect(')');
  return table(cursor, mark, source, true);
}

function table(cursor: Cursor, mark: number, tableName: TableFunction['name'], streamed: boolean): Relation {
  const timeTravel = atVersion(cursor) ?? timeTravelClause(cursor);
  const options = cursor.are('WITH', '(') && cursor.accept('WITH') ? properties(cursor) : [];
  const sampled = sample(cursor);
  const alias = tableAlias(cursor);
  return {
    kind: 'table',
    name: tableName,
    timeTravel,
    sample: sampled,
    stream: streamed,
    options,
    alias,
    range: cursor.rangeFrom(mark),
  };
}

/** `t@v3` and `t@20240102030405000`, without spaces. */
export function atVersion(cursor: Cursor): TimeTravel | undefined {
  if (!cursor.is('@')) return undefined;
  cursor.next();
  const mark = cursor.mark();
  const { kind, value } = cursor.token;
  if (kind === 'word' && /^v\d+$/i.test(value)) {
    cursor.next();
    const range = cursor.rangeFrom(mark);
    return { kind: 'version', value: { kind: 'number', text: value.slice(1), type: { kind: 'bigint' }, range } };
  }
  if (kind !== 'number' || !/^\d{17}$/.test(value))
    cursor.fail('a version such as @v3, or a time as @yyyyMMddHHmmssSSS');
  cursor.next();
  const [, date, clock, millis] = /^(\d{8})(\d{6})(\d{3})$/.exec(value)!;
  const text = `${date!.replace(/(....)(..)(..)/, '$1-$2-$3')} ${clock!.replace(/(..)(..)(..)/, '$1:$2:$3')}.${millis}`;
  return { kind: 'timestamp', value: { kind: 'string', value: text, range: cursor.rangeFrom(mark) } };
}

/** `[FOR] VERSION | TIMESTAMP AS OF value`. */
export function timeTravelClause(cursor: Cursor): TimeTravel | undefined {
  const words = cursor.is('FOR')
    ? [cursor.peek(1).key, cursor.peek(2).key, cursor.peek(3).key]
    : [cursor.token.key, cursor.peek(1).key, cursor.peek(2).key];
  if (words[1] !== 'AS' || words[2] !== 'OF') return undefined;
  const version = words[0] === 'VERSION' || words[0] === 'SYSTEM_VERSION';
  if (!version && words[0] !== 'TIMESTAMP' && words[0] !== 'SYSTEM_TIME') return undefined;
  cursor.accept('FOR');
  for (let word = 0; word < 3; word += 1) cursor.next();
  const kind = version ? 'version' : 'timestamp';
  return { kind, value: valueExpression(cursor) };
}

function parenthesised(cursor: Cursor, mark: number, lateral: boolean): Relation {
  if (startsQuery(cursor, 1)) {
    const inner = cursor.parenthesised(() => query(cursor));
    return withAlias(cursor, mark, { kind: 'subqueryRelation', query: inner, lateral, range: cursor.rangeFrom(mark) });
  }
  if (lateral) cursor.fail('a subquery');
  const inner = cursor.parenthesised(() => relation(cursor));
  return withAlias(cursor, mark, { kind: 'nestedRelation', relation: inner, range: cursor.rangeFrom(mark) });
}

function withAlias<T extends Relation & { sample?: Sample; alias?: TableAlias }>(
  cursor: Cursor,
  mark: number,
  node: T,
): T {
  const sampled = sample(cursor);
  const alias = tableAlias(cursor);
  return { ...node, sample: sampled, alias, range: cursor.rangeFrom(mark) };
}

const named = (cursor: Cursor, mark: number, node: TableFunction): TableFunction => {
  const alias = tableAlias(cursor);
  return { ...node, alias, range: cursor.rangeFrom(mark) };
};

/** `[AS] t [(a, b)]`, or `AS (a, b)`. */
export function tableAlias(cursor: Cursor): TableAlias | undefined {
  const mark = cursor.mark();
  if (cursor.accept('AS')) {
    if (cursor.is('(')) return { columns: columnNames(cursor), range: cursor.rangeFrom(mark) };
  } else if (!isAlias(cursor, true)) {
    return undefined;
  }
  const alias = identifier(cursor, 'an alias');
  const columns = cursor.is('(') ? columnNames(cursor) : undefined;
  return { name: alias, columns, range: cursor.rangeFrom(mark) };
}

function tableFunction(
  cursor: Cursor,
  mark: number,
  functionName: TableFunction['name'],
  lateral: boolean,
  streamed: boolean,
): Relation {
  return named(cursor, mark, functionCall(cursor, mark, functionName, lateral, streamed));
}

function functionCall(
  cursor: Cursor,
  mark: number,
  functionName: TableFunction['name'],
  lateral: boolean,
  streamed: boolean,
): TableFunction {
  const node: TableFunction = {
    kind: 'tableFunction',
    name: functionName,
    args: [],
    named: [],
    lateral,
    stream: streamed,
    range: functionName.range,
  };
  cursor.parenthesised(() => {
    if (cursor.is(')')) return;
    cursor.list(() => {
      if (isIdentifier(cursor) && cursor.peek(1).key === '=>') {
        const argumentName = identifier(cursor);
        cursor.next();
        node.named.push({ name: argumentName, value: tableArgument(cursor) });
      } else if (node.named.length > 0) {
        throw cursor.error(
          'UNEXPECTED_POSITIONAL_ARGUMENT',
          'An argument without a name cannot follow one with a name.',
          '4274K',
        );
      } else {
        node.args.push(tableArgument(cursor));
      }
    });
  });
  node.range = cursor.rangeFrom(mark);
  return node;
}

function tableArgument(cursor: Cursor): TableFunction['args'][number] {
  const mark = cursor.mark();
  if (!cursor.is('TABLE') || (cursor.peek(1).key !== '(' && !isIdentifier({ token: cursor.peek(1) })))
    return expression(cursor);
  cursor.next();
  const read = (): TableArgument['table'] =>
    startsQuery(cursor, 0) ? query(cursor) : name(cursor, 'the name of a table');
  const source = cursor.is('(') ? cursor.parenthesised(read) : name(cursor, 'the name of a table');
  return { kind: 'tableArgument', table: source, range: cursor.rangeFrom(mark) };
}
