import type { Identifier, Insert, Query, Statement, With } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, name } from './names.ts';
import { columnNames, query, startsQuery } from './query.ts';
import { unsupportedRest } from './unsupported.ts';

/**
 * INSERT [WITH SCHEMA EVOLUTION] [INTO | OVERWRITE] [TABLE] t [PARTITION …] [(columns)] [BY NAME]
 * [REPLACE WHERE … | REPLACE ON … | REPLACE USING (…)], then a query.
 */
export function insert(cursor: Cursor, mark: number, ctes?: With): Statement {
  cursor.expect('INSERT');
  const schemaEvolution = cursor.acceptAll('WITH', 'SCHEMA', 'EVOLUTION');
  const overwrite = cursor.accept('OVERWRITE');
  if (!overwrite) cursor.expect('INTO');
  if (overwrite && (cursor.is('DIRECTORY') || cursor.are('LOCAL', 'DIRECTORY'))) {
    return unsupportedRest(cursor, mark, 'INSERT OVERWRITE DIRECTORY');
  }
  if (cursor.is('TABLE') && cursor.peek(1).kind !== 'eof') cursor.next();
  const table = name(cursor, 'the name of a table');
  const node: Insert = {
    kind: 'insert',
    mode: overwrite ? 'overwrite' : 'into',
    schemaEvolution,
    table,
    partition: [],
    partitionIfNotExists: false,
    byName: false,
    query: emptyQuery,
    range: table.range,
  };
  if (cursor.is('AS') || cursor.peek(1).key === 'REPLACE') {
    cursor.accept('AS');
    node.alias = identifier(cursor, 'an alias');
  }
  if (cursor.accept('PARTITION')) {
    node.partition = cursor.parenthesised(() => cursor.list(() => partitionValue(cursor)));
    node.partitionIfNotExists = cursor.acceptAll('IF', 'NOT', 'EXISTS');
  }
  targets(cursor, node);
  node.query = query(cursor);
  if (ctes) {
    if (node.query.with)
      throw cursor.unsupported('WITH both before and after INSERT', node.query.with.range, 'keep one of them');
    node.query = { ...node.query, with: ctes };
  }
  node.range = cursor.rangeFrom(mark);
  return node;
}

/** How rows find their columns, and what they replace. */
function targets(cursor: Cursor, node: Insert): void {
  if (cursor.acceptAll('BY', 'NAME')) node.byName = true;
  else if (cursor.is('(') && !startsQuery(cursor, 1)) node.columns = columnNames(cursor);
  if (node.mode !== 'into' || !cursor.accept('REPLACE')) return;
  if (cursor.accept('WHERE')) {
    node.mode = 'replaceWhere';
    node.replaceWhere = expression(cursor);
  } else if (cursor.accept('USING')) {
    node.mode = 'replaceUsing';
    node.replaceUsing = columnNames(cursor);
  } else {
    cursor.expect('ON');
    node.mode = 'replaceOn';
    node.replaceOn = expression(cursor);
  }
}

export function partitionValue(cursor: Cursor): { column: Identifier; value?: Insert['partition'][number]['value'] } {
  const column = identifier(cursor, 'the name of a column');
  return cursor.accept('=') ? { column, value: expression(cursor) } : { column };
}

/** Stands in the node until its query is read. */
export const emptyQuery: Query = {
  kind: 'query',
  body: { kind: 'values', rows: [], range: { start: 0, end: 0 } },
  orderBy: [],
  sortBy: [],
  distributeBy: [],
  clusterBy: [],
  range: { start: 0, end: 0 },
};
