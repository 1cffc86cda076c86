import type { PartitionField, TableClauses } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, name } from './names.ts';
import { properties } from './properties.ts';
import { typeRef } from './types.ts';

/** Reads one clause; false (with the cursor unmoved) where another begins. */
export type ClauseReader = (cursor: Cursor) => boolean;

/** Reads the clauses of a table in any order. `extra` reads those that only some statements have. */
export function tableClauses(cursor: Cursor, extra: ClauseReader = () => false): TableClauses {
  const found: TableClauses = { partitionedBy: [], properties: [], options: [], unsupported: [] };
  const seen = new Set<string>();
  for (;;) {
    const start = cursor.token;
    if (clause(cursor, found)) {
      if (seen.has(start.key)) {
        throw cursor.error('DUPLICATE_CLAUSES', `The clause ${start.key} stands twice: remove one.`, '42614', start);
      }
      seen.add(start.key);
    } else if (!extra(cursor)) {
      return found;
    }
  }
}

function clause(cursor: Cursor, found: TableClauses): boolean {
  const refused = (construct: string) => {
    found.unsupported.push(construct);
    skipClause(cursor);
    return true;
  };
  switch (cursor.token.key) {
    case 'USING':
      cursor.next();
      found.using = name(cursor, 'a format');
      return true;
    case 'PARTITIONED':
      cursor.expect('PARTITIONED', 'BY');
      found.partitionedBy = cursor.parenthesised(() => cursor.list(() => partitionField(cursor)));
      return true;
    case 'CLUSTER':
      cursor.expect('CLUSTER', 'BY');
      found.clusterBy = clusterBy(cursor);
      return true;
    case 'LOCATION':
      cursor.next();
      found.location = cursor.expectString('a path as a string');
      return true;
    case 'COMMENT':
      cursor.next();
      found.comment = cursor.expectString();
      return true;
    case 'TBLPROPERTIES':
      cursor.next();
      found.properties = properties(cursor);
      return true;
    case 'OPTIONS':
      cursor.next();
      found.options = properties(cursor);
      return true;
    case 'CLUSTERED':
      return refused('CLUSTERED BY');
    case 'SKEWED':
      return refused('SKEWED BY');
    case 'STORED':
      return refused('STORED AS');
    case 'ROW':
      return refused('ROW FORMAT');
    case 'DEFAULT':
      return refused('DEFAULT COLLATION');
    case 'WITH':
      return cursor.are('WITH', 'ROW', 'FILTER') && refused('WITH ROW FILTER');
    default:
      return false;
  }
}

/** Skips a clause that is refused anyway: up to AS, the end, or the first word of another clause. */
function skipClause(cursor: Cursor): void {
  let depth = 0;
  cursor.next();
  while (!cursor.atEnd()) {
    if (depth === 0 && clauseStarts.has(cursor.token.key) && !(cursor.is('AS') && !isQueryWord(cursor.peek(1).key)))
      return;
    if (cursor.is('(')) depth += 1;
    if (cursor.is(')')) depth -= 1;
    if (cursor.token.kind === 'bad') cursor.fail('a clause');
    cursor.next();
  }
}

const clauseStarts: ReadonlySet<string> = new Set([
  'AS',
  'USING',
  'PARTITIONED',
  'LOCATION',
  'COMMENT',
  'TBLPROPERTIES',
  'OPTIONS',
]);
const isQueryWord = (key: string) => ['SELECT', 'WITH', 'VALUES', 'FROM', 'TABLE', '('].includes(key);

function clusterBy(cursor: Cursor): TableClauses['clusterBy'] {
  if (cursor.accept('AUTO')) return { columns: [], auto: true, none: false };
  if (cursor.accept('NONE')) return { columns: [], auto: false, none: true };
  const columns = cursor.parenthesised(() => (cursor.is(')') ? [] : cursor.list(() => name(cursor, 'a column'))));
  return { columns, auto: false, none: false };
}

function partitionField(cursor: Cursor): PartitionField {
  const mark = cursor.mark();
  if (cursor.peek(1).key === '(') {
    const transform = identifier(cursor, 'a transform').name.toLowerCase();
    const args = cursor.parenthesised(() => cursor.list(() => expression(cursor)));
    return { kind: 'transform', function: transform, args, range: cursor.rangeFrom(mark) };
  }
  const column = name(cursor, 'a column');
  if (cursor.is(',') || cursor.is(')') || column.parts.length > 1) {
    return { kind: 'column', name: column, range: cursor.rangeFrom(mark) };
  }
  const { type } = typeRef(cursor);
  if (cursor.accept('COMMENT')) cursor.expectString();
  return { kind: 'typedColumn', name: column.parts[0]!, type, range: cursor.rangeFrom(mark) };
}
