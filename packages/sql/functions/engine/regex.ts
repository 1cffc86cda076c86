import { userError } from '@boathouse/contracts';

const compiled = new Map<string, RegExp>();
const cacheSize = 500;

/** Constructs that Java and JavaScript read differently, or that JavaScript has not. */
const foreign = /\\[QEGAZzhHvVRXpP]|\(\?[>a-zA-Z-]|[*+?}]\+|\[[^\]]*(?:&&|\[)|\\0|\\x\{|\\N|\\e|\\a|\\c/;

/**
 * A Java pattern compiled for JavaScript, which has its look-around and back-references. `(?i)` at the start is honoured.
 * Throws UNSUPPORTED_FUNCTION for constructs without a twin and INVALID_PARAMETER_VALUE.PATTERN for broken ones.
 */
export function compileRegex(pattern: string, flags: string): RegExp {
  const key = `${flags} ${pattern}`;
  const known = compiled.get(key);
  if (known) {
    known.lastIndex = 0;
    return known;
  }
  const lead = /^\(\?([ims]+)\)/.exec(pattern);
  const body = lead ? pattern.slice(lead[0].length) : pattern;
  if (foreign.test(body.replaceAll('\\\\', '')))
    throw userError(
      'UNSUPPORTED_FUNCTION',
      `The regular expression '${pattern}' uses a construct that is not supported.`,
    );
  let regex: RegExp;
  try {
    // `$` also matches before a last line end in Java, and `.` stops at more line ends; the dot agrees but for U+0085.
    const source = dollars(body, lead?.[1]?.includes('m') ?? false);
    regex = new RegExp(source, `${flags}u${lead?.[1] ?? ''}`);
  } catch {
    regex = loose(pattern, body, flags + (lead?.[1] ?? ''));
  }
  if (compiled.size >= cacheSize) compiled.clear();
  compiled.set(key, regex);
  return regex;
}

/** Java's `$` accepts a line end at the very end of the text. */
function dollars(source: string, multiline: boolean): string {
  if (multiline) return source;
  let out = '';
  let inClass = false;
  for (let at = 0; at < source.length; at++) {
    const char = source[at]!;
    if (char === '\\') {
      out += char + (source[++at] ?? '');
      continue;
    }
    if (char === '[') inClass = true;
    if (char === ']') inClass = false;
    out += char === '$' && !inClass ? '(?=(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])?$(?![\\s\\S]))' : char;
  }
  return out;
}

/** Without the u flag JavaScript allows escapes such as `\-` that Java allows too; surrogate pairs would differ then. */
function loose(pattern: string, body: string, flags: string): RegExp {
  try {
    return new RegExp(dollars(body, flags.includes('m')), flags);
  } catch {
    throw userError(
      'INVALID_PARAMETER_VALUE.PATTERN',
      `The regular expression '${pattern}' is not valid. Check its brackets and repetitions.`,
      { sqlState: '22023' },
    );
  }
}
