import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';
import { compileRegex } from './regex.ts';

/** Java's shifts: the count modulo the width; `>>>` fills with zeros. */
function shift(operator: string, width: number, value: bigint, count: number): bigint {
  const by = BigInt(count & (width - 1));
  if (operator === '<<') return BigInt.asIntN(width, value << by);
  if (operator === '>>') return value >> by;
  return BigInt.asIntN(width, BigInt.asUintN(width, value) >> by);
}

/** A LIKE pattern with backslash as its escapeChar, checked as Spark checks it. */
function likePattern(pattern: string, escapeChar: string): string {
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char !== escapeChar) {
      out += char === '\\' ? '\\\\' : char;
      continue;
    }
    const next = pattern[++at];
    if (next === undefined)
      throw userError('INVALID_FORMAT.ESC_AT_THE_END', 'A LIKE pattern may not end with its escapeChar character.', {
        sqlState: '42601',
      });
    if (next !== '%' && next !== '_' && next !== escapeChar) {
      throw userError(
        'INVALID_FORMAT.ESC_IN_THE_MIDDLE',
        `In a LIKE pattern the escapeChar character must stand before %, _ or itself, not before '${next}'.`,
        { sqlState: '42601' },
      );
    }
    out += `\\${next}`;
  }
  return out;
}

/** Bytes one after the other with a separator between; NULLs are left out, and where nothing is left the answer is NULL. */
function joinBytes(values: EngineValue[], separator: Uint8Array): Uint8Array | null {
  const parts = values.filter((value) => value instanceof Uint8Array);
  if (parts.length === 0) return null;
  return Uint8Array.from(Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))));
}

export const miscFunctions: EngineFunction[] = [
  engineFunction('spark_join_bytes', ['BLOB[]', 'BLOB'], 'BLOB', ([values, separator]) =>
    joinBytes(values as EngineValue[], separator as Uint8Array),
  ),
  engineFunction(
    'spark_shift',
    ['VARCHAR', 'INTEGER', 'BIGINT', 'INTEGER'],
    'BIGINT',
    ([operator, width, value, count]) => shift(operator as string, width as number, value as bigint, count as number),
  ),
  engineFunction('spark_like_pattern', ['VARCHAR', 'VARCHAR'], 'VARCHAR', ([pattern, escapeChar]) =>
    likePattern(pattern as string, escapeChar as string),
  ),
  engineFunction('spark_rlike', ['VARCHAR', 'VARCHAR'], 'BOOLEAN', ([text, pattern]) =>
    compileRegex(pattern as string, '').test(text as string),
  ),
];
