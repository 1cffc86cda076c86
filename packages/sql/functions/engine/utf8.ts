import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Each maximal broken part becomes one U+FFFD, as Spark does. */
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function validated(bytes: Uint8Array): string {
  const text = decoded(bytes);
  if (text === undefined)
    throw userError(
      'INVALID_UTF8_STRING',
      `The bytes ${Buffer.from(bytes).toString('hex')} are not UTF-8. Use make_valid_utf8 or try_validate_utf8.`,
      { sqlState: '22029' },
    );
  return text;
}

/** Whether bytes hold others: `contains`, `startswith` or `endswith`. */
function matches(how: string, bytes: Uint8Array, part: Uint8Array): boolean {
  const [whole, piece] = [Buffer.from(bytes), Buffer.from(part)];
  if (how === 'contains') return whole.includes(piece);
  if (piece.length > whole.length) return false;
  const from = how === 'startswith' ? 0 : whole.length - piece.length;
  return whole.subarray(from, from + piece.length).equals(piece);
}

const longest = 100_000_000;
function pad(bytes: Uint8Array, length: number, fill: Uint8Array, left: boolean): Uint8Array {
  if (length <= bytes.length) return bytes.slice(0, Math.max(0, length));
  if (fill.length === 0) return bytes;
  if (length > longest) throw userError('UNSUPPORTED_FUNCTION', 'Padding beyond 100 million bytes is not supported.');
  const added = Buffer.alloc(length - bytes.length, Buffer.from(fill));
  return Uint8Array.from(Buffer.concat(left ? [added, bytes] : [bytes, added]));
}

/** Bytes as substr counts characters: 0 and 1 are the first, negatives count from the end. */
export function substrBytes(bytes: Uint8Array, position: number, length: number): Uint8Array {
  const start = position > 0 ? position - 1 : position < 0 ? bytes.length + position : 0;
  const end = Math.min(start + length, bytes.length);
  return end <= start || end <= 0 ? new Uint8Array() : bytes.slice(Math.max(start, 0), end);
}

function overlay(bytes: Uint8Array, part: Uint8Array, position: number, length: number): Uint8Array {
  const over = length >= 0 ? length : part.length;
  return Uint8Array.from(
    Buffer.concat([substrBytes(bytes, 1, position - 1), part, substrBytes(bytes, position + over, 2_147_483_647)]),
  );
}

export const utf8Functions: EngineFunction[] = [
  engineFunction('spark_is_valid_utf8', ['BLOB'], 'BOOLEAN', ([bytes]) => decoded(bytes as Uint8Array) !== undefined),
  engineFunction('spark_make_valid_utf8', ['BLOB'], 'VARCHAR', ([bytes]) => lenient.decode(bytes as Uint8Array)),
  engineFunction('spark_validate_utf8', ['BLOB'], 'VARCHAR', ([bytes]) => validated(bytes as Uint8Array)),
  engineFunction('spark_try_validate_utf8', ['BLOB'], 'VARCHAR', ([bytes]) => decoded(bytes as Uint8Array) ?? null),
  engineFunction('spark_match_bytes', ['VARCHAR', 'BLOB', 'BLOB'], 'BOOLEAN', ([how, bytes, part]) =>
    matches(how as string, bytes as Uint8Array, part as Uint8Array),
  ),
  engineFunction('spark_lpad_bytes', ['BLOB', 'INTEGER', 'BLOB'], 'BLOB', ([bytes, length, fill]) =>
    pad(bytes as Uint8Array, length as number, fill as Uint8Array, true),
  ),
  engineFunction('spark_rpad_bytes', ['BLOB', 'INTEGER', 'BLOB'], 'BLOB', ([bytes, length, fill]) =>
    pad(bytes as Uint8Array, length as number, fill as Uint8Array, false),
  ),
  engineFunction('spark_overlay_bytes', ['BLOB', 'BLOB', 'INTEGER', 'INTEGER'], 'BLOB', ([bytes, part, at, length]) =>
    overlay(bytes as Uint8Array, part as Uint8Array, at as number, length as number),
  ),
  engineFunction('spark_substr_bytes', ['BLOB', 'INTEGER', 'INTEGER'], 'BLOB', ([bytes, at, length]) =>
    substrBytes(bytes as Uint8Array, at as number, length as number),
  ),
  engineFunction('spark_reverse_bytes', ['BLOB'], 'BLOB', ([bytes]) => (bytes as Uint8Array).slice().reverse()),
];
