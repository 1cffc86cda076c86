import { userError } from '@boathouse/contracts';

/** Braces multiply: `{a,b}{c,d}` is four patterns. */
const MAX_ALTERNATIVES = 1000;
const MAX_LENGTH = 16_000;

/** One character of a segment, or any number of them. */
type Token = 'star' | ((character: string) => boolean);

/**
 * A glob (`*`, `?`, `[a-z]`, `[!a]`, `{a,b}`) as a test of keys; a folder that matches gives everything beneath it. The time
 * grows with the product of both lengths and no faster: whoever writes the pattern shares the process with everybody, so it
 * is no regular expression, which could search for years. Throws INVALID_FILE_PATTERN.
 */
export function globMatcher(glob: string): (key: string) => boolean {
  const patterns = alternatives(glob.replace(/\/$/, '')).map((it) => it.split('/').map(tokensOf));
  return (key) => {
    const segments = key.split('/').map((segment) => [...segment]);
    return patterns.some(
      (pattern) =>
        pattern.length <= segments.length && pattern.every((tokens, index) => matches(tokens, segments[index]!)),
    );
  };
}

/** Takes braces apart, from the first on; one that is not closed is a character like others. */
function alternatives(glob: string): string[] {
  const refuse = (why: string) =>
    userError('INVALID_FILE_PATTERN', `The pattern of files ${why}. Name a folder instead.`);
  if (glob.length > MAX_LENGTH) throw refuse(`is longer than ${MAX_LENGTH} characters`);
  const done: string[] = [];
  const open = [glob];
  let taken = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const parts = firstBraces(next);
    if (parts) for (const choice of parts.choices) open.push(parts.before + choice + parts.after);
    else done.push(next);
    if (done.length + open.length > MAX_ALTERNATIVES || ++taken > 2 * MAX_ALTERNATIVES)
      throw refuse(`has braces that stand for more than ${MAX_ALTERNATIVES} names`);
  }
  return done;
}

function firstBraces(glob: string): { before: string; choices: string[]; after: string } | null {
  let start = -1;
  let depth = 0;
  let from = 0;
  let choices: string[] = [];
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at];
    if (character === '[') at = Math.max(at, glob.indexOf(']', at + 1));
    else if (character === '{') {
      if (depth++ === 0) [start, from, choices] = [at, at + 1, []];
    } else if (depth === 1 && (character === ',' || character === '}')) {
      choices.push(glob.slice(from, at));
      from = at + 1;
      if (character === '}') return { before: glob.slice(0, start), choices, after: glob.slice(from) };
    } else if (character === '}' && depth > 0) depth--;
  }
  return null;
}

function tokensOf(segment: string): Token[] {
  const characters = [...segment];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    const end = character === '[' ? characters.indexOf(']', at + 1) : -1;
    if (character === '*') tokens.push('star');
    else if (character === '?') tokens.push(() => true);
    else if (end > 0) {
      tokens.push(oneOf(characters.slice(at + 1, end)));
      at = end;
    } else tokens.push((it) => it === character);
  }
  return tokens;
}

/** What stands between brackets: characters and ranges, or after `!` or `^` all but them. */
function oneOf(inside: string[]): (character: string) => boolean {
  const negated = inside[0] === '!' || inside[0] === '^';
  const ranges: [string, string][] = [];
  for (let at = negated ? 1 : 0; at < inside.length; at++) {
    const isRange = inside[at + 1] === '-' && at + 2 < inside.length;
    ranges.push([inside[at]!, inside[isRange ? at + 2 : at]!]);
    if (isRange) at += 2;
  }
  const point = (character: string) => character.codePointAt(0)!;
  return (it) => ranges.some(([low, high]) => point(low) <= point(it) && point(it) <= point(high)) !== negated;
}

/** Going back to the last star only is enough: an earlier one could take nothing that the last cannot. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let taken = 0;
  while (at < text.length) {
    const here = tokens[token];
    if (here === 'star') {
      star = token++;
      taken = at;
    } else if (here?.(text[at]!)) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++taken;
    } else return false;
  }
  while (tokens[token] === 'star') token++;
  return token === tokens.length;
}
