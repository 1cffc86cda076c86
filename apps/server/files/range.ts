import { userError } from '@boathouse/contracts';

/** A part of a file: `length` bytes from `offset`. */
export interface ByteRange {
  offset: number;
  length: number;
}

/**
 * Reads a Range header for a file of `size` bytes: null where it asks for nothing special (absent, several ranges, another
 * unit), in which case the whole file is the answer. Throws RANGE_NOT_SATISFIABLE (416).
 */
export function parseRange(header: string | undefined, size: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const first = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const last = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (first >= size || last < first) {
    throw userError('RANGE_NOT_SATISFIABLE', `The file has ${size} bytes: the range asked for lies outside.`, {
      status: 416,
    });
  }
  return { offset: first, length: last - first + 1 };
}
