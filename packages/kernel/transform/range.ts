import type { SourceRange } from '@boathouse/contracts';

/** The word (or else the character) at an offset, as errors name their place. */
export function rangeAt(source: string, offset: number): SourceRange {
  const start = Math.max(0, Math.min(offset, source.length));
  const before = source.slice(0, start);
  const word = /^[\w$\u00a1-\uffff]+/.exec(source.slice(start));
  return {
    line: before.split('\n').length,
    column: start - (before.lastIndexOf('\n') + 1) + 1,
    start,
    end: Math.min(source.length, start + (word ? word[0].length : 1)),
  };
}
