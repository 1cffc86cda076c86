import type { SourceRange } from '@boathouse/contracts';

/** Offsets (UTF-16 code units, end exclusive) into the text that was given to the parser. */
export interface Range {
  start: number;
  end: number;
}

/** What every node of the tree has. */
export interface Node {
  range: Range;
}

/** The range with the 1-based line and column of its start, as errors carry it. */
export function positionOf(text: string, range: Range): SourceRange {
  let line = 1;
  let lineStart = 0;
  const start = Math.min(range.start, text.length);
  for (let at = text.indexOf('\n'); at >= 0 && at < start; at = text.indexOf('\n', at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { line, column: start - lineStart + 1, start, end: Math.max(start, Math.min(range.end, text.length)) };
}

/** The text that a node was parsed from. */
export function textOf(text: string, node: Node): string {
  return text.slice(node.range.start, node.range.end);
}
