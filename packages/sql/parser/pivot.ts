import type { Identifier, Pivot, Unpivot } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, isAlias, name } from './names.ts';
import { tableAlias } from './relations.ts';

function optionalAlias(cursor: Cursor): Identifier | undefined {
  if (cursor.accept('AS')) return identifier(cursor, 'an alias');
  return isAlias(cursor, true) && !cursor.is('FOR') ? identifier(cursor) : undefined;
}

/** `one` or `(one, two)`. */
function oneOrMore(cursor: Cursor): Identifier[] {
  const read = () => identifier(cursor, 'a column');
  return cursor.is('(') ? cursor.parenthesised(() => cursor.list(read)) : [read()];
}

/** PIVOT (…) without its input. */
export function pivot(cursor: Cursor): Omit<Pivot, 'input'> {
  const mark = cursor.mark();
  cursor.expect('PIVOT', '(');
  const aggregates = cursor.list(() => ({ value: expression(cursor), alias: optionalAlias(cursor) }));
  cursor.expect('FOR');
  const columns = oneOrMore(cursor);
  cursor.expect('IN');
  const values = cursor.parenthesised(() =>
    cursor.list(() => ({ value: expression(cursor), alias: optionalAlias(cursor) })),
  );
  cursor.expect(')');
  const alias = tableAlias(cursor);
  return { kind: 'pivot', aggregates, columns, values, alias, range: cursor.rangeFrom(mark) };
}

/** UNPIVOT (…) without its input. */
export function unpivot(cursor: Cursor): Omit<Unpivot, 'input'> {
  const mark = cursor.mark();
  cursor.expect('UNPIVOT');
  const includeNulls = cursor.acceptAll('INCLUDE', 'NULLS');
  if (!includeNulls) cursor.acceptAll('EXCLUDE', 'NULLS');
  cursor.expect('(');
  const valueColumns = oneOrMore(cursor);
  cursor.expect('FOR');
  const nameColumn = identifier(cursor, 'the column for the names');
  cursor.expect('IN');
  const several = valueColumns.length > 1 || cursor.peek(1).key === '(';
  const sets = cursor.parenthesised(() =>
    cursor.list(() => {
      const column = () => name(cursor, 'a column');
      const columns = several ? cursor.parenthesised(() => cursor.list(column)) : [column()];
      return { columns, alias: optionalAlias(cursor) };
    }),
  );
  cursor.expect(')');
  const alias = tableAlias(cursor);
  return { kind: 'unpivot', includeNulls, valueColumns, nameColumn, sets, alias, range: cursor.rangeFrom(mark) };
}
