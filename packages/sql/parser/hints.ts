import type { Hint } from '../ast/index.ts';
import { tokenize } from '../lexer/index.ts';
import { Cursor } from './cursor.ts';
import { expression } from './expression.ts';
import { identifier } from './names.ts';

/** The hints of one hint comment, the token at the cursor: `name`, `name(argument, …)`, divided by commas or nothing. */
export function hints(cursor: Cursor): Hint[] {
  const token = cursor.next();
  // The text before keeps its length, so that places inside the hint are places of the statement.
  const inside = tokenize(token.value).tokens.map((part) => ({
    ...part,
    start: part.start + token.start + 3,
    end: part.end + token.start + 3,
  }));
  const inner = new Cursor(cursor.text, inside, cursor.options);
  const found: Hint[] = [];
  while (!inner.atEnd()) {
    const mark = inner.mark();
    const name = identifier(inner, 'the name of a hint');
    const args = inner.is('(')
      ? inner.parenthesised(() => (inner.is(')') ? [] : inner.list(() => expression(inner))))
      : [];
    found.push({ name: name.name, args, range: inner.rangeFrom(mark) });
    inner.accept(',');
  }
  return found;
}
