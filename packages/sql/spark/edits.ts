import type { Range } from '../ast/index.ts';
import type { Sql } from '../emit/text.ts';
import { join } from '../emit/text.ts';
import { tokenize } from '../lexer/index.ts';

/** A place of a text and what stands there instead; an empty range only adds. */
export interface Edit extends Range {
  by: Sql;
}

/** The part of a text with its edits done. Comments are left out: lines stay where they were. */
export function edited(text: string, range: Range, edits: readonly Edit[]): Sql {
  const comments = tokenize(text).comments.map(({ start, end }): Edit => ({ start, end, by: [' '] }));
  const all = [...edits, ...comments]
    .filter(({ start, end }) => start >= range.start && end <= range.end)
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: (Sql | string)[] = [];
  let at = range.start;
  for (const edit of all) {
    // A comment inside of what was replaced.
    if (edit.start < at) continue;
    parts.push(text.slice(at, edit.start), edit.by);
    at = edit.end;
  }
  return join([...parts, text.slice(at, range.end)], '');
}
