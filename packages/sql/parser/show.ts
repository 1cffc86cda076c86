import type { Name, Show, Statement } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { principal, securable } from './grant.ts';
import { isIdentifier, name } from './names.ts';
import { propertyKey } from './properties.ts';
import { unsupportedRest } from './unsupported.ts';

/** SHOW …: what is shown decides the form. */
export function show(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('SHOW');
  const word = cursor.token.key;
  if (word === 'TABLE' && cursor.peek(1).key === 'EXTENDED') return done(cursor, mark, tableExtended(cursor));
  if (word === 'CREATE' && cursor.peek(1).key === 'TABLE') {
    cursor.expect('CREATE', 'TABLE');
    const table = name(cursor, 'the name of a table');
    if (cursor.acceptAll('AS', 'SERDE')) throw cursor.unsupported('SHOW CREATE TABLE … AS SERDE');
    return done(cursor, mark, { what: 'createTable', table });
  }
  if ((word === 'USER' || word === 'SYSTEM' || word === 'ALL') && cursor.peek(1).key === 'FUNCTIONS') {
    cursor.next();
    return done(cursor, mark, functions(cursor, word.toLowerCase() as 'user' | 'system' | 'all'));
  }
  const read = Object.hasOwn(targets, word) ? targets[word] : undefined;
  if (read) return done(cursor, mark, read(cursor));
  if (unsupportedWords.has(word)) return unsupportedRest(cursor, mark, `SHOW ${word}`);
  return cursor.fail(
    'CATALOGS, SCHEMAS, TABLES, VIEWS, COLUMNS, VOLUMES, FUNCTIONS, GRANTS, TBLPROPERTIES, PARTITIONS or CREATE TABLE',
  );
}

function done(cursor: Cursor, mark: number, target: Show['target']): Show {
  return { kind: 'show', target, range: cursor.rangeFrom(mark) };
}

const unsupportedWords: ReadonlySet<string> = new Set([
  ...[
    'USERS',
    'GROUPS',
    'ROLES',
    'SHARES',
    'RECIPIENTS',
    'PROVIDERS',
    'CREDENTIALS',
    'CONNECTIONS',
    'LOCATIONS',
    'EXTERNAL',
  ],
  ...[
    'STORAGE',
    'CURRENT',
    'TABLE',
    'CACHED',
    'TRANSACTIONS',
    'LOCKS',
    'INDEXES',
    'VARIABLES',
    'PROCEDURES',
    'POLICIES',
  ],
  ...['ALL', 'SERVICE', 'MATERIALIZED', 'COLLATIONS'],
]);

const schemas = (cursor: Cursor): Show['target'] => {
  cursor.next();
  return { what: 'schemas', in: inName(cursor), like: like(cursor) };
};
const columns = (cursor: Cursor): Show['target'] => {
  cursor.next();
  const table = inName(cursor) ?? cursor.fail('IN or FROM and the name of a table');
  return { what: 'columns', table, in: inName(cursor) };
};
const objects =
  (what: 'tables' | 'views' | 'volumes') =>
  (cursor: Cursor): Show['target'] => {
    cursor.next();
    return { what, in: inName(cursor), like: like(cursor) };
  };
const grants = (cursor: Cursor): Show['target'] => {
  cursor.next();
  const who = cursor.is('ON') ? undefined : principal(cursor);
  cursor.expect('ON');
  return { what: 'grants', principal: who, on: securable(cursor) };
};

/** What SHOW can show, by its first word. */
const targets: Record<string, (cursor: Cursor) => Show['target']> = {
  CATALOGS: (cursor) => {
    cursor.next();
    return { what: 'catalogs', like: like(cursor) };
  },
  SCHEMAS: schemas,
  DATABASES: schemas,
  NAMESPACES: schemas,
  TABLES: objects('tables'),
  VIEWS: objects('views'),
  VOLUMES: objects('volumes'),
  COLUMNS: columns,
  FUNCTIONS: (cursor) => functions(cursor),
  TBLPROPERTIES: (cursor) => {
    cursor.next();
    const table = name(cursor, 'the name of a table');
    const key = cursor.is('(') ? cursor.parenthesised(() => propertyKey(cursor)) : undefined;
    return { what: 'tblproperties', table, key };
  },
  PARTITIONS: (cursor) => {
    cursor.next();
    const table = name(cursor, 'the name of a table');
    if (cursor.is('PARTITION')) throw cursor.unsupported('SHOW PARTITIONS … PARTITION');
    return { what: 'partitions', table };
  },
  GRANTS: grants,
  GRANT: grants,
};

function functions(cursor: Cursor, scope?: 'all' | 'system' | 'user'): Show['target'] {
  cursor.next();
  return { what: 'functions', scope, in: inName(cursor), like: like(cursor) };
}

function inName(cursor: Cursor): Name | undefined {
  return cursor.accept('IN') || cursor.accept('FROM') ? name(cursor) : undefined;
}

/** `[LIKE] 'pattern'`; SHOW FUNCTIONS LIKE also takes a bare name. */
function like(cursor: Cursor): string | undefined {
  const written = cursor.accept('LIKE');
  if (cursor.token.kind === 'string') return cursor.expectString();
  if (!written) return undefined;
  if (!isIdentifier(cursor)) cursor.fail('a pattern as a string');
  return name(cursor)
    .parts.map((part) => part.name)
    .join('.');
}

function tableExtended(cursor: Cursor): Show['target'] {
  cursor.expect('TABLE', 'EXTENDED');
  const within = inName(cursor);
  cursor.expect('LIKE');
  const pattern = cursor.expectString();
  if (cursor.is('PARTITION')) throw cursor.unsupported('SHOW TABLE EXTENDED … PARTITION');
  return { what: 'tableExtended', in: within, like: pattern };
}
