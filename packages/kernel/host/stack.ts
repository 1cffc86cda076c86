import type { ErrorInfo, SourceRange } from '@boathouse/contracts';
import type { CallError } from '../wire/protocol.ts';

export interface CellFailure {
  name: string;
  message: string;
  stack: string;
  call?: CallError;
}

/** Where a position of a script lies: the cell that it was made from, and the place in that cell's source. */
export type Locate = (file: string, line: number, column: number) => { current: boolean; position: SourceRange } | null;

const FRAME_LINE = /^\s*at (?:async )?(?:(.*?) \()?(cell-\d+(?:-functions)?\.ts):(\d+):(\d+)\)?$/;
const MAX_FRAMES = 20;

/** A cell's failure as the workspace shows it: the cell's own line, and a stack of cells' lines only. */
export function cellError(failure: CellFailure, locate: Locate): ErrorInfo {
  const lines: string[] = [];
  let position: SourceRange | undefined;
  for (const line of failure.stack.split('\n')) {
    const match = FRAME_LINE.exec(line);
    if (!match || lines.length >= MAX_FRAMES) continue;
    const [, name, file, row, column] = match;
    const found = locate(file!, Number(row), Number(column));
    if (!found) continue;
    if (found.current) position ??= found.position;
    const at = `line ${found.position.line}, column ${found.position.column}`;
    lines.push(`at ${name ? `${name}, ` : ''}${at}${found.current ? '' : ' of a cell that ran before'}`);
  }
  const { call } = failure;
  const { name, message } = inOurWords(failure);
  const detail = [call?.detail, lines.join('\n')].filter(Boolean).join('\n\n');
  return {
    code: call?.code ?? 'CELL_ERROR',
    message: call ? message : name && !message.startsWith(name) ? `${name}: ${message}` : message || name,
    fault: call?.fault ?? 'user',
    status: call?.status ?? 400,
    ...(position ? { position } : {}),
    ...(detail ? { detail } : {}),
  };
}

/** Errors of the runtime that speak of things that a person at a notebook cannot do. */
function inOurWords({ name, message }: CellFailure): { name: string; message: string } {
  const constant = /^Cannot assign to read only property '(.+)' of object '#<Window>'$/.exec(message);
  if (name === 'TypeError' && constant)
    return {
      name,
      message: `${constant[1]} is a constant of an earlier line or cell: declare it with let to assign it.`,
    };
  const access = /^Requires (\w+) access(?: to (.+?))?, run again with /s.exec(message);
  if (name === 'NotCapable' && access)
    return {
      name,
      message: `Cells have no ${access[1]} access${access[2] ? ` to ${access[2]}` : ''}. They reach data by spark: tables, and files in volumes.`,
    };
  return { name, message };
}
