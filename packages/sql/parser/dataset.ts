import type { CreateDataset, Statement } from '../ast/index.ts';
import { tableClauses } from './clauses.ts';
import { tableElements } from './columns.ts';
import { type CreateHead, ifNotExists, noElements } from './create.ts';
import type { Cursor } from './cursor.ts';
import { name } from './names.ts';
import { query } from './query.ts';
import { unsupportedRest } from './unsupported.ts';

/**
 * Datasets of a pipeline. The older spellings CREATE LIVE TABLE and CREATE STREAMING LIVE TABLE mean a materialized view
 * and a streaming table.
 */
export function createDataset(cursor: Cursor, head: CreateHead, kind: 'TABLE' | 'VIEW'): Statement {
  const streaming = head.words.has('STREAMING');
  if (!streaming && kind === 'TABLE' && !head.words.has('LIVE')) {
    throw cursor.syntaxError('OR REFRESH and PRIVATE belong to a STREAMING TABLE or a MATERIALIZED VIEW.');
  }
  const exists = ifNotExists(cursor);
  const datasetName = name(cursor, 'the name of a dataset');
  const listed = cursor.is('(') ? tableElements(cursor, 'optional') : noElements();
  const node: CreateDataset = {
    kind: 'createDataset',
    dataset: streaming ? 'streamingTable' : 'materializedView',
    name: datasetName,
    orRefresh: head.orRefresh,
    orReplace: head.orReplace,
    private: head.words.has('PRIVATE') || head.words.has('TEMPORARY') || head.words.has('TEMP'),
    ifNotExists: exists,
    ...listed,
    clauses: { partitionedBy: [], properties: [], options: [], unsupported: [] },
    range: datasetName.range,
  };
  node.clauses = tableClauses(cursor, (inner) => datasetClause(inner, node));
  if (cursor.is('FLOW')) {
    const refused = flowClause(cursor, head, node);
    if (refused) return refused;
  } else if (cursor.accept('AS')) {
    node.query = query(cursor);
  } else if (!streaming) {
    cursor.fail('AS and a query');
  }
  node.range = cursor.rangeFrom(head.mark);
  return node;
}

function datasetClause(cursor: Cursor, node: CreateDataset): boolean {
  if (cursor.acceptAll('REFRESH', 'POLICY')) {
    if (cursor.acceptAll('INCREMENTAL', 'STRICT')) node.refreshPolicy = 'incrementalStrict';
    else {
      const policy = cursor.acceptOneOf(policies);
      if (!policy) cursor.fail('AUTO, INCREMENTAL, INCREMENTAL STRICT or FULL');
      node.refreshPolicy = policy.toLowerCase() as 'auto' | 'incremental' | 'full';
    }
    return true;
  }
  if (!cursor.is('SCHEDULE') && !cursor.are('TRIGGER', 'ON')) return false;
  const start = cursor.mark();
  while (!cursor.atEnd() && !cursor.is('AS') && !cursor.isOneOf(afterSchedule)) cursor.next();
  const { start: from, end } = cursor.rangeFrom(start);
  node.schedule = cursor.text.slice(from, end);
  return true;
}

const policies: ReadonlySet<string> = new Set(['AUTO', 'INCREMENTAL', 'FULL']);
const afterSchedule: ReadonlySet<string> = new Set([
  'COMMENT',
  'TBLPROPERTIES',
  'CLUSTER',
  'PARTITIONED',
  'FLOW',
  'WITH',
]);

/** FLOW INSERT [ONCE] BY NAME query, in place of AS query. */
function flowClause(cursor: Cursor, head: CreateHead, node: CreateDataset): Statement | undefined {
  cursor.expect('FLOW');
  if (isChangeFlow(cursor)) return unsupportedRest(cursor, head.mark, 'FLOW AUTO CDC');
  if (cursor.is('REPLACE')) return unsupportedRest(cursor, head.mark, 'FLOW REPLACE WHERE');
  cursor.expect('INSERT');
  const once = cursor.accept('ONCE');
  node.flow = { once, byName: cursor.acceptAll('BY', 'NAME') };
  node.query = query(cursor);
  return undefined;
}

const isChangeFlow = (cursor: Cursor) => cursor.are('AUTO', 'CDC') || cursor.are('APPLY', 'CHANGES');

/** CREATE FLOW name [COMMENT c] AS INSERT INTO [ONCE] target [BY NAME] query. */
export function createFlow(cursor: Cursor, head: CreateHead): Statement {
  const exists = ifNotExists(cursor);
  const flowName = name(cursor, 'the name of a flow');
  const comment = cursor.accept('COMMENT') ? cursor.expectString() : undefined;
  cursor.expect('AS');
  if (isChangeFlow(cursor)) return unsupportedRest(cursor, head.mark, 'CREATE FLOW … AS AUTO CDC INTO');
  cursor.expect('INSERT');
  let once = cursor.accept('ONCE');
  cursor.expect('INTO');
  // ONCE stands before or after INTO; a target may itself be called once.
  if (
    !once &&
    cursor.is('ONCE') &&
    cursor.peek(1).kind === 'word' &&
    cursor.peek(1).key !== 'BY' &&
    cursor.peek(1).key !== 'SELECT'
  ) {
    once = cursor.accept('ONCE');
  }
  const target = name(cursor, 'the name of a streaming table');
  const byName = cursor.acceptAll('BY', 'NAME');
  const body = query(cursor);
  return {
    kind: 'createFlow',
    name: flowName,
    ifNotExists: exists,
    comment,
    target,
    once,
    byName,
    query: body,
    range: cursor.rangeFrom(head.mark),
  };
}

/** REFRESH [MATERIALIZED VIEW | STREAMING TABLE | TABLE] name [FULL] [SYNC | ASYNC]. */
export function refresh(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('REFRESH');
  if (cursor.token.kind === 'string' || cursor.is('FUNCTION'))
    return unsupportedRest(cursor, mark, 'REFRESH of a path or function');
  let what: 'materializedView' | 'streamingTable' | 'table' = 'table';
  if (cursor.acceptAll('MATERIALIZED', 'VIEW')) what = 'materializedView';
  else if (cursor.acceptAll('STREAMING', 'TABLE')) what = 'streamingTable';
  else if (cursor.is('TABLE') && cursor.peek(1).kind !== 'eof') cursor.next();
  const target = name(cursor, 'the name of a table');
  const full = cursor.accept('FULL');
  if (!cursor.accept('SYNC')) cursor.accept('ASYNC');
  return { kind: 'refresh', what, name: target, full, range: cursor.rangeFrom(mark) };
}
