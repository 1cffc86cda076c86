import type { ColumnDefinition, Expectation, Identifier, TableConstraint } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, name, refuseHyphen } from './names.ts';
import { columnNames } from './query.ts';
import { typeRef } from './types.ts';

export interface TableElements {
  columns: ColumnDefinition[];
  constraints: TableConstraint[];
  expectations: Expectation[];
}

/**
 * `(a INT NOT NULL, CONSTRAINT c EXPECT (a > 0), PRIMARY KEY (a))`. `types`: must a column have a type, may it, or must it
 * not (views)?
 */
export function tableElements(cursor: Cursor, types: 'required' | 'optional' | 'none'): TableElements {
  const found: TableElements = { columns: [], constraints: [], expectations: [] };
  cursor.parenthesised(() =>
    cursor.list(() => {
      if (cursor.is('CONSTRAINT') && cursor.peek(2).key === 'EXPECT') found.expectations.push(expectation(cursor));
      else if (startsConstraint(cursor)) found.constraints.push(tableConstraint(cursor));
      else found.columns.push(columnDefinition(cursor, types));
    }),
  );
  return found;
}

export function expectation(cursor: Cursor): Expectation {
  const mark = cursor.mark();
  cursor.expect('CONSTRAINT');
  const constraintName = identifier(cursor, 'the name of an expectation');
  cursor.expect('EXPECT');
  const condition = cursor.parenthesised(() => expression(cursor));
  let onViolation: Expectation['onViolation'] = 'warn';
  if (cursor.acceptAll('ON', 'VIOLATION')) {
    if (cursor.acceptAll('DROP', 'ROW')) onViolation = 'drop';
    else if (cursor.acceptAll('FAIL', 'UPDATE')) onViolation = 'fail';
    else cursor.fail('DROP ROW or FAIL UPDATE');
  }
  return { name: constraintName, condition, onViolation, range: cursor.rangeFrom(mark) };
}

const constraintKinds: Record<string, TableConstraint['kind']> = {
  PRIMARY: 'primaryKey',
  FOREIGN: 'foreignKey',
  UNIQUE: 'unique',
  CHECK: 'check',
  REFERENCES: 'foreignKey',
};

function startsConstraint(cursor: Cursor): boolean {
  const ahead = cursor.is('CONSTRAINT') && Object.hasOwn(constraintKinds, cursor.peek(2).key) ? 2 : 0;
  const next = cursor.peek(ahead + 1).key;
  switch (cursor.peek(ahead).key) {
    case 'PRIMARY':
    case 'FOREIGN':
      return next === 'KEY';
    case 'UNIQUE':
    case 'CHECK':
      return next === '(';
    default:
      return false;
  }
}

/** A constraint of the table, or (without a list of columns) beside a column. */
export function tableConstraint(cursor: Cursor): TableConstraint {
  const mark = cursor.mark();
  const constraintName = cursor.accept('CONSTRAINT') ? identifier(cursor, 'the name of a constraint') : undefined;
  const kind = constraintKinds[cursor.token.key];
  if (!kind) cursor.fail('PRIMARY KEY, FOREIGN KEY, UNIQUE or CHECK');
  const word = cursor.next().key;
  if (word === 'PRIMARY' || word === 'FOREIGN') cursor.expect('KEY');
  const node: TableConstraint = { kind, name: constraintName, columns: [], range: cursor.rangeFrom(mark) };
  if (kind === 'check') node.check = cursor.parenthesised(() => expression(cursor));
  else if (word !== 'REFERENCES' && cursor.is('(')) node.columns = keyColumns(cursor);
  if (word === 'REFERENCES' || (kind === 'foreignKey' && cursor.accept('REFERENCES'))) {
    const table = name(cursor, 'the name of a table');
    node.references = { table, columns: cursor.is('(') ? (columnNames(cursor) ?? []) : [] };
  }
  while (constraintOption(cursor));
  node.range = cursor.rangeFrom(mark);
  return node;
}

function keyColumns(cursor: Cursor): Identifier[] {
  return cursor.parenthesised(() =>
    cursor.list(() => {
      const column = identifier(cursor, 'the name of a column');
      cursor.accept('TIMESERIES');
      return column;
    }),
  );
}

/** Words that say how a key is (not) checked. Keys are information only, so they change nothing. */
function constraintOption(cursor: Cursor): boolean {
  return (
    cursor.acceptAll('NOT', 'ENFORCED') ||
    cursor.accept('ENFORCED') ||
    cursor.acceptAll('NOT', 'DEFERRABLE') ||
    cursor.accept('DEFERRABLE') ||
    cursor.acceptAll('INITIALLY', 'DEFERRED') ||
    cursor.acceptAll('INITIALLY', 'IMMEDIATE') ||
    cursor.accept('NORELY') ||
    cursor.accept('RELY') ||
    cursor.acceptAll('MATCH', 'FULL') ||
    cursor.acceptAll('ON', 'UPDATE', 'NO', 'ACTION') ||
    cursor.acceptAll('ON', 'DELETE', 'NO', 'ACTION')
  );
}

const endsColumn: ReadonlySet<string> = new Set([',', ')', 'COMMENT', 'NOT', 'MASK']);

export function columnDefinition(cursor: Cursor, types: 'required' | 'optional' | 'none'): ColumnDefinition {
  const mark = cursor.mark();
  const column = identifier(cursor, 'the name of a column');
  refuseHyphen(cursor, column);
  const typed = types === 'required' || (types === 'optional' && !cursor.isOneOf(endsColumn));
  const node: ColumnDefinition = { name: column, notNull: false, constraints: [], range: column.range };
  if (typed) node.type = typeRef(cursor);
  while (columnOption(cursor, node, types));
  node.range = cursor.rangeFrom(mark);
  return node;
}

/** One of the options after a column's type, each at most once; false where none follows. */
function columnOption(cursor: Cursor, node: ColumnDefinition, types: 'required' | 'optional' | 'none'): boolean {
  const once = (given: boolean, option: string) => {
    if (!given) return;
    throw cursor.error(
      'CREATE_TABLE_COLUMN_DESCRIPTOR_DUPLICATE',
      `${option} stands twice at the column ${node.name.name}.`,
      '42710',
    );
  };
  if (cursor.is('COMMENT')) {
    once(node.comment !== undefined, 'COMMENT');
    cursor.next();
    node.comment = cursor.expectString();
    return true;
  }
  if (types === 'none') return false;
  switch (cursor.token.key) {
    case 'NOT':
      once(node.notNull, 'NOT NULL');
      cursor.expect('NOT', 'NULL');
      node.notNull = true;
      return true;
    case 'DEFAULT':
      once(node.default !== undefined, 'DEFAULT');
      cursor.next();
      node.default = expression(cursor);
      return true;
    case 'GENERATED':
      once(node.generated !== undefined || node.identity !== undefined, 'GENERATED');
      generated(cursor, node);
      return true;
    case 'MASK':
      cursor.next();
      node.mask = name(cursor, 'a function');
      if (cursor.acceptAll('USING', 'COLUMNS')) columnNames(cursor);
      return true;
    case 'CONSTRAINT':
    case 'PRIMARY':
    case 'UNIQUE':
    case 'CHECK':
    case 'REFERENCES':
    case 'FOREIGN':
      node.constraints.push(tableConstraint(cursor));
      return true;
    default:
      return false;
  }
}

function generated(cursor: Cursor, node: ColumnDefinition): void {
  cursor.expect('GENERATED');
  const always = cursor.accept('ALWAYS');
  if (!always) cursor.expect('BY', 'DEFAULT');
  cursor.expect('AS');
  if (!cursor.accept('IDENTITY')) {
    if (!always) cursor.fail('IDENTITY');
    node.generated = cursor.parenthesised(() => expression(cursor));
    return;
  }
  node.identity = { always };
  if (!cursor.accept('(')) return;
  const signed = () => (cursor.accept('-') ? '-' : '') + cursor.expectInteger();
  for (;;) {
    if (cursor.acceptAll('START', 'WITH')) node.identity.start = signed();
    else if (cursor.acceptAll('INCREMENT', 'BY')) node.identity.step = signed();
    else break;
  }
  cursor.expect(')');
}
