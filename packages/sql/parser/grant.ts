import type { SecurableRef, Statement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { identifier, isIdentifier, name } from './names.ts';

/** GRANT a, b ON kind name TO principal; REVOKE … FROM principal. */
export function grantOrRevoke(cursor: Cursor): Statement {
  const mark = cursor.mark();
  const kind = cursor.next().key === 'GRANT' ? 'grant' : 'revoke';
  const privileges = cursor.list(() => privilege(cursor));
  cursor.expect('ON');
  const on = securable(cursor);
  cursor.expect(kind === 'grant' ? 'TO' : 'FROM');
  const who = principal(cursor);
  return { kind, privileges, on, principal: who, range: cursor.rangeFrom(mark) };
}

function privilege(cursor: Cursor): string {
  const words: string[] = [];
  while (cursor.token.kind === 'word' && !cursor.is('ON')) words.push(cursor.next().key);
  if (words.length === 0) cursor.fail('a privilege such as SELECT or USE SCHEMA');
  return words.join(' ');
}

/** A user or group: an e-mail in back-ticks, a string, or a bare word. */
export function principal(cursor: Cursor): string {
  if (cursor.token.kind === 'string') return cursor.expectString();
  const first = identifier(cursor, 'a user or group, in back-ticks');
  // ann@example.org is three tokens or more without back-ticks, and no name.
  if (cursor.is('@')) {
    throw cursor.syntaxError(`Write the e-mail of a user in back-ticks: \`${first.name}@…\`.`, first.range);
  }
  return first.name;
}

const kinds: [string[], SecurableRef['what']][] = [
  [['MATERIALIZED', 'VIEW'], 'materializedView'],
  [['STREAMING', 'TABLE'], 'streamingTable'],
  [['EXTERNAL', 'LOCATION'], 'other'],
  [['STORAGE', 'CREDENTIAL'], 'other'],
  [['SERVICE', 'CREDENTIAL'], 'other'],
  [['CATALOG'], 'catalog'],
  [['SCHEMA'], 'schema'],
  [['DATABASE'], 'schema'],
  [['NAMESPACE'], 'schema'],
  [['TABLE'], 'table'],
  [['VIEW'], 'view'],
  [['VOLUME'], 'volume'],
  [['FUNCTION'], 'function'],
  [['CONNECTION'], 'other'],
  [['SHARE'], 'other'],
  [['CREDENTIAL'], 'other'],
  [['PROCEDURE'], 'other'],
];

/** `TABLE a.b.c`, `SCHEMA s`, METASTORE, or a bare name of a table or view. */
export function securable(cursor: Cursor): SecurableRef {
  const mark = cursor.mark();
  if (cursor.is('METASTORE') && !startsName(cursor, 1)) {
    cursor.next();
    return { what: 'metastore', written: 'METASTORE', range: cursor.rangeFrom(mark) };
  }
  const found = kinds.find(([words]) => cursor.are(...words) && startsName(cursor, words.length));
  if (found) cursor.acceptAll(...found[0]);
  const target = name(cursor, 'the name of a catalog, schema, table, view or volume');
  return {
    what: found?.[1] ?? 'any',
    written: found?.[0].join(' ') ?? '',
    name: target,
    range: cursor.rangeFrom(mark),
  };
}

/** Not a name where the word before it is the name itself: GRANT SELECT ON table TO …. */
function startsName(cursor: Cursor, ahead: number): boolean {
  const token = cursor.peek(ahead);
  return isIdentifier({ token }) && token.key !== 'TO' && token.key !== 'FROM' && token.key !== 'IS';
}

/** COMMENT ON kind name IS 'text' | NULL. */
export function commentOn(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('COMMENT', 'ON');
  const start = cursor.mark();
  let on: Extract<Statement, { kind: 'commentOn' }>['on'];
  if (cursor.is('COLUMN') && startsName(cursor, 1)) {
    cursor.next();
    on = {
      what: 'column',
      written: 'COLUMN',
      name: name(cursor, 'the name of a column'),
      range: cursor.rangeFrom(start),
    };
  } else {
    on = securable(cursor);
  }
  cursor.expect('IS');
  const comment = cursor.accept('NULL') ? null : cursor.expectString('a string or NULL');
  return { kind: 'commentOn', on, comment, range: cursor.rangeFrom(mark) };
}
