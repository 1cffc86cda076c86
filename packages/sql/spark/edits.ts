import { unsupported } from '../analyse/errors.ts';
import type { Range } from '../ast/index.ts';
import { join, type Sql } from '../emit/text.ts';
import { type Token, tokenize } from '../lexer/index.ts';
import { sparkString } from './literal.ts';

/** A place of a text and what stands there instead; an empty range only adds. */
export interface Edit extends Range {
  by: Sql;
}

/** The part of a text with its edits done. Comments are left out: lines stay where they were. Throws UNSUPPORTED_FEATURE. */
export function edited(text: string, range: Range, edits: readonly Edit[]): Sql {
  const { tokens, comments } = tokenize(text);
  const blanks = comments.map(({ start, end }): Edit => ({ start, end, by: [' '] }));
  const inside = tokens.filter(({ start, end }) => start >= range.start && end <= range.end);
  const all = [...edits, ...inside.flatMap((token) => unsubstituted(token, text)), ...blanks]
    .filter(({ start, end }) => start >= range.start && end <= range.end)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: (Sql | string)[] = [];
  let at = range.start;
  for (const edit of all) {
    // A comment or a string inside of what was replaced.
    if (edit.start < at) continue;
    parts.push(text.slice(at, edit.start), edit.by);
    at = edit.end;
  }
  return join([...parts, text.slice(at, range.end)], '');
}

/**
 * Spark may put settings and variables of its server's environment in the place of `${…}`, before it reads the text: here it
 * is text like any other.
 */
function unsubstituted({ kind, value, start, end }: Token, text: string): Edit[] {
  if (!text.slice(start, end).includes('${')) return [];
  if (kind !== 'string') throw unsupported('${ outside of a string on an attached Spark', { start, end });
  return [{ start, end, by: [sparkString(value).replaceAll('${', '\\u0024{')] }];
}
