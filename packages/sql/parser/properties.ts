import type { Property } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';
import { identifier } from './names.ts';

/** `('key' = 'value', a.b.c 1, …)` of TBLPROPERTIES, OPTIONS and WITH. Values are strings, numbers or booleans. */
export function properties(cursor: Cursor): Property[] {
  return cursor.parenthesised(() => cursor.list(() => property(cursor)));
}

/** A key alone, dotted or as a string: `delta.appendOnly`. */
export function propertyKey(cursor: Cursor): string {
  if (cursor.token.kind === 'string') return cursor.expectString();
  const parts = [identifier(cursor, 'the key of a property').name];
  while (cursor.accept('.')) parts.push(identifier(cursor).name);
  return parts.join('.');
}

function property(cursor: Cursor): Property {
  const mark = cursor.mark();
  const key = propertyKey(cursor);
  const hasSign = cursor.accept('=');
  const value = propertyValue(cursor);
  if (hasSign && value === null) cursor.fail('the value of a property');
  return { key, value, range: cursor.rangeFrom(mark) };
}

function propertyValue(cursor: Cursor): string | null {
  const { kind, key, value } = cursor.token;
  if (kind === 'string') return cursor.expectString();
  if (kind === 'number') return cursor.next().value;
  if (key === '-' && cursor.peek(1).kind === 'number') {
    cursor.next();
    return `-${cursor.next().value}`;
  }
  if (key === 'TRUE' || key === 'FALSE') {
    cursor.next();
    return value.toLowerCase();
  }
  return null;
}
