import { userError } from '@boathouse/contracts';

/** One piece of a datetime pattern: a run of one letter, or literal text. */
export type PatternPart = { letter: string; count: number } | { text: string };

const limits: Record<string, number> = {
  G: 4,
  y: 6,
  M: 4,
  L: 4,
  d: 2,
  D: 3,
  Q: 4,
  q: 4,
  E: 4,
  F: 1,
  a: 1,
  h: 2,
  H: 2,
  k: 2,
  K: 2,
  m: 2,
  s: 2,
  S: 9,
  z: 4,
  X: 5,
  x: 5,
  Z: 5,
};
const exact: Record<string, number[]> = { V: [2], O: [1, 4] };
/** Letters that Spark 2 read otherwise: Spark refuses to guess. */
const changed = 'YWwuec';

const changedError = (pattern: string) =>
  userError(
    'INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION',
    `The datetime pattern '${pattern}' is not recognised. Use letters such as yyyy-MM-dd HH:mm:ss.`,
    { sqlState: '42K0B' },
  );
const illegal = (pattern: string, letter: string) =>
  userError(
    'INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER',
    `The datetime pattern '${pattern}' holds '${letter}', which has no meaning. Quote text with single quotes.`,
    { sqlState: '22007' },
  );

const parsed = new Map<string, PatternPart[]>();

/** Splits a pattern. Throws INVALID_DATETIME_PATTERN.*, INCONSISTENT_BEHAVIOR… and UNSUPPORTED_FUNCTION for optional sections. */
export function patternParts(pattern: string): PatternPart[] {
  const known = parsed.get(pattern);
  if (known) return known;
  const parts: PatternPart[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    if (/[A-Za-z]/.test(char)) {
      let count = 1;
      while (pattern[at + count] === char) count++;
      checkLetter(pattern, char, count);
      parts.push({ letter: char, count });
      at += count;
    } else if (char === "'") {
      const { text, end } = quoted(pattern, at);
      parts.push({ text });
      at = end;
    } else {
      if (char === '[' || char === ']')
        throw userError('UNSUPPORTED_FUNCTION', 'Optional sections in datetime patterns are not supported.');
      if ('{}#'.includes(char)) throw illegal(pattern, char);
      parts.push({ text: char });
      at++;
    }
  }
  if (parsed.size > 500) parsed.clear();
  parsed.set(pattern, parts);
  return parts;
}

function checkLetter(pattern: string, letter: string, count: number): void {
  if (changed.includes(letter)) throw changedError(pattern);
  const counts = exact[letter];
  if (counts) {
    if (!counts.includes(count)) throw changedError(pattern);
    return;
  }
  if (letter === 'v')
    throw userError('UNSUPPORTED_FUNCTION', "The letter 'v' in datetime patterns is not supported. Use VV.");
  const limit = limits[letter];
  if (limit === undefined) throw illegal(pattern, letter);
  if (count > limit) throw changedError(pattern);
}

function quoted(pattern: string, start: number): { text: string; end: number } {
  if (pattern[start + 1] === "'") return { text: "'", end: start + 2 };
  let text = '';
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at];
    else if (pattern[at + 1] === "'") {
      text += "'";
      at++;
    } else return { text, end: at + 1 };
  }
  throw changedError(pattern);
}

export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
