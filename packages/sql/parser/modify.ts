import type {
  Assignment,
  Expression,
  MergeSet,
  MergeValues,
  MergeWhen,
  Name,
  Query,
  Relation,
  SelectItem,
  Statement,
  TableAlias,
  With,
} from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { emptyQuery, partitionValue } from './insert.ts';
import { name } from './names.ts';
import { relation, tableAlias } from './relations.ts';
import { selectFrom } from './select.ts';

/** Words that follow a target where it has no alias. */
const afterTarget: ReadonlySet<string> = new Set(['WHERE', 'SET', 'USING']);

function target(cursor: Cursor): { table: Name; alias?: TableAlias } {
  const table = name(cursor, 'the name of a table');
  const alias = cursor.isOneOf(afterTarget) ? undefined : tableAlias(cursor);
  if (alias?.columns)
    throw cursor.syntaxError('The alias of a table that is changed has no column names.', alias.range);
  return { table, ...(alias ? { alias } : {}) };
}

const where = (cursor: Cursor): { where?: Expression } => (cursor.accept('WHERE') ? { where: expression(cursor) } : {});

/** DELETE FROM t [AS alias] [WHERE condition]. */
export function deleteFrom(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('DELETE', 'FROM');
  return { kind: 'delete', ...target(cursor), ...where(cursor), range: cursor.rangeFrom(mark) };
}

/** UPDATE t [AS alias] SET a = 1, b.c = DEFAULT [WHERE condition]. */
export function update(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('UPDATE');
  const node = target(cursor);
  cursor.expect('SET');
  const assignments = cursor.list(() => assignment(cursor));
  return { kind: 'update', ...node, assignments, ...where(cursor), range: cursor.rangeFrom(mark) };
}

function assignment(cursor: Cursor): Assignment {
  const mark = cursor.mark();
  const path = name(cursor, 'the name of a column');
  // `==` is the same sign in Spark's grammar.
  if (!cursor.accept('=') && !cursor.accept('==')) cursor.fail('=');
  return { target: path, value: expression(cursor), range: cursor.rangeFrom(mark) };
}

/** MERGE [WITH SCHEMA EVOLUTION] INTO t USING source ON condition WHEN …. */
export function merge(cursor: Cursor, mark = cursor.mark(), ctes?: With): Statement {
  cursor.expect('MERGE');
  const schemaEvolution = cursor.acceptAll('WITH', 'SCHEMA', 'EVOLUTION');
  cursor.expect('INTO');
  const node = target(cursor);
  cursor.expect('USING');
  const source = withCtes(relation(cursor), ctes, cursor);
  if (source.kind === 'table' && source.timeTravel)
    throw cursor.syntaxError(
      'The source of MERGE is a table, or a query in parentheses: (SELECT * FROM t VERSION AS OF 1).',
      source.range,
    );
  cursor.expect('ON');
  const on = expression(cursor);
  const clauses: MergeWhen[] = [];
  while (cursor.is('WHEN')) clauses.push(when(cursor));
  if (!clauses.length) {
    if (cursor.atEnd())
      throw cursor.error(
        'MERGE_WITHOUT_WHEN',
        'MERGE needs at least one WHEN clause.',
        '42601',
        cursor.rangeFrom(mark),
      );
    cursor.fail('WHEN');
  }
  return { kind: 'merge', schemaEvolution, ...node, source, on, clauses, range: cursor.rangeFrom(mark) };
}

/** WITH before MERGE belongs to its source: the source becomes a query that begins with it. */
function withCtes(source: Relation, ctes: With | undefined, cursor: Cursor): Relation {
  if (!ctes) return source;
  const { range } = source;
  if (source.kind === 'table') {
    const all: SelectItem = { value: { kind: 'star', qualifier: [], except: [], range }, range };
    const body = selectFrom([all], [{ ...source, alias: undefined }], range);
    const query: Query = { ...emptyQuery, with: ctes, body, range };
    const alias = source.alias ?? { name: source.name.parts.at(-1)!, range };
    return { kind: 'subqueryRelation', query, lateral: false, alias, range };
  }
  if (source.kind === 'subqueryRelation' && !source.query.with)
    return { ...source, query: { ...source.query, with: ctes } };
  throw cursor.unsupported('WITH before MERGE with such a source', range, 'put it into the source');
}

function when(cursor: Cursor): MergeWhen {
  const mark = cursor.mark();
  cursor.expect('WHEN');
  const matched = !cursor.accept('NOT');
  cursor.expect('MATCHED');
  let kind: MergeWhen['when'] = matched ? 'matched' : 'notMatched';
  if (!matched && cursor.acceptAll('BY', 'SOURCE')) kind = 'notMatchedBySource';
  else if (!matched) cursor.acceptAll('BY', 'TARGET');
  const condition = cursor.accept('AND') ? expression(cursor) : undefined;
  cursor.expect('THEN');
  const action = kind === 'notMatched' ? insertAction(cursor) : changeAction(cursor, kind);
  return { when: kind, ...(condition ? { condition } : {}), action, range: cursor.rangeFrom(mark) };
}

function changeAction(cursor: Cursor, kind: MergeWhen['when']): MergeWhen['action'] {
  if (cursor.accept('DELETE')) return { kind: 'delete' };
  if (!cursor.acceptAll('UPDATE', 'SET')) cursor.fail('DELETE or UPDATE SET');
  const star = kind === 'matched' && cursor.accept('*');
  const set: MergeSet = star ? { star } : { star: false, assignments: cursor.list(() => assignment(cursor)) };
  return { kind: 'update', set };
}

function insertAction(cursor: Cursor): MergeWhen['action'] {
  cursor.expect('INSERT');
  if (cursor.accept('*')) return { kind: 'insert', values: { star: true } };
  const columns = cursor.parenthesised(() => cursor.list(() => name(cursor, 'the name of a column')));
  cursor.expect('VALUES');
  const values: MergeValues = {
    star: false,
    columns,
    values: cursor.parenthesised(() => cursor.list(() => expression(cursor))),
  };
  return { kind: 'insert', values };
}

/** TRUNCATE TABLE t [PARTITION (…)]. */
export function truncate(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('TRUNCATE', 'TABLE');
  const table = name(cursor, 'the name of a table');
  const partition = cursor.accept('PARTITION')
    ? cursor.parenthesised(() => cursor.list(() => partitionValue(cursor)))
    : [];
  return { kind: 'truncate', table, partition, range: cursor.rangeFrom(mark) };
}
