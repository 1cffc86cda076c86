import type {
  AddedColumn,
  ColumnChange,
  ColumnPosition,
  Expression,
  Name,
  Statement,
  TableChange,
} from '../ast/index.ts';
import { tokenize } from '../lexer/index.ts';
import { columnDefinition, tableConstraint } from './columns.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, name } from './names.ts';
import { properties, propertyKey } from './properties.ts';
import { query } from './query.ts';
import { typeRef } from './types.ts';
import { unsupportedRest } from './unsupported.ts';

/** ALTER TABLE | VIEW …; other kinds of things are refused by name. */
export function alter(cursor: Cursor): Statement {
  const mark = cursor.mark();
  cursor.expect('ALTER');
  const what = cursor.is('VIEW') ? 'view' : 'table';
  if (!cursor.is('TABLE') && !cursor.is('VIEW')) {
    const first = cursor.token.key;
    const kind = twoWords.has(first) ? `${first} ${cursor.peek(1).key}` : first;
    if (cursor.atEnd()) cursor.fail('TABLE or VIEW');
    return unsupportedRest(cursor, mark, `ALTER ${kind}`);
  }
  cursor.next();
  const table = name(cursor, `the name of a ${what}`);
  if (what === 'view' && (cursor.is('AS') || cursor.is('SELECT') || cursor.is('WITH'))) {
    cursor.accept('AS');
    return { kind: 'alterViewQuery', name: table, query: query(cursor), range: cursor.rangeFrom(mark) };
  }
  const change = tableChange(cursor);
  if (!change) return unsupportedRest(cursor, mark, `ALTER ${what.toUpperCase()} … ${nextWords(cursor)}`);
  return { kind: 'alterTable', what, table, change, range: cursor.rangeFrom(mark) };
}

const twoWords: ReadonlySet<string> = new Set(['MATERIALIZED', 'STREAMING', 'EXTERNAL', 'STORAGE', 'SERVICE']);

function nextWords(cursor: Cursor): string {
  const next = cursor.peek(1);
  return next.kind === 'word' ? `${cursor.token.key} ${next.key}` : cursor.token.key;
}

/** The change at the cursor; undefined (and nothing read) where it is none that we know. */
function tableChange(cursor: Cursor): TableChange | undefined {
  if (cursor.acceptAll('SET', 'TBLPROPERTIES')) return { kind: 'setProperties', properties: properties(cursor) };
  if (cursor.acceptAll('UNSET', 'TBLPROPERTIES')) {
    const ifExists = cursor.acceptAll('IF', 'EXISTS');
    const keys = cursor.parenthesised(() => cursor.list(() => propertyKey(cursor)));
    return { kind: 'unsetProperties', keys, ifExists };
  }
  if (cursor.acceptAll('RENAME', 'TO')) return { kind: 'rename', to: name(cursor, 'a new name') };
  if (cursor.acceptAll('RENAME', 'COLUMN')) {
    const column = name(cursor, 'the name of a column');
    cursor.expect('TO');
    return { kind: 'renameColumn', column, to: identifier(cursor, 'a new name') };
  }
  if (cursor.are('ADD', 'COLUMN') || cursor.are('ADD', 'COLUMNS')) return addColumns(cursor);
  if (cursor.are('ADD', 'CONSTRAINT')) return addConstraint(cursor);
  if (cursor.are('DROP', 'COLUMN') || cursor.are('DROP', 'COLUMNS')) return dropColumns(cursor);
  if (cursor.acceptAll('DROP', 'CONSTRAINT')) {
    const ifExists = cursor.acceptAll('IF', 'EXISTS');
    return { kind: 'dropConstraint', name: identifier(cursor, 'the name of a constraint'), ifExists };
  }
  if (cursor.acceptAll('DROP', 'FEATURE')) {
    const feature = cursor.token.kind === 'string' ? cursor.expectString() : identifier(cursor, 'a table feature').name;
    return { kind: 'dropFeature', feature, truncateHistory: cursor.acceptAll('TRUNCATE', 'HISTORY') };
  }
  if (cursor.acceptAll('REPLACE', 'COLUMNS')) {
    const columns = cursor.parenthesised(() => cursor.list(() => columnDefinition(cursor, 'required')));
    return { kind: 'replaceColumns', columns };
  }
  if (cursor.acceptAll('CLUSTER', 'BY')) {
    if (cursor.accept('NONE')) return { kind: 'clusterBy', columns: [] };
    return {
      kind: 'clusterBy',
      columns: cursor.parenthesised(() => cursor.list(() => name(cursor, 'the name of a column'))),
    };
  }
  if (cursor.are('ALTER', 'COLUMN') || cursor.are('CHANGE', 'COLUMN') || isBareChange(cursor))
    return alterColumns(cursor);
  return undefined;
}

/** `CHANGE a …` and `ALTER a …` leave COLUMN out. */
const isBareChange = (cursor: Cursor): boolean =>
  (cursor.is('CHANGE') || cursor.is('ALTER')) && cursor.peek(1).kind !== 'eof';

function addColumns(cursor: Cursor): TableChange {
  cursor.expect('ADD');
  cursor.next();
  const one = () => addedColumn(cursor);
  const columns = cursor.is('(') ? cursor.parenthesised(() => cursor.list(one)) : cursor.list(one);
  return { kind: 'addColumns', columns };
}

function addedColumn(cursor: Cursor): AddedColumn {
  const mark = cursor.mark();
  const path: Name = { parts: [], range: cursor.token };
  // All but the last part: the last one is read with its definition.
  while (cursor.peek(1).key === '.') {
    path.parts.push(identifier(cursor, 'the name of a column'));
    cursor.expect('.');
  }
  const definition = columnDefinition(cursor, 'required');
  path.parts.push(definition.name);
  const position = columnPosition(cursor);
  // COMMENT may follow the position too.
  if (cursor.is('COMMENT') && definition.comment === undefined) {
    cursor.next();
    definition.comment = cursor.expectString();
  }
  const range = cursor.rangeFrom(mark);
  return { path: { ...path, range: definition.name.range }, definition, ...(position ? { position } : {}), range };
}

function columnPosition(cursor: Cursor): ColumnPosition | undefined {
  if (cursor.accept('FIRST')) return { first: true };
  return cursor.accept('AFTER') ? { first: false, after: identifier(cursor, 'the name of a column') } : undefined;
}

function addConstraint(cursor: Cursor): TableChange {
  cursor.expect('ADD');
  const constraint = tableConstraint(cursor);
  const text = constraint.check && spaced(cursor, constraint.check);
  return { kind: 'addConstraint', constraint, ...(text === undefined ? {} : { checkText: text }) };
}

/** The tokens of an expression with one space between: as Spark keeps a constraint. */
const spaced = (cursor: Cursor, node: Expression): string => {
  const text = written(cursor, node);
  const { tokens } = tokenize(text);
  return tokens.flatMap(({ kind, start, end }) => (kind === 'eof' ? [] : [text.slice(start, end)])).join(' ');
};

/** The text of an expression as it stands in the statement. */
const written = (cursor: Cursor, node: Expression): string => cursor.text.slice(node.range.start, node.range.end);

function dropColumns(cursor: Cursor): TableChange {
  cursor.expect('DROP');
  cursor.next();
  const ifExists = cursor.acceptAll('IF', 'EXISTS');
  const names = () => cursor.list(() => name(cursor, 'the name of a column'));
  return { kind: 'dropColumns', columns: cursor.is('(') ? cursor.parenthesised(names) : names(), ifExists };
}

type AlterColumns = Extract<TableChange, { kind: 'alterColumns' }>;

function alterColumns(cursor: Cursor): TableChange | undefined {
  const mark = cursor.mark();
  const isChange = cursor.next().key === 'CHANGE';
  cursor.accept('COLUMN');
  const columns: AlterColumns['columns'] = [];
  do {
    const column = name(cursor, 'the name of a column');
    const changes =
      isChange && !startsChange.has(cursor.token.key) ? hiveChanges(cursor, column) : [columnChange(cursor)];
    for (const change of changes) {
      if (!change) {
        cursor.reset(mark);
        return undefined;
      }
      columns.push({ column, change });
    }
  } while (cursor.accept(','));
  return { kind: 'alterColumns', columns };
}

const startsChange: ReadonlySet<string> = new Set(['TYPE', 'COMMENT', 'SET', 'DROP', 'SYNC', 'FIRST', 'AFTER']);

function columnChange(cursor: Cursor): ColumnChange | undefined {
  if (cursor.accept('TYPE')) return { kind: 'type', type: typeRef(cursor) };
  if (cursor.accept('COMMENT')) return { kind: 'comment', comment: cursor.expectString() };
  if (cursor.acceptAll('SET', 'NOT', 'NULL')) return { kind: 'setNotNull' };
  if (cursor.acceptAll('DROP', 'NOT', 'NULL')) return { kind: 'dropNotNull' };
  if (cursor.acceptAll('DROP', 'DEFAULT')) return { kind: 'dropDefault' };
  if (cursor.acceptAll('SYNC', 'IDENTITY')) return { kind: 'syncIdentity' };
  if (cursor.acceptAll('SET', 'DEFAULT')) {
    const value = expression(cursor);
    return { kind: 'setDefault', value, text: written(cursor, value) };
  }
  const position = columnPosition(cursor);
  return position && { kind: 'position', position };
}

/** `CHANGE COLUMN a a INT COMMENT 'text' AFTER b`: Hive's form, which renames nothing. */
function hiveChanges(cursor: Cursor, column: Name): (ColumnChange | undefined)[] {
  const again = identifier(cursor, 'the same name again');
  if (again.name.toLowerCase() !== column.parts.at(-1)?.name.toLowerCase())
    throw cursor.unsupported('CHANGE COLUMN with a new name', again.range, 'use ALTER TABLE … RENAME COLUMN');
  const changes: ColumnChange[] = [{ kind: 'type', type: typeRef(cursor) }];
  if (cursor.acceptAll('NOT', 'NULL')) changes.push({ kind: 'setNotNull' });
  if (cursor.accept('COMMENT')) changes.push({ kind: 'comment', comment: cursor.expectString() });
  const position = columnPosition(cursor);
  if (position) changes.push({ kind: 'position', position });
  return changes;
}
