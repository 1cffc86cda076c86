import { isDigit, isSpace, isWordPart } from './characters.ts';
import { unescapeString } from './string.ts';
import type { Comment, Token, TokenKind, Tokens } from './token.ts';

/** Longest first within each first character. */
const operators = [
  ...['>>>', '<=>'],
  ...['==', '<>', '!=', '<=', '>=', '!<', '!>', '||', '|>', '::', ':=', '->', '=>', '<<', '>>'],
  ...'()[],.;:?+-*/%~&|^=<>!@{}'.split(''),
];
const operatorsByFirst = new Map<string, string[]>();
for (const operator of operators) {
  const first = operator[0]!;
  operatorsByFirst.set(first, [...(operatorsByFirst.get(first) ?? []), operator]);
}

const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:BD|[YSLFD])?/iy;

/**
 * Divides a text into tokens and comments. Never throws: what cannot be read is a `bad` token, so that completion works
 * on half-written text; the parser refuses it. Linear in the length of the text.
 */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  let at = 0;
  const push = (kind: TokenKind, end: number, key: string, value: string) => {
    tokens.push({ kind, key, value, start: at, end });
    at = end;
  };

  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === 0xfeff) {
      at += 1;
    } else if (code === 45 && text.charCodeAt(at + 1) === 45) {
      const end = lineCommentEnd(text, at);
      comments.push({ kind: 'line', start: at, end });
      at = end;
    } else if (code === 47 && text.charCodeAt(at + 1) === 42) {
      const isHint = text[at + 2] === '+';
      const end = blockCommentEnd(text, at);
      if (end < 0) push('bad', text.length, '', 'This comment has no end: close it with */.');
      else if (isHint) push('hint', end, '', text.slice(at + 3, end - 2));
      else {
        comments.push({ kind: 'block', start: at, end });
        at = end;
      }
    } else if (isDigit(code) || (code === 46 && isDigit(text.charCodeAt(at + 1)))) {
      const end = numberEnd(text, at);
      if (end > at) push('number', end, '', text.slice(at, end));
      else if (code === 46) push('op', at + 1, '.', '.');
      else {
        const wordStop = wordEnd(text, at);
        push('word', wordStop, text.slice(at, wordStop).toUpperCase(), text.slice(at, wordStop));
      }
    } else if (isWordPart(code)) {
      const next = text.charCodeAt(at + 1);
      if ((code === 82 || code === 114) && (next === 39 || next === 34)) {
        const close = text.indexOf(text[at + 1]!, at + 2);
        if (close < 0) push('bad', text.length, '', 'This string has no end: close it with its quote.');
        else push('string', close + 1, '', text.slice(at + 2, close));
      } else {
        const end = wordEnd(text, at);
        const word = text.slice(at, end);
        push('word', end, word.toUpperCase(), word);
      }
    } else if (code === 39 || code === 34) {
      const end = stringEnd(text, at);
      if (end < 0) push('bad', text.length, '', 'This string has no end: close it with its quote.');
      else push('string', end, '', unescapeString(text.slice(at + 1, end - 1), text[at]!));
    } else if (code === 96) {
      const end = quotedEnd(text, at);
      if (end < 0) push('bad', text.length, '', 'This name has no end: close it with a back-tick.');
      else if (end === at + 2) push('bad', end, '', 'A name in back-ticks needs at least one character.');
      else push('quoted', end, '', text.slice(at + 1, end - 1).replaceAll('``', '`'));
    } else {
      const operator = operatorsByFirst.get(text[at]!)?.find((candidate) => text.startsWith(candidate, at));
      if (operator) push('op', at + operator.length, operator, operator);
      else push('bad', at + 1, '', `The character "${text[at]}" has no meaning here.`);
    }
  }
  push('eof', text.length, '', '');
  return { tokens, comments };
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (isWordPart(text.charCodeAt(end))) end += 1;
  return end;
}

/** The end of the number at `start`, or `start` where a longer identifier (`1a`, `1e3x`) begins there. */
function numberEnd(text: string, start: number): number {
  number.lastIndex = start;
  let end = start + (number.exec(text)?.[0].length ?? 0);
  if (!isWordPart(text.charCodeAt(end))) return end;
  // `1.a` is 1, a dot and a name: a fraction must not run into a word. `.1a` is a dot and the name 1a.
  end = start;
  while (isDigit(text.charCodeAt(end))) end += 1;
  return end > start && !isWordPart(text.charCodeAt(end)) ? end : start;
}

/** A backslash at the end of the line carries the comment on to the next one. */
function lineCommentEnd(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('\n', end);
    if (end < 0) return text.length;
    if (text[end - 1] !== '\\') return end;
    end += 1;
  }
}

/** Block comments nest. -1 where one is not closed. */
function blockCommentEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length - 1; at += 1) {
    const two = text.charCodeAt(at) * 256 + text.charCodeAt(at + 1);
    if (two === 0x2f2a) {
      depth += 1;
      at += 1;
    } else if (two === 0x2a2f) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function stringEnd(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 1;
    else if (code === quote) {
      if (text.charCodeAt(at + 1) !== quote) return at + 1;
      at += 1;
    }
  }
  return -1;
}

function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charCodeAt(at) !== 96) continue;
    if (text.charCodeAt(at + 1) !== 96) return at + 1;
    at += 1;
  }
  return -1;
}
