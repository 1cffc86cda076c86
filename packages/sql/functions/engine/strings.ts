import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineScalar, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';

const points = (text: string): string[] => Array.from(text);
/** Cheap where no surrogates are: most texts. */
const plain = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

/** Spark's substring over code points: 0 and 1 are the first, negatives count from the end and eat into the length. */
export function substr(text: string, position: number, length: number): string {
  const chars = plain(text) ? text : points(text);
  const start = position > 0 ? position - 1 : position < 0 ? chars.length + position : 0;
  const end = Math.min(start + length, chars.length);
  if (end <= start || end <= 0) return '';
  const part = chars.slice(Math.max(start, 0), end);
  return typeof part === 'string' ? part : part.join('');
}

function pad(text: string, length: number, fill: string, left: boolean): string {
  if (length <= 0) return '';
  const chars = points(text);
  if (chars.length >= length) return chars.slice(0, length).join('');
  const pattern = points(fill);
  if (pattern.length === 0) return text;
  const added = Array.from({ length: length - chars.length }, (_, index) => pattern[index % pattern.length]!).join('');
  return left ? added + text : text + added;
}

/** Position counted from 1 in code points; 0 where it is not found. */
function locate(part: string, text: string, from: number): number {
  if (from < 1) return 0;
  if (part === '') return 1;
  const before = points(text)
    .slice(0, from - 1)
    .join('').length;
  const at = text.indexOf(part, before);
  return at < 0 ? 0 : points(text.slice(0, at)).length + 1;
}

function initcap(text: string): string {
  return points(text.toLowerCase())
    .map((char, index, all) => (index === 0 || all[index - 1] === ' ' ? titleCase(char) : char))
    .join('');
}

/** Title case of the letters that have one apart from upper case. */
function titleCase(char: string): string {
  const digraphs: Record<string, string> = { ǆ: 'ǅ', ǉ: 'ǈ', ǌ: 'ǋ', ǳ: 'ǲ' };
  const upper = char.toUpperCase();
  return digraphs[char] ?? (points(upper).length > 1 ? char : upper);
}

function levenshtein(a: string, b: string): number {
  const [x, y] = [points(a), points(b)];
  let row = Array.from({ length: y.length + 1 }, (_, index) => index);
  for (let i = 1; i <= x.length; i++) {
    const next = [i];
    for (let j = 1; j <= y.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (x[i - 1] === y[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[y.length]!;
}

function levenshteinWithin(a: string, b: string, limit: number): number {
  const distance = levenshtein(a, b);
  return limit < 0 || distance > limit ? -1 : distance;
}

function translate(text: string, from: string, to: string): string {
  const target = points(to);
  const map = new Map<string, string>();
  points(from).forEach((char, index) => {
    if (!map.has(char)) map.set(char, target[index] ?? '');
  });
  return points(text)
    .map((char) => map.get(char) ?? char)
    .join('');
}

function substringIndex(text: string, delimiter: string, count: number): string {
  if (delimiter === '' || count === 0) return '';
  const parts = text.split(delimiter);
  if (Math.abs(count) >= parts.length) return text;
  return (count > 0 ? parts.slice(0, count) : parts.slice(count)).join(delimiter);
}

function splitPart(text: string, delimiter: string, index: number): string {
  if (index === 0)
    throw userError('INVALID_INDEX_OF_ZERO', 'split_part counts from 1. Use 1 for the first part or -1 for the last.', {
      sqlState: '22003',
    });
  const parts = delimiter === '' ? [text] : text.split(delimiter);
  return parts.at(index > 0 ? index - 1 : index) ?? '';
}

/** Places `part` over `length` characters from `position`; a negative length means that of the part. */
function overlay(text: string, part: string, position: number, length: number): string {
  const over = length >= 0 ? length : points(part).length;
  return substr(text, 1, position - 1) + part + substr(text, position + over, 2_147_483_647);
}

const soundexCodes: Record<string, string> = {
  B: '1',
  F: '1',
  P: '1',
  V: '1',
  C: '2',
  G: '2',
  J: '2',
  K: '2',
  Q: '2',
  S: '2',
  X: '2',
  Z: '2',
  D: '3',
  T: '3',
  L: '4',
  M: '5',
  N: '5',
  R: '6',
};

function soundex(text: string): string {
  const first = text[0]?.toUpperCase();
  if (!first || first < 'A' || first > 'Z') return text;
  let code = first;
  let last = soundexCodes[first];
  for (const char of text.slice(1).toUpperCase()) {
    if (char < 'A' || char > 'Z') {
      last = undefined;
      continue;
    }
    const digit = soundexCodes[char];
    if (digit !== undefined && digit !== last) code += digit;
    if (digit !== undefined || !'HW'.includes(char)) last = digit;
    if (code.length === 4) break;
  }
  return code.padEnd(4, '0');
}

function findInSet(word: string, list: string): number {
  if (word.includes(',')) return 0;
  return list.split(',').indexOf(word) + 1;
}

function luhn(digits: string): boolean {
  if (!/^[0-9]+$/.test(digits)) return false;
  let sum = 0;
  [...digits].reverse().forEach((char, index) => {
    const doubled = Number(char) * (index % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return sum % 10 === 0;
}

/** Each kind of character replaced; NULL keeps it. */
function mask(text: string, upper: EngineValue, lower: EngineValue, digit: EngineValue, other: EngineValue): string {
  return points(text)
    .map((char) => {
      const to = /\p{Lu}/u.test(char) ? upper : /\p{Ll}/u.test(char) ? lower : /\p{Nd}/u.test(char) ? digit : other;
      return to === null ? char : (to as string);
    })
    .join('');
}

const repeatLimit = 100_000_000;
function repeat(text: string, times: number): string {
  if (times <= 0) return '';
  if (text.length * times > repeatLimit)
    throw userError('UNSUPPORTED_FUNCTION', 'repeat: the result would be longer than 100 million characters.');
  return text.repeat(times);
}

const texts = (count: number): EngineScalar[] => Array.from({ length: count }, () => 'VARCHAR');

/** The numbers from 1 to a count in an order by chance; `chance` only makes each row's call another one. */
function permutation(count: number, chance: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index + 1);
  let state = Math.floor(chance * 2 ** 32) >>> 0;
  for (let at = count - 1; at > 0; at--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

export const stringFunctions: EngineFunction[] = [
  engineFunction('spark_permutation', ['INTEGER', 'DOUBLE'], 'DOUBLE[]', ([count, chance]) =>
    permutation(count as number, chance as number),
  ),
  engineFunction('spark_substr', ['VARCHAR', 'INTEGER', 'INTEGER'], 'VARCHAR', ([text, at, length]) =>
    substr(text as string, at as number, length as number),
  ),
  engineFunction('spark_lpad', ['VARCHAR', 'INTEGER', 'VARCHAR'], 'VARCHAR', ([text, length, fill]) =>
    pad(text as string, length as number, fill as string, true),
  ),
  engineFunction('spark_rpad', ['VARCHAR', 'INTEGER', 'VARCHAR'], 'VARCHAR', ([text, length, fill]) =>
    pad(text as string, length as number, fill as string, false),
  ),
  engineFunction('spark_locate', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'INTEGER', ([part, text, from]) =>
    locate(part as string, text as string, from as number),
  ),
  engineFunction('spark_initcap', texts(1), 'VARCHAR', ([text]) => initcap(text as string)),
  engineFunction('spark_upper', texts(1), 'VARCHAR', ([text]) => (text as string).toUpperCase()),
  engineFunction('spark_lower', texts(1), 'VARCHAR', ([text]) => (text as string).toLowerCase()),
  engineFunction('spark_reverse', texts(1), 'VARCHAR', ([text]) =>
    points(text as string)
      .reverse()
      .join(''),
  ),
  engineFunction('spark_levenshtein', texts(2), 'INTEGER', ([a, b]) => levenshtein(a as string, b as string)),
  engineFunction('spark_levenshtein_within', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'INTEGER', ([a, b, limit]) =>
    levenshteinWithin(a as string, b as string, limit as number),
  ),
  engineFunction('spark_translate', texts(3), 'VARCHAR', ([text, from, to]) =>
    translate(text as string, from as string, to as string),
  ),
  engineFunction('spark_substring_index', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'VARCHAR', ([text, by, count]) =>
    substringIndex(text as string, by as string, count as number),
  ),
  engineFunction('spark_split_part', ['VARCHAR', 'VARCHAR', 'INTEGER'], 'VARCHAR', ([text, by, index]) =>
    splitPart(text as string, by as string, index as number),
  ),
  engineFunction('spark_overlay', ['VARCHAR', 'VARCHAR', 'INTEGER', 'INTEGER'], 'VARCHAR', ([text, part, at, length]) =>
    overlay(text as string, part as string, at as number, length as number),
  ),
  engineFunction('spark_soundex', texts(1), 'VARCHAR', ([text]) => soundex(text as string)),
  engineFunction('spark_find_in_set', texts(2), 'INTEGER', ([word, list]) => findInSet(word as string, list as string)),
  engineFunction('spark_luhn_check', texts(1), 'BOOLEAN', ([digits]) => luhn(digits as string)),
  engineFunction('spark_repeat', ['VARCHAR', 'INTEGER'], 'VARCHAR', ([text, times]) =>
    repeat(text as string, times as number),
  ),
  engineFunction('spark_ascii', texts(1), 'INTEGER', ([text]) => (text as string).codePointAt(0) ?? 0),
  engineFunction('spark_chr', ['BIGINT'], 'VARCHAR', ([code]) =>
    (code as bigint) < 0n ? '' : String.fromCharCode(Number(BigInt.asUintN(8, code as bigint))),
  ),
  {
    ...engineFunction('spark_mask', texts(5), 'VARCHAR', ([text, ...kinds]) =>
      text === null ? null : mask(text as string, kinds[0]!, kinds[1]!, kinds[2]!, kinds[3]!),
    ),
    nullAware: true,
  },
];
