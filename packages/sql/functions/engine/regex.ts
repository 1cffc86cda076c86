import { userError } from '@boathouse/contracts';

const compiled = new Map<string, RegExp>();
const cacheSize = 500;

const unsupported = (pattern: string) =>
  userError('UNSUPPORTED_FUNCTION', `The regular expression '${pattern}' uses a construct that is not supported.`);
const broken = (pattern: string) =>
  userError(
    'INVALID_PARAMETER_VALUE.PATTERN',
    `The regular expression '${pattern}' is not valid. Check its brackets and repetitions.`,
    { sqlState: '22023' },
  );

/** Constructs that Java and JavaScript read differently, or that JavaScript has not: possessive, atomic, inline flags … */
const foreign = /\(\?[>a-zA-Z-]|[*+?}]\+/;
/** Escaped letters that mean the same in both; `\s` and `\S` are spelled out. */
const sameEscapes = /[dDwWbBnrtfk1-9sS]/;

const javaSpace = ' \\t\\n\\x0B\\f\\r';
const lineEnds = '\\n\\r\\u0085\\u2028\\u2029';

/**
 * A Java pattern compiled for JavaScript, which has its look-around and back-references. `(?i)`, `(?s)` and `(?m)` at the
 * start are honoured. Throws UNSUPPORTED_FUNCTION for constructs without a twin and INVALID_PARAMETER_VALUE.PATTERN for
 * broken ones.
 */
export function compileRegex(pattern: string, flags: string): RegExp {
  const key = `${flags} ${pattern}`;
  const known = compiled.get(key);
  if (known) {
    known.lastIndex = 0;
    return known;
  }
  const lead = /^\(\?([ims]+)\)/.exec(pattern);
  const inline = lead?.[1] ?? '';
  const body = lead ? pattern.slice(lead[0].length) : pattern;
  // Java folds only ASCII unless told otherwise, JavaScript all of Unicode.
  if (foreign.test(body.replaceAll('\\\\', '')) || (inline.includes('i') && /[^\0-\x7f]/.test(body)))
    throw unsupported(pattern);
  let regex: RegExp;
  try {
    regex = new RegExp(translate(body, inline, pattern), `${flags}u${inline}`);
  } catch (error) {
    if (error instanceof SyntaxError) throw broken(pattern);
    throw error;
  }
  if (compiled.size >= cacheSize) compiled.clear();
  compiled.set(key, regex);
  return regex;
}

/** Spells out what JavaScript reads more widely: white space, the dot, and `$` in front of a last line end. */
function translate(source: string, inline: string, pattern: string): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === '\\') {
      out += escaped(source, ++at, inClass, pattern);
      if (source[at] === 'u') at += 4;
    } else if (inClass) {
      if (char === '[' || source.startsWith('&&', at)) throw unsupported(pattern);
      if (char === ']') inClass = false;
      out += char;
    } else if (char === '[') {
      inClass = true;
      const negated = source[at + 1] === '^';
      const first = source[at + (negated ? 2 : 1)];
      // Java takes a bracket right behind the opening one for a member of the class.
      if (first === ']') throw unsupported(pattern);
      out += char;
    } else if (char === '.') out += inline.includes('s') ? '.' : `[^${lineEnds}]`;
    else if (char === '$') out += inline.includes('m') ? '$' : `(?=(?:\\r\\n|[${lineEnds}])?$(?![\\s\\S]))`;
    else if (char === ']' || char === '}') out += isRepetition(source, at) ? char : `\\${char}`;
    else out += char;
  }
  return out;
}

/** Whether a closing brace ends `{2}`, `{2,}` or `{2,3}`. */
const isRepetition = (source: string, at: number): boolean =>
  /\{\d+(?:,\d*)?$/.test(source.slice(0, at)) && source[at] === '}';

/** What follows a backslash. */
function escaped(source: string, at: number, inClass: boolean, pattern: string): string {
  const char = source[at];
  if (char === undefined) throw broken(pattern);
  if (char === 's') return inClass ? javaSpace : `[${javaSpace}]`;
  if (char === 'S') {
    if (inClass) throw unsupported(pattern);
    return `[^${javaSpace}]`;
  }
  if (char === 'u') {
    const hex = source.slice(at + 1, at + 5);
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw broken(pattern);
    return `\\u${hex}`;
  }
  if (/[A-Za-z0-9]/.test(char)) {
    if (!sameEscapes.test(char)) throw unsupported(pattern);
    return `\\${char}`;
  }
  // Java lets any other character be escaped; the u flag only those with a meaning.
  return /[\^$\\.*+?()[\]{}|/-]/.test(char) ? (char === '-' && !inClass ? '-' : `\\${char}`) : char;
}
