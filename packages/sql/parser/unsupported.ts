import type { UnsupportedStatement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';

/**
 * Statements of the dialect that the workspace does not run, by their first words (longest first for the same beginning).
 * The planner refuses them by name.
 */
const heads: [string[], string][] = [
  [['CONVERT', 'TO', 'DELTA'], 'CONVERT TO DELTA'],
  [['FSCK'], 'FSCK REPAIR TABLE'],
  [['MSCK'], 'MSCK REPAIR TABLE'],
  [['REPAIR'], 'REPAIR TABLE'],
  [['CALL'], 'CALL'],
  [['CACHE'], 'CACHE'],
  [['UNCACHE'], 'UNCACHE TABLE'],
  [['CLEAR', 'CACHE'], 'CLEAR CACHE'],
  [['COPY', 'INTO'], 'COPY INTO'],
  [['LOAD', 'DATA'], 'LOAD DATA'],
  [['REPLACE', 'TABLE'], 'REPLACE TABLE'],
  [['APPLY', 'CHANGES', 'INTO'], 'APPLY CHANGES INTO'],
  [['AUTO', 'CDC', 'INTO'], 'AUTO CDC INTO'],
  [['UNDROP'], 'UNDROP'],
  [['SYNC'], 'SYNC'],
  [['DENY'], 'DENY'],
  [['GET'], 'GET'],
  [['PUT'], 'PUT'],
  [['REMOVE'], 'REMOVE'],
  [['ADD', 'JAR'], 'ADD JAR'],
  [['ADD', 'FILE'], 'ADD FILE'],
  [['ADD', 'ARCHIVE'], 'ADD ARCHIVE'],
  [['LIST', 'JAR'], 'LIST JAR'],
  [['LIST', 'FILE'], 'LIST FILE'],
  [['COMMIT'], 'COMMIT'],
  [['ROLLBACK'], 'ROLLBACK'],
  [['IMPORT'], 'IMPORT'],
  [['EXPORT'], 'EXPORT'],
  [['LOCK'], 'LOCK'],
  [['UNLOCK'], 'UNLOCK'],
];

const altered: ReadonlySet<string> = new Set(['MATERIALIZED', 'STREAMING', 'EXTERNAL', 'STORAGE', 'SERVICE']);

/** The statement at the cursor, if it is one that is known and not run. */
export function unsupportedStatement(cursor: Cursor): UnsupportedStatement | undefined {
  const found = heads.find(([words]) => cursor.are(...words));
  if (!found) return undefined;
  const next = cursor.peek(found[0].length);
  // A head alone is only half a statement (or a slip), except where it is the whole of it.
  if (next.kind === 'eof' && !['CACHE', 'COMMIT', 'ROLLBACK'].includes(cursor.peek(found[0].length - 1).key)) {
    cursor.next();
    cursor.fail('the rest of the statement');
  }
  const mark = cursor.mark();
  let construct = found[1];
  if (construct === 'ALTER' || construct === 'CACHE') {
    construct += ` ${next.key}`;
    if (altered.has(next.key)) construct += ` ${cursor.peek(2).key}`;
  }
  return unsupportedRest(cursor, mark, construct);
}

/** Reads to the end of the statement, so that only what cannot be divided into tokens is still a syntax error. */
export function unsupportedRest(cursor: Cursor, mark: number, construct: string): UnsupportedStatement {
  while (!cursor.atEnd()) {
    if (cursor.token.kind === 'bad') cursor.fail('a statement');
    cursor.next();
  }
  return { kind: 'unsupported', construct, range: cursor.rangeFrom(mark) };
}
