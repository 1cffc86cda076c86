import type { CreateTable, CreateView, Name, Statement } from '../ast/index.ts';
import { tableClauses } from './clauses.ts';
import { type TableElements, tableElements } from './columns.ts';
import type { Cursor } from './cursor.ts';
import { createDataset, createFlow } from './dataset.ts';
import { name } from './names.ts';
import { properties } from './properties.ts';
import { query, startsQuery } from './query.ts';
import { atVersion, timeTravelClause } from './relations.ts';
import { createFunction } from './routine.ts';
import { unsupportedRest } from './unsupported.ts';

/** The words between CREATE and the kind of thing. */
export interface CreateHead {
  mark: number;
  orReplace: boolean;
  orRefresh: boolean;
  words: ReadonlySet<string>;
}

const headWords: ReadonlySet<string> = new Set([
  ...[
    'EXTERNAL',
    'MANAGED',
    'FOREIGN',
    'TEMP',
    'TEMPORARY',
    'GLOBAL',
    'PRIVATE',
    'STREAMING',
    'MATERIALIZED',
    'LIVE',
    'LOCAL',
    'METRIC',
  ],
]);

export const noElements = (): TableElements => ({ columns: [], constraints: [], expectations: [] });

/** CREATE …: what is created decides the form; what the workspace does not have is refused by name. */
export function create(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('CREATE');
  const orReplace = cursor.acceptAll('OR', 'REPLACE');
  const orRefresh = !orReplace && cursor.acceptAll('OR', 'REFRESH');
  const words = new Set<string>();
  while (cursor.isOneOf(headWords)) words.add(cursor.next().key);
  const head: CreateHead = { mark, orReplace, orRefresh, words };
  const kind = cursor.next().key;
  const dataset = words.has('STREAMING') || words.has('MATERIALIZED') || words.has('LIVE') || orRefresh;
  switch (kind) {
    case 'TABLE':
      if (dataset || words.has('PRIVATE')) return createDataset(cursor, head, 'TABLE');
      return createTable(cursor, head);
    case 'VIEW':
      if (words.has('MATERIALIZED')) return createDataset(cursor, head, 'VIEW');
      if (words.has('METRIC')) return unsupportedRest(cursor, mark, 'CREATE METRIC VIEW');
      return createView(cursor, head);
    case 'FLOW':
      return createFlow(cursor, head);
    case 'SCHEMA':
    case 'DATABASE':
    case 'NAMESPACE':
      return createSchema(cursor, head);
    case 'CATALOG':
      return createCatalog(cursor, head);
    case 'VOLUME':
      return createVolume(cursor, head);
    case 'FUNCTION':
      return createFunction(cursor, head);
    default:
  }
  if (unsupportedKinds.has(kind)) return unsupportedRest(cursor, mark, `CREATE ${kind}`);
  cursor.reset(cursor.mark() - (cursor.atEnd() && kind === '' ? 0 : 1));
  return cursor.fail('TABLE, VIEW, MATERIALIZED VIEW, STREAMING TABLE, SCHEMA, CATALOG, VOLUME or FLOW');
}

const unsupportedKinds: ReadonlySet<string> = new Set([
  ...['PROCEDURE', 'INDEX', 'BLOOMFILTER', 'SHARE', 'RECIPIENT', 'PROVIDER', 'CONNECTION', 'CREDENTIAL', 'LOCATION'],
  ...['STORAGE', 'SERVICE', 'ROLE', 'GROUP', 'USER', 'POLICY', 'VARIABLE', 'SERVER', 'SINK'],
]);

export function ifNotExists(cursor: Cursor): boolean {
  return cursor.acceptAll('IF', 'NOT', 'EXISTS');
}

function createTable(cursor: Cursor, head: CreateHead): CreateTable {
  const exists = !head.orReplace && ifNotExists(cursor);
  const tableName = name(cursor, 'the name of a table');
  const like = cursor.accept('LIKE') ? name(cursor, 'the name of a table') : undefined;
  const clone = cloneOf(cursor);
  const listed = !clone && cursor.is('(') && !startsQuery(cursor, 1) ? tableElements(cursor, 'required') : noElements();
  refuseExpectations(cursor, listed);
  const clauses = tableClauses(cursor);
  const explicit = cursor.accept('AS');
  const body = explicit || (!like && !clone && startsQuery(cursor, 0)) ? query(cursor) : undefined;
  return {
    kind: 'createTable',
    name: tableName,
    orReplace: head.orReplace,
    ifNotExists: exists,
    external: head.words.has('EXTERNAL'),
    temporary: head.words.has('TEMPORARY') || head.words.has('TEMP'),
    columns: listed.columns,
    constraints: listed.constraints,
    clauses,
    query: body,
    like,
    clone,
    range: cursor.rangeFrom(head.mark),
  };
}

function cloneOf(cursor: Cursor): CreateTable['clone'] {
  const shallow = cursor.is('SHALLOW');
  if (!(shallow || cursor.is('DEEP')) && !cursor.is('CLONE')) return undefined;
  if (!cursor.accept('CLONE')) {
    cursor.next();
    cursor.expect('CLONE');
  }
  const source = name(cursor, 'the name of a table');
  return { source, shallow, timeTravel: atVersion(cursor) ?? timeTravelClause(cursor) };
}

function refuseExpectations(cursor: Cursor, listed: TableElements): void {
  const first = listed.expectations[0];
  if (!first) return;
  throw cursor.syntaxError(
    'EXPECT belongs to streaming tables, materialized views and temporary views of a pipeline.',
    first.range,
  );
}

function createView(cursor: Cursor, head: CreateHead): CreateView {
  const exists = ifNotExists(cursor);
  const viewName = name(cursor, 'the name of a view');
  const temporary = head.words.has('TEMPORARY') || head.words.has('TEMP');
  const listed = cursor.is('(') && !startsQuery(cursor, 1) ? tableElements(cursor, 'none') : noElements();
  if (!temporary) refuseExpectations(cursor, listed);
  if (listed.constraints[0]) throw cursor.syntaxError('A view has no constraints.', listed.constraints[0].range);
  const clauses = tableClauses(cursor, (inner) => refusedViewClause(inner));
  if (!cursor.is('AS') && temporary && clauses.using) {
    throw cursor.unsupported('CREATE TEMPORARY VIEW … USING', cursor.token, 'select from read_files(…) instead');
  }
  cursor.expect('AS');
  return {
    kind: 'createView',
    name: viewName,
    orReplace: head.orReplace,
    ifNotExists: exists,
    temporary,
    global: head.words.has('GLOBAL'),
    columns: listed.columns,
    expectations: listed.expectations,
    clauses,
    query: query(cursor),
    range: cursor.rangeFrom(head.mark),
  };
}

function refusedViewClause(cursor: Cursor): boolean {
  if (cursor.is('WITH') && (cursor.peek(1).key === 'SCHEMA' || cursor.peek(1).key === 'METRICS')) {
    throw cursor.unsupported(`CREATE VIEW … WITH ${cursor.peek(1).key}`);
  }
  return false;
}

function createSchema(cursor: Cursor, head: CreateHead): Statement {
  const exists = ifNotExists(cursor);
  const node: Extract<Statement, { kind: 'createSchema' }> = {
    kind: 'createSchema',
    name: name(cursor, 'the name of a schema'),
    ifNotExists: exists,
    properties: [],
    range: cursor.rangeFrom(head.mark),
  };
  refuseReplace(cursor, head, 'SCHEMA');
  for (;;) {
    if (cursor.accept('COMMENT')) node.comment = cursor.expectString();
    else if (cursor.acceptAll('MANAGED', 'LOCATION')) node.managedLocation = cursor.expectString();
    else if (cursor.accept('LOCATION')) node.location = cursor.expectString();
    else if (cursor.acceptAll('WITH', 'DBPROPERTIES') || cursor.acceptAll('WITH', 'PROPERTIES'))
      node.properties = properties(cursor);
    else if (cursor.are('DEFAULT', 'COLLATION')) throw cursor.unsupported('DEFAULT COLLATION');
    else break;
  }
  node.range = cursor.rangeFrom(head.mark);
  return node;
}

function createCatalog(cursor: Cursor, head: CreateHead): Statement {
  if (head.words.has('FOREIGN')) return unsupportedRest(cursor, head.mark, 'CREATE FOREIGN CATALOG');
  refuseReplace(cursor, head, 'CATALOG');
  const exists = ifNotExists(cursor);
  const catalogName: Name = name(cursor, 'the name of a catalog');
  const managedLocation = cursor.acceptAll('MANAGED', 'LOCATION') ? cursor.expectString() : undefined;
  const comment = cursor.accept('COMMENT') ? cursor.expectString() : undefined;
  return {
    kind: 'createCatalog',
    name: catalogName,
    ifNotExists: exists,
    comment,
    managedLocation,
    range: cursor.rangeFrom(head.mark),
  };
}

function createVolume(cursor: Cursor, head: CreateHead): Statement {
  refuseReplace(cursor, head, 'VOLUME');
  const exists = ifNotExists(cursor);
  const volumeName = name(cursor, 'the name of a volume');
  const location = cursor.accept('LOCATION') ? cursor.expectString() : undefined;
  const comment = cursor.accept('COMMENT') ? cursor.expectString() : undefined;
  const external = head.words.has('EXTERNAL');
  return {
    kind: 'createVolume',
    name: volumeName,
    ifNotExists: exists,
    external,
    location,
    comment,
    range: cursor.rangeFrom(head.mark),
  };
}

function refuseReplace(cursor: Cursor, head: CreateHead, kind: string): void {
  if (head.orReplace) throw cursor.syntaxError(`CREATE OR REPLACE ${kind} does not exist: drop it first.`);
}
