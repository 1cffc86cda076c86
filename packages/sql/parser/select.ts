import type {
  Expression,
  GroupBy,
  GroupItem,
  GroupingSet,
  Hint,
  LateralView,
  Relation,
  Select,
  SelectItem,
} from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { hints } from './hints.ts';
import { identifier, isAlias, name } from './names.ts';
import { relations } from './relations.ts';
import { namedWindows } from './windows.ts';

/** SELECT … up to (not including) ORDER BY and what belongs to the whole query. */
export function select(cursor: Cursor): Select {
  const mark = cursor.mark();
  const head = selectHead(cursor);
  const node = emptySelect(head, cursor.accept('FROM') ? relations(cursor) : []);
  clauses(cursor, node);
  node.range = cursor.rangeFrom(mark);
  return node;
}

/** `FROM t SELECT …` and `FROM t |> …`; the second has no SELECT and takes all columns. */
export function fromFirst(cursor: Cursor): Select {
  const mark = cursor.mark();
  cursor.expect('FROM');
  const from = relations(cursor);
  const views = lateralViews(cursor);
  if (cursor.is('INSERT')) throw cursor.unsupported('FROM … INSERT', cursor.token, 'write INSERT INTO … SELECT');
  const range = cursor.rangeFrom(mark);
  if (!cursor.is('SELECT')) {
    if (!cursor.is('|>')) cursor.fail('SELECT');
    const all: SelectItem = { value: { kind: 'star', qualifier: [], except: [], range }, range };
    return { ...emptySelect({ distinct: false, hints: [], items: [all] }, from), lateralViews: views, range };
  }
  const node = emptySelect(selectHead(cursor), from);
  node.lateralViews.push(...views);
  clauses(cursor, node);
  node.range = cursor.rangeFrom(mark);
  return node;
}

/** SELECT behind `|>`: a list and windows, no other clause. */
export function pipeSelect(cursor: Cursor): Select {
  const mark = cursor.mark();
  const node = emptySelect(selectHead(cursor), []);
  if (cursor.is('GROUP')) {
    throw cursor.error(
      'UNSUPPORTED_FEATURE.CLAUSE_WITH_PIPE_OPERATORS',
      'GROUP BY cannot stand behind |> SELECT: use |> AGGREGATE.',
      '0A000',
    );
  }
  if (cursor.is('WINDOW') && cursor.peek(2).key === 'AS') {
    cursor.next();
    node.windows.push(...namedWindows(cursor));
  }
  node.range = cursor.rangeFrom(mark);
  return node;
}

export function isFromFirst(cursor: Cursor): boolean {
  return cursor.is('FROM');
}

type Head = Pick<Select, 'distinct' | 'hints' | 'items'>;

/** `SELECT items FROM relations`, made of parts that were read already. */
export const selectFrom = (items: SelectItem[], from: Relation[], range: Select['range']): Select => ({
  ...emptySelect({ distinct: false, hints: [], items }, from),
  range,
});

function emptySelect(head: Head, from: Relation[]): Select {
  return { kind: 'select', ...head, from, lateralViews: [], windows: [], range: { start: 0, end: 0 } };
}

function selectHead(cursor: Cursor): Head {
  cursor.expect('SELECT');
  const found: Hint[] = [];
  while (cursor.token.kind === 'hint') found.push(...hints(cursor));
  if (cursor.are('TRANSFORM', '(') && cursor.afterClosing(1)?.key === 'USING')
    throw cursor.unsupported('SELECT TRANSFORM');
  const distinct = cursor.is('DISTINCT') && !endsItem(cursor);
  if (distinct || (cursor.is('ALL') && !endsItem(cursor))) cursor.next();
  const items = cursor.list(() => selectItem(cursor));
  return { distinct, hints: found, items };
}

/** DISTINCT and ALL may be the names of columns. */
function endsItem(cursor: Cursor): boolean {
  const { kind, key } = cursor.peek(1);
  return kind === 'eof' || key === ',' || key === ')' || key === 'FROM' || key === 'AS' || key === '.';
}

/** An item of a select list: `expression [[AS] alias]`. */
export function selectItem(cursor: Cursor): SelectItem {
  const mark = cursor.mark();
  const value = expression(cursor);
  const item: SelectItem = { value, range: value.range };
  if (cursor.is('AS') && cursor.peek(1).kind !== 'eof') {
    cursor.next();
    if (cursor.is('(')) item.aliases = cursor.parenthesised(() => cursor.list(() => identifier(cursor, 'an alias')));
    else item.alias = identifier(cursor, 'an alias');
  } else if (isAlias(cursor, false)) {
    item.alias = identifier(cursor);
  } else if (cursor.is('(') && value.kind === 'call') {
    item.aliases = cursor.parenthesised(() => cursor.list(() => identifier(cursor, 'an alias')));
  }
  item.range = cursor.rangeFrom(mark);
  return item;
}

/** What follows FROM, in its order. */
function clauses(cursor: Cursor, node: Select): void {
  node.lateralViews.push(...lateralViews(cursor));
  if (cursor.accept('WHERE')) node.where = expression(cursor);
  if (cursor.acceptAll('GROUP', 'BY')) node.groupBy = groupBy(cursor);
  if (cursor.accept('HAVING')) node.having = expression(cursor);
  if (cursor.accept('QUALIFY')) node.qualify = expression(cursor);
  if (cursor.is('WINDOW') && cursor.peek(2).key === 'AS') {
    cursor.next();
    node.windows.push(...namedWindows(cursor));
  }
  if (!node.qualify && cursor.accept('QUALIFY')) node.qualify = expression(cursor);
}

function lateralViews(cursor: Cursor): LateralView[] {
  const views: LateralView[] = [];
  while (cursor.are('LATERAL', 'VIEW')) {
    const mark = cursor.mark();
    cursor.expect('LATERAL', 'VIEW');
    const outer = cursor.accept('OUTER');
    const generator = name(cursor, 'a function that makes rows');
    const args = cursor.parenthesised(() => (cursor.is(')') ? [] : cursor.list(() => expression(cursor))));
    // The name of the table is not optional in Spark, but may be the word AS's column when alone.
    const table = cursor.is('AS') ? undefined : identifier(cursor, 'the name of the view');
    const named = cursor.accept('AS') || (table !== undefined && isAlias(cursor, true));
    const columns = named ? cursor.list(() => identifier(cursor, 'the name of a column')) : [];
    views.push({ outer, name: generator, args, table, columns, range: cursor.rangeFrom(mark) });
  }
  return views;
}

function groupBy(cursor: Cursor): GroupBy {
  const mark = cursor.mark();
  if (cursor.is('ALL') && cursor.peek(1).key !== '.' && cursor.peek(1).key !== '(') {
    cursor.next();
    return { all: true, items: [], range: cursor.rangeFrom(mark) };
  }
  const items = cursor.list(() => groupItem(cursor));
  const plain = () =>
    items.map((item) => (item.kind === 'expression' ? item.value : cursor.fail('plain columns before this')));
  if (cursor.is('WITH') && (cursor.peek(1).key === 'ROLLUP' || cursor.peek(1).key === 'CUBE')) {
    const sets = plain().map((value) => [value]);
    cursor.next();
    const kind = cursor.next().key === 'CUBE' ? 'cube' : 'rollup';
    const range = cursor.rangeFrom(mark);
    return { all: false, items: [{ kind, sets, range }], range };
  }
  if (cursor.are('GROUPING', 'SETS')) {
    // Hive's form: the columns before GROUPING SETS are only a list of those within.
    plain();
    const sets = groupItem(cursor);
    return { all: false, items: [sets], range: cursor.rangeFrom(mark) };
  }
  return { all: false, items, range: cursor.rangeFrom(mark) };
}

function groupItem(cursor: Cursor): GroupItem {
  const mark = cursor.mark();
  if ((cursor.is('ROLLUP') || cursor.is('CUBE')) && cursor.peek(1).key === '(') {
    const kind = cursor.next().key === 'CUBE' ? 'cube' : 'rollup';
    const sets = cursor.parenthesised(() => cursor.list(() => groupingColumns(cursor)));
    return { kind, sets, range: cursor.rangeFrom(mark) };
  }
  if (cursor.acceptAll('GROUPING', 'SETS')) {
    const sets = cursor.parenthesised(() => cursor.list(() => groupingSet(cursor)));
    return { kind: 'groupingSets', sets, range: cursor.rangeFrom(mark) };
  }
  const value = expression(cursor);
  return { kind: 'expression', value, range: value.range };
}

/** `a`, `(a, b)` or `()`. */
function groupingColumns(cursor: Cursor): Expression[] {
  if (cursor.acceptAll('(', ')')) return [];
  const value = expression(cursor);
  return value.kind === 'row' ? value.items : [value];
}

function groupingSet(cursor: Cursor): GroupingSet {
  const mark = cursor.mark();
  if (cursor.is('ROLLUP') || cursor.is('CUBE') || cursor.is('GROUPING')) {
    const item = groupItem(cursor);
    if (item.kind !== 'expression') return item;
    return { kind: 'set', items: [item.value], range: item.range };
  }
  return { kind: 'set', items: groupingColumns(cursor), range: cursor.rangeFrom(mark) };
}
