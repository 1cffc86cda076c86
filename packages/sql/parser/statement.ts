import type { Drop, Explain, Statement } from '../ast/index.ts';
import { alter } from './alter.ts';
import { create } from './create.ts';
import type { Cursor } from './cursor.ts';
import { refresh } from './dataset.ts';
import { describe } from './describe.ts';
import { commentOn, grantOrRevoke } from './grant.ts';
import { insert } from './insert.ts';
import { analyze, optimize, reorg, restore, vacuum } from './maintain.ts';
import { deleteFrom, merge, truncate, update } from './modify.ts';
import { name } from './names.ts';
import { query, withClause } from './query.ts';
import { dropFunction } from './routine.ts';
import { script } from './script.ts';
import { reset, set, use } from './session.ts';
import { show } from './show.ts';
import { unsupportedRest, unsupportedStatement } from './unsupported.ts';
import { declareVariable, dropVariable, executeImmediate } from './variable.ts';

/** Statements by their first word. */
const statements: Record<string, (cursor: Cursor) => Statement> = {
  SELECT: queryStatement,
  VALUES: queryStatement,
  FROM: queryStatement,
  TABLE: queryStatement,
  MAP: queryStatement,
  REDUCE: queryStatement,
  '(': queryStatement,
  WITH: afterWith,
  INSERT: (cursor) => insert(cursor, cursor.mark()),
  CREATE: create,
  DROP: drop,
  REFRESH: refresh,
  DESCRIBE: describe,
  DESC: describe,
  SHOW: show,
  USE: use,
  SET: set,
  RESET: reset,
  DELETE: deleteFrom,
  UPDATE: update,
  MERGE: (cursor) => merge(cursor),
  TRUNCATE: truncate,
  ALTER: alter,
  OPTIMIZE: optimize,
  VACUUM: vacuum,
  RESTORE: restore,
  REORG: reorg,
  ANALYZE: analyze,
  GRANT: grantOrRevoke,
  REVOKE: grantOrRevoke,
  COMMENT: commentOn,
  EXPLAIN: explain,
  DECLARE: declareVariable,
  EXECUTE: executeImmediate,
  BEGIN: begin,
};

/** One whole statement. The cursor stands at its end afterwards. */
export function statement(cursor: Cursor): Statement {
  const node = anyStatement(cursor);
  if (!cursor.atEnd()) cursor.fail('the end of the statement');
  return node;
}

function anyStatement(cursor: Cursor): Statement {
  const read = Object.hasOwn(statements, cursor.token.key) ? statements[cursor.token.key] : undefined;
  return (
    read?.(cursor) ?? unsupportedStatement(cursor) ?? cursor.fail('a statement such as SELECT, INSERT or CREATE TABLE')
  );
}

/** A script; BEGIN TRANSACTION is no part of the dialect. */
function begin(cursor: Cursor): Statement {
  if (cursor.peek(1).key === 'TRANSACTION') return unsupportedRest(cursor, cursor.mark(), 'BEGIN TRANSACTION');
  if (cursor.peek(1).kind === 'eof') {
    cursor.next();
    cursor.fail('a statement');
  }
  const found = script(cursor, statement);
  cursor.accept(';');
  return found;
}

function queryStatement(cursor: Cursor): Statement {
  const found = query(cursor);
  return { kind: 'queryStatement', query: found, range: found.range };
}

/** WITH may also stand before INSERT and the statements that are refused. */
function afterWith(cursor: Cursor): Statement {
  const mark = cursor.mark();
  const ctes = withClause(cursor);
  if (cursor.is('INSERT')) return insert(cursor, mark, ctes);
  if (cursor.is('MERGE')) return merge(cursor, mark, ctes);
  if (cursor.is('DELETE') || cursor.is('UPDATE'))
    return unsupportedRest(cursor, mark, `WITH before ${cursor.token.key}`);
  const refused = unsupportedStatement(cursor);
  if (refused) return refused;
  cursor.reset(mark);
  return queryStatement(cursor);
}

const explainModes: ReadonlySet<string> = new Set(['EXTENDED', 'CODEGEN', 'COST', 'FORMATTED', 'LOGICAL']);

function explain(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('EXPLAIN');
  const mode = (cursor.acceptOneOf(explainModes)?.toLowerCase() ?? 'simple') as Explain['mode'];
  const inner = cursor.nested(() => anyStatement(cursor));
  return { kind: 'explain', mode, statement: inner, range: cursor.rangeFrom(mark) };
}

const droppable: [string[], Drop['what']][] = [
  [['MATERIALIZED', 'VIEW'], 'materializedView'],
  [['STREAMING', 'TABLE'], 'streamingTable'],
  [['TEMPORARY', 'VIEW'], 'view'],
  [['TABLE'], 'table'],
  [['VIEW'], 'view'],
  [['SCHEMA'], 'schema'],
  [['DATABASE'], 'schema'],
  [['NAMESPACE'], 'schema'],
  [['CATALOG'], 'catalog'],
  [['VOLUME'], 'volume'],
];
const undroppable: ReadonlySet<string> = new Set([
  ...['TEMPORARY', 'VARIABLE', 'INDEX', 'BLOOMFILTER', 'SHARE', 'RECIPIENT', 'PROVIDER', 'CONNECTION', 'CREDENTIAL'],
  ...['STORAGE', 'SERVICE', 'EXTERNAL', 'ROLE', 'POLICY', 'PROCEDURE', 'FLOW', 'SINK', 'TEMP'],
]);

function drop(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('DROP');
  const word = cursor.token.key;
  const temporary = word === 'TEMPORARY' || word === 'TEMP';
  const kind = cursor.peek(temporary ? 1 : 0).key;
  if (kind === 'FUNCTION' || (temporary && kind === 'VARIABLE')) {
    for (let skipped = temporary ? 2 : 1; skipped > 0; skipped -= 1) cursor.next();
    return kind === 'FUNCTION' ? dropFunction(cursor, mark, temporary) : dropVariable(cursor, mark);
  }
  const found = droppable.find(([words]) => cursor.acceptAll(...words));
  if (!found) {
    if (!undroppable.has(word)) cursor.fail('TABLE, VIEW, SCHEMA, CATALOG or VOLUME');
    const second = word === 'TEMPORARY' || word === 'TEMP' || word === 'EXTERNAL' ? ` ${cursor.peek(1).key}` : '';
    return unsupportedRest(cursor, mark, `DROP ${word}${second}`);
  }
  const ifExists = cursor.acceptAll('IF', 'EXISTS');
  const target = name(cursor, 'the name of what to drop');
  const cascade = cursor.accept('CASCADE');
  if (!cascade) cursor.accept('RESTRICT');
  const purge = found[1] === 'table' && cursor.accept('PURGE');
  return { kind: 'drop', what: found[1], name: target, ifExists, cascade, purge, range: cursor.rangeFrom(mark) };
}
