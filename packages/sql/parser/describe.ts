import type { Describe, Statement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { isIdentifier, name } from './names.ts';
import { query, startsQuery } from './query.ts';

type Target = Describe['target'];

/** DESCRIBE and DESC in all their forms; a table may be called like one of the words. */
export function describe(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.next();
  const target = describeTarget(cursor);
  return { kind: 'describe', target, range: cursor.rangeFrom(mark) };
}

/** Does something that can be a name follow the word at the cursor? */
function names(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  return next.kind === 'word' || next.kind === 'quoted' || next.kind === 'string';
}

function describeTarget(cursor: Cursor): Target {
  if (cursor.is('QUERY') && cursor.peek(1).kind !== 'eof' && cursor.peek(1).key !== '.') {
    cursor.next();
    return { what: 'query', query: query(cursor) };
  }
  if (startsQuery(cursor, 0) && !cursor.is('TABLE')) return { what: 'query', query: query(cursor) };
  switch (names(cursor) ? cursor.token.key : '') {
    case 'FUNCTION':
      return describeFunction(cursor);
    case 'CATALOG':
      cursor.next();
      return { what: 'catalog', extended: extended(cursor), name: name(cursor, 'the name of a catalog') };
    case 'SCHEMA':
    case 'DATABASE':
    case 'NAMESPACE':
      cursor.next();
      return { what: 'schema', extended: extended(cursor), name: name(cursor, 'the name of a schema') };
    case 'VOLUME':
      cursor.next();
      return { what: 'volume', extended: extended(cursor), name: name(cursor, 'the name of a volume') };
    case 'HISTORY':
    case 'DETAIL':
      return tableLog(cursor);
    default:
  }
  if (cursor.is('TABLE') && names(cursor)) cursor.next();
  const isExtended = extended(cursor);
  const table = name(cursor, 'the name of a table');
  const partition = cursor.is('PARTITION');
  if (partition) {
    cursor.next();
    cursor.parenthesised(() => cursor.list(() => expression(cursor)));
  }
  const asJson = cursor.acceptAll('AS', 'JSON');
  const column = !asJson && isIdentifier(cursor) ? name(cursor) : undefined;
  return {
    what: 'table',
    name: table,
    extended: isExtended,
    asJson: asJson || cursor.acceptAll('AS', 'JSON'),
    partition,
    column,
  };
}

function extended(cursor: Cursor): boolean {
  if (!names(cursor) || !(cursor.is('EXTENDED') || cursor.is('FORMATTED'))) return false;
  cursor.next();
  return true;
}

function tableLog(cursor: Cursor): Target {
  const what = cursor.next().key === 'HISTORY' ? 'history' : 'detail';
  if (cursor.token.kind === 'string') {
    throw cursor.unsupported(`DESCRIBE ${what.toUpperCase()} of a path`, cursor.token, 'name the table');
  }
  if (cursor.is('TABLE') && names(cursor)) cursor.next();
  const table = name(cursor, 'the name of a table');
  const limit = what === 'history' && cursor.accept('LIMIT') ? expression(cursor) : undefined;
  return { what, name: table, limit };
}

function describeFunction(cursor: Cursor): Target {
  cursor.expect('FUNCTION');
  const isExtended = extended(cursor);
  if (cursor.token.kind === 'string') return { what: 'function', name: cursor.expectString(), extended: isExtended };
  if (cursor.token.kind === 'op') return { what: 'function', name: cursor.next().value, extended: isExtended };
  const parts = name(cursor, 'the name of a function').parts.map((part) => part.name);
  return { what: 'function', name: parts.join('.'), extended: isExtended };
}
