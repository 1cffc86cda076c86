import type { ErrorInfo } from '@boathouse/contracts';

/** The error of a statement as one of the whole text that it is part of: its position moves by the statement's start. */
export function inWholeText(error: ErrorInfo, text: string, start: number): ErrorInfo {
  const { position } = error;
  if (!position || start === 0) return error;
  const before = text.slice(0, start);
  const line = before.split('\n').length - 1;
  const column = position.line === 1 ? before.length - (before.lastIndexOf('\n') + 1) : 0;
  return {
    ...error,
    position: {
      line: position.line + line,
      column: position.column + column,
      start: position.start + start,
      end: position.end + start,
    },
  };
}
