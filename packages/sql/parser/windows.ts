import type { FrameBound, NamedWindow, SortItem, WindowFrame, WindowRef, WindowSpec } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier, isIdentifier } from './names.ts';

/** `expression [ASC | DESC] [NULLS FIRST | LAST]`. */
export function sortItem(cursor: Cursor): SortItem {
  const value = expression(cursor);
  return { value, ...sortOrder(cursor), range: cursor.since(value) };
}

export function sortOrder(cursor: Cursor): { direction: 'asc' | 'desc'; nulls?: 'first' | 'last' } {
  const direction = cursor.accept('DESC') ? 'desc' : 'asc';
  if (direction === 'asc') cursor.accept('ASC');
  if (cursor.acceptAll('NULLS', 'FIRST')) return { direction, nulls: 'first' };
  if (cursor.acceptAll('NULLS', 'LAST')) return { direction, nulls: 'last' };
  return { direction };
}

/** What follows OVER: `name`, `(name)` or a specification in parentheses. */
export function overClause(cursor: Cursor): WindowRef | WindowSpec {
  const mark = cursor.mark();
  if (!cursor.is('(')) return { kind: 'windowRef', name: identifier(cursor), range: cursor.rangeFrom(mark) };
  cursor.next();
  if (isIdentifier(cursor) && cursor.peek(1).key === ')') {
    const name = identifier(cursor);
    cursor.expect(')');
    return { kind: 'windowRef', name, range: cursor.rangeFrom(mark) };
  }
  // DISTRIBUTE BY and SORT BY are Hive's words for PARTITION BY and ORDER BY.
  let partitionBy: WindowSpec['partitionBy'] = [];
  let orderBy: SortItem[] = [];
  if (
    cursor.acceptAll('PARTITION', 'BY') ||
    cursor.acceptAll('DISTRIBUTE', 'BY') ||
    cursor.acceptAll('CLUSTER', 'BY')
  ) {
    partitionBy = cursor.list(() => expression(cursor));
  }
  if (cursor.acceptAll('ORDER', 'BY') || cursor.acceptAll('SORT', 'BY')) orderBy = cursor.list(() => sortItem(cursor));
  const frame = cursor.is('ROWS') || cursor.is('RANGE') ? windowFrame(cursor) : undefined;
  if (!cursor.is(')')) cursor.fail('PARTITION BY, ORDER BY, ROWS, RANGE or ")"');
  cursor.next();
  return { kind: 'windowSpec', partitionBy, orderBy, frame, range: cursor.rangeFrom(mark) };
}

function windowFrame(cursor: Cursor): WindowFrame {
  const mark = cursor.mark();
  const unit = cursor.next().key === 'ROWS' ? 'rows' : 'range';
  let start: FrameBound;
  let end: FrameBound = { kind: 'currentRow' };
  if (cursor.accept('BETWEEN')) {
    start = frameBound(cursor);
    cursor.expect('AND');
    end = frameBound(cursor);
  } else {
    start = frameBound(cursor);
  }
  return { unit, start, end, range: cursor.rangeFrom(mark) };
}

function frameBound(cursor: Cursor): FrameBound {
  if (cursor.acceptAll('UNBOUNDED', 'PRECEDING')) return { kind: 'unboundedPreceding' };
  if (cursor.acceptAll('UNBOUNDED', 'FOLLOWING')) return { kind: 'unboundedFollowing' };
  if (cursor.acceptAll('CURRENT', 'ROW')) return { kind: 'currentRow' };
  const value = expression(cursor);
  if (cursor.accept('PRECEDING')) return { kind: 'preceding', value };
  cursor.expect('FOLLOWING');
  return { kind: 'following', value };
}

/** `WINDOW w AS (…), v AS w`. The cursor stands after WINDOW. */
export function namedWindows(cursor: Cursor): NamedWindow[] {
  return cursor.list(() => {
    const mark = cursor.mark();
    const name = identifier(cursor, 'the name of a window');
    cursor.expect('AS');
    const window = overClause(cursor);
    return { name, window, range: cursor.rangeFrom(mark) };
  });
}
