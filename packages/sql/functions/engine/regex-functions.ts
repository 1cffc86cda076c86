import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { compileRegex } from './regex.ts';

/** Java's split: a leading empty match adds no part; a limit above 0 caps the parts, otherwise trailing ones stay. */
function split(text: string, pattern: string, limit: number): string[] {
  const regex = compileRegex(pattern, 'g');
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(regex)) {
    if (limit > 0 && parts.length === limit - 1) break;
    const end = match.index + match[0].length;
    if (end === 0) continue;
    // Spark gives 'abc' split by '' as [a,b,c], without the empty part that Java leaves at the end.
    if (pattern === '' && match.index >= text.length) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  parts.push(text.slice(from));
  return parts;
}

function group(match: RegExpMatchArray, index: number): string {
  return match[index] ?? '';
}

function checkGroup(name: string, regex: RegExp, index: number): void {
  const count = new RegExp(`${regex.source}|`, regex.flags.replace('g', '')).exec('')!.length - 1;
  if (index >= 0 && index <= count) return;
  throw userError(
    'INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX',
    `${name}: the pattern has ${count} groups, and group ${index} was asked for.`,
    { sqlState: '22023' },
  );
}

/** Java's replacement text: `$1`, and a backslash before what is meant literally. */
function expand(replacement: string, match: RegExpMatchArray): string {
  let out = '';
  for (let at = 0; at < replacement.length; at++) {
    const char = replacement[at]!;
    if (char === '\\') {
      at++;
      if (at >= replacement.length) throw broken(replacement);
      out += replacement[at];
    } else if (char === '$') {
      if (replacement[at + 1] === '{')
        throw userError(
          'UNSUPPORTED_FUNCTION',
          'regexp_replace: named groups in the replacement are not supported. Use $1.',
        );
      let digits = /^\$(\d)/.exec(replacement.slice(at))?.[1];
      if (digits === undefined || Number(digits) >= match.length) throw broken(replacement);
      // Java takes further digits while the group still exists.
      for (
        let next = replacement[at + 1 + digits.length];
        next !== undefined && /\d/.test(next) && Number(digits + next) < match.length;
        next = replacement[at + 1 + digits.length]
      )
        digits += next;
      out += group(match, Number(digits));
      at += digits.length;
    } else out += char;
  }
  return out;
}
const broken = (replacement: string) =>
  userError(
    'INVALID_PARAMETER_VALUE.PATTERN',
    `The replacement '${replacement}' names a group that the pattern has not. Write \\$ for a dollar sign.`,
    { sqlState: '22023' },
  );

function replaceAll(text: string, pattern: string, replacement: string, position: number): string {
  if (position < 1) throw userError('UNSUPPORTED_FUNCTION', 'regexp_replace: positions below 1 are not supported.');
  const regex = compileRegex(pattern, 'g');
  if (position - 1 > text.length || (position - 1 === text.length && position > 1)) return text;
  let out = text.slice(0, position - 1);
  let from = position - 1;
  regex.lastIndex = from;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    out += text.slice(from, match.index) + expand(replacement, match);
    from = match.index + match[0].length;
    if (match[0] === '') regex.lastIndex++;
  }
  return out + text.slice(from);
}

export const regexFunctions: EngineFunction[] = [
  engineFunction('spark_split', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'VARCHAR[]', ([text, pattern, limit]) =>
    split(text as string, pattern as string, limit as number),
  ),
  engineFunction(
    'spark_regexp_replace',
    ['VARCHAR', 'VARCHAR', 'VARCHAR', 'INTEGER'],
    'VARCHAR',
    ([text, pattern, replacement, position]) =>
      replaceAll(text as string, pattern as string, replacement as string, position as number),
  ),
  engineFunction('spark_regexp_extract', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'VARCHAR', ([text, pattern, index]) => {
    const regex = compileRegex(pattern as string, '');
    checkGroup('regexp_extract', regex, index as number);
    const match = regex.exec(text as string);
    return match ? group(match, index as number) : '';
  }),
  engineFunction(
    'spark_regexp_extract_all',
    ['VARCHAR', 'VARCHAR', 'INTEGER'],
    'VARCHAR[]',
    ([text, pattern, index]) => {
      const regex = compileRegex(pattern as string, 'g');
      return [...(text as string).matchAll(regex)].map((match) => {
        checkGroup('regexp_extract_all', regex, index as number);
        return group(match, index as number);
      });
    },
  ),
  engineFunction(
    'spark_regexp_count',
    ['VARCHAR', 'VARCHAR'],
    'INTEGER',
    ([text, pattern]) => [...(text as string).matchAll(compileRegex(pattern as string, 'g'))].length,
  ),
  engineFunction('spark_regexp_instr', ['VARCHAR', 'VARCHAR'], 'INTEGER', ([text, pattern]) => {
    const match = compileRegex(pattern as string, '').exec(text as string);
    return match ? match.index + 1 : 0;
  }),
  engineFunction(
    'spark_regexp_substr',
    ['VARCHAR', 'VARCHAR'],
    'VARCHAR',
    ([text, pattern]) => compileRegex(pattern as string, '').exec(text as string)?.[0] || null,
  ),
];
