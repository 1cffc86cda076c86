import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, literal, sql } from '../../emit/text.ts';
import { cast, commonType, constantText, derive, engineType, implicit, mismatch } from '../../types/index.ts';
import { type } from '../define.ts';
import { javaRegex } from '../regex.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';

/** `a || b` and concat: text, or bytes where all are bytes, or arrays. NULL where one is NULL. */
export function concat(call: FunctionCall): FunctionResult {
  const { args } = call;
  const name = `concat(${args.map((arg) => arg.name).join(', ')})`;
  if (args.length === 0) return { ...derive([], [`''`], type.string, false), name };
  if (args.some((arg) => arg.type.kind === 'array')) {
    if (args.some((arg) => arg.type.kind !== 'array'))
      throw mismatch('DATA_DIFF_TYPES', 'concat takes arrays alone, or values that are not arrays.');
    const common = commonType(args.map((arg) => arg.type));
    if (common?.kind !== 'array')
      throw mismatch('DATA_DIFF_TYPES', 'concat takes arrays of one type, or values that are not arrays.');
    const values = args.map((arg) => cast(arg, common, call));
    return { ...derive(values, chain(values, engineType(common)), common), name };
  }
  const bytes = args.every((arg) => arg.type.kind === 'binary');
  const values = bytes ? args : args.map((arg) => implicit(arg, type.string, call));
  return { ...derive(values, chain(values, bytes ? 'BLOB' : 'VARCHAR'), bytes ? type.binary : type.string), name };
}

const chain = (values: Typed[], engine: string): Sql =>
  values.length === 1
    ? values[0]!.sql
    : sql`(${join(
        values.map((value) => sql`CAST(${value.sql} AS ${engine})`),
        ' || ',
      )})`;

/** LIKE and ILIKE; backslash is the escapeChar character unless another is written. */
export function like(call: FunctionCall, insensitive: boolean): FunctionResult {
  const [a, b] = call.args as [Typed, Typed];
  const value = implicit(a, type.string, call);
  const pattern = implicit(b, type.string, call);
  const escapeChar = call.args[2] ? constantText(call.args[2])! : '\\';
  const fixed = constantText(pattern);
  const operator = insensitive ? 'ILIKE' : 'LIKE';
  if (fixed !== undefined) checkPattern(fixed, escapeChar);
  const checked =
    fixed === undefined
      ? sql`spark_like_pattern(${pattern.sql}, ${literal(escapeChar)})`
      : sql`${literal(withBackslash(fixed, escapeChar))}`;
  // Without an escape the engine looks for the parts of the pattern, which is quicker than matching it.
  const escaped = fixed === undefined || withBackslash(fixed, escapeChar).includes('\\');
  const text = sql`(${value.sql} ${operator} ${checked}${escaped ? " ESCAPE '\\'" : ''})`;
  const shown = escapeChar === '\\' ? '' : ` ESCAPE '${escapeChar}'`;
  const name = insensitive ? `ilike(${a.name}, ${b.name})` : `${a.name} LIKE ${b.name}${shown}`;
  return { ...derive([value, pattern], text, type.boolean), name };
}

/** The escapeChar character must stand before %, _ or itself. */
function checkPattern(pattern: string, escapeChar: string): void {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== escapeChar) continue;
    const next = pattern[at + 1];
    if (next === undefined)
      throw mismatchFormat('ESC_AT_THE_END', 'A LIKE pattern may not end with its escapeChar character.');
    if (next !== '%' && next !== '_' && next !== escapeChar) {
      throw mismatchFormat(
        'ESC_IN_THE_MIDDLE',
        `In a LIKE pattern the escapeChar character must stand before %, _ or itself, not before '${next}'.`,
      );
    }
    at++;
  }
}
const mismatchFormat = (subclass: string, message: string): Error =>
  Object.assign(mismatch('', message), { code: `INVALID_FORMAT.${subclass}` });

/** The pattern with backslash as its escapeChar character. */
export function withBackslash(pattern: string, escapeChar: string): string {
  if (escapeChar === '\\') return pattern;
  let out = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    if (char === escapeChar) out += `\\${pattern[++at] ?? ''}`;
    else out += char === '\\' ? '\\\\' : char;
  }
  return out;
}

export function rlike(call: FunctionCall): FunctionResult {
  const [a, b] = call.args as [Typed, Typed];
  const value = implicit(a, type.string, call);
  const pattern = implicit(b, type.string, call);
  const native = javaRegex(constantText(pattern));
  const text = native
    ? sql`regexp_matches(${value.sql}, ${literal(native)})`
    : sql`spark_rlike(${value.sql}, ${pattern.sql})`;
  return { ...derive([value, pattern], text, type.boolean), name: `RLIKE(${a.name}, ${b.name})` };
}
