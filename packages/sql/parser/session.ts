import type { SetStatement, Statement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { intervalLiteral } from './literals.ts';
import { isIdentifier, name } from './names.ts';
import { unsupportedRest } from './unsupported.ts';
import { assignments } from './variable.ts';

/** USE [CATALOG | SCHEMA] name. */
export function use(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('USE');
  const named = isIdentifier({ token: cursor.peek(1) });
  let what: 'catalog' | 'schema' | 'any' = 'any';
  if (named && cursor.accept('CATALOG')) what = 'catalog';
  else if (named && (cursor.accept('SCHEMA') || cursor.accept('DATABASE') || cursor.accept('NAMESPACE')))
    what = 'schema';
  return { kind: 'use', what, name: name(cursor, 'the name of a schema or catalog'), range: cursor.rangeFrom(mark) };
}

/** SET …: its value is the text up to the end, as Spark takes it. */
export function set(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('SET');
  if (cursor.options.script) return assignments(cursor, mark);
  if ((cursor.is('VAR') || cursor.is('VARIABLE')) && cursor.peek(1).key !== '=' && cursor.peek(1).kind !== 'eof') {
    cursor.next();
    return assignments(cursor, mark);
  }
  if (cursor.is('ROLE')) return unsupportedRest(cursor, mark, 'SET ROLE');
  if (cursor.is('CATALOG') && cursor.peek(1).key !== '=' && cursor.peek(1).kind !== 'eof') {
    cursor.next();
    return { kind: 'use', what: 'catalog', name: name(cursor, 'the name of a catalog'), range: cursor.rangeFrom(mark) };
  }
  const target = cursor.acceptAll('TIME', 'ZONE') ? timeZone(cursor) : keyAndValue(cursor);
  return { kind: 'set', target, range: cursor.rangeFrom(mark) };
}

function timeZone(cursor: Cursor): SetStatement['target'] {
  if (cursor.accept('LOCAL')) return { what: 'timeZone', value: 'LOCAL' };
  if (cursor.is('INTERVAL')) return { what: 'timeZone', value: intervalLiteral(cursor) };
  return { what: 'timeZone', value: cursor.expectString("a time zone such as 'Europe/Rome', LOCAL or an interval") };
}

function keyAndValue(cursor: Cursor): SetStatement['target'] {
  if (cursor.atEnd()) return { what: 'all' };
  if (cursor.token.key === '-' && cursor.peek(1).key === 'V') {
    cursor.next();
    cursor.next();
    return { what: 'all' };
  }
  const keyMark = cursor.mark();
  while (!cursor.atEnd() && !cursor.is('=')) readToken(cursor);
  const key = textFrom(cursor, keyMark).replace(/^`(.*)`$/, '$1');
  if (!cursor.accept('=')) {
    if (!/^[\w.:]+$/.test(key)) throw invalid(cursor, keyMark);
    return { what: 'key', key };
  }
  if (!/^[\w.: -]+$/.test(key)) throw invalid(cursor, keyMark);
  const valueMark = cursor.mark();
  while (!cursor.atEnd()) readToken(cursor);
  return { what: 'assign', key, value: textFrom(cursor, valueMark).replace(/^`([^`]*)`$/, '$1') };
}

function readToken(cursor: Cursor): void {
  if (cursor.token.kind === 'bad' && cursor.token.end - cursor.token.start > 1) cursor.fail('a value');
  cursor.next();
}

function textFrom(cursor: Cursor, mark: number): string {
  const { start, end } = cursor.rangeFrom(mark);
  return cursor.text.slice(start, end);
}

function invalid(cursor: Cursor, mark: number) {
  return cursor.error(
    'INVALID_SET_SYNTAX',
    'Write SET key = value, SET key, or SET TIME ZONE …; a key has letters, digits and dots.',
    '42000',
    cursor.rangeFrom(mark),
  );
}

/** RESET [key]. */
export function reset(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('RESET');
  const key = cursor.atEnd()
    ? undefined
    : name(cursor, 'the key of a setting')
        .parts.map((part) => part.name)
        .join('.');
  return { kind: 'set', target: { what: 'reset', key }, range: cursor.rangeFrom(mark) };
}
