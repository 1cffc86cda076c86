import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';

/** A run of digits between separators: `exact` ones must be there all, others at most. */
interface Digits {
  count: number;
  exact: boolean;
}
/** Tokens of a format of to_number and to_char; `digits` are groups from left to right, `separators` one fewer. */
type Token =
  | { kind: 'digits'; groups: Digits[]; text: string }
  | { kind: 'point' | 'dollar' | 'sign' | 'minus' | 'open' | 'close' }
  | { kind: 'other'; char: string };

export interface NumberFormat {
  text: string;
  tokens: Token[];
  /** Digits in all, and behind the point. */
  precision: number;
  scale: number;
}

const bad = (subclass: string, why: string): Error =>
  userError(`INVALID_FORMAT.${subclass}`, why, { sqlState: '42601' });

const kinds: Record<string, Exclude<Token['kind'], 'digits' | 'other'>> = {
  '.': 'point',
  D: 'point',
  $: 'dollar',
  S: 'sign',
  MI: 'minus',
};

function tokensOf(format: string): Token[] {
  const tokens: Token[] = [];
  let behindPoint = false;
  for (const [piece] of format.matchAll(/[09,G]+|MI|PR|[\s\S]/g)) {
    if (/^[09,G]/.test(piece)) {
      const groups = piece
        .split(/[,G]/)
        .map((run): Digits => ({ count: run.length, exact: !behindPoint && run.startsWith('0') }));
      tokens.push({ kind: 'digits', groups, text: piece });
    } else if (piece === 'PR') {
      tokens.unshift({ kind: 'open' });
      tokens.push({ kind: 'close' });
    } else {
      const kind = Object.hasOwn(kinds, piece) ? kinds[piece] : undefined;
      tokens.push(kind ? { kind } : { kind: 'other', char: piece });
      if (kind === 'point') behindPoint = true;
    }
  }
  return tokens;
}

/** Places in order that tokens may take, each at most once. */
const order: Token['kind'][][] = [
  ['open'],
  ['minus', 'sign'],
  ['dollar'],
  ['digits'],
  ['point'],
  ['digits'],
  ['dollar'],
  ['minus', 'sign', 'close'],
];

function check(text: string, tokens: Token[]): void {
  const first = (kind: Token['kind']) => tokens.findIndex((token) => token.kind === kind);
  const [dollar, digits, point] = [first('dollar'), first('digits'), first('point')];
  if (text === '') throw bad('EMPTY', 'The number format must not be empty.');
  const hasDigit = tokens.some((token) => token.kind === 'digits');
  if (!hasDigit) throw bad('WRONG_NUM_DIGIT', `The number format '${text}' needs at least one digit (0 or 9).`);
  if (digits < dollar) throw bad('CUR_MUST_BEFORE_DIGIT', `In '${text}' the $ must stand before all digits.`);
  if (point !== -1 && point < dollar)
    throw bad('CUR_MUST_BEFORE_DEC', `In '${text}' the $ must stand before the decimal point.`);
  tokens.forEach((token, index) => {
    if (token.kind !== 'digits') return;
    if (point !== -1 && index > point) {
      if (token.groups.length > 1)
        throw bad('THOUSANDS_SEPS_MUST_BEFORE_DEC', `'${text}' has a separator behind the decimal point.`);
    } else if (token.groups.some((group) => group.count === 0))
      throw bad('CONT_THOUSANDS_SEPS', `In '${text}' digits must stand before and behind each separator.`);
  });
  for (const kind of ['point', 'sign', 'minus', 'dollar', 'close'] as const)
    if (tokens.filter((token) => token.kind === kind).length > 1)
      throw bad('WRONG_NUM_TOKEN', `'${text}' has a sign, point or $ more than once.`);
  let at = 0;
  for (const allowed of order) if (at < tokens.length && allowed.includes(tokens[at]!.kind)) at++;
  if (at < tokens.length) throw bad('UNEXPECTED_TOKEN', `The number format '${text}' has a character out of place.`);
}

const formats = new Map<string, NumberFormat>();

/** Reads and checks a format, in any case of letters. Throws INVALID_FORMAT.*. */
export function numberFormat(written: string): NumberFormat {
  const known = formats.get(written);
  if (known) return known;
  const text = written.toUpperCase();
  const tokens = tokensOf(text);
  check(text, tokens);
  let [precision, scale, behind] = [0, 0, false];
  for (const token of tokens) {
    if (token.kind === 'point') behind = true;
    if (token.kind !== 'digits') continue;
    const count = token.groups.reduce((sum, group) => sum + group.count, 0);
    precision += count;
    if (behind) scale += count;
  }
  if (precision > 38)
    throw userError('DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION', `The number format '${text}' has more than 38 digits.`, {
      sqlState: '22003',
    });
  const format = { text, tokens, precision, scale };
  if (formats.size > 500) formats.clear();
  formats.set(written, format);
  return format;
}

/** Java's white space: no-break blanks are none. */
const isSpace = (char: string): boolean =>
  (/\s/.test(char) && !/[\u00a0\u2007\u202f\ufeff]/.test(char)) || (char >= '\x1c' && char <= '\x1f');

/** The decimal's text with the format's scale, or undefined where the text does not match. */
function parse(text: string, format: NumberFormat): string | undefined {
  let at = 0;
  let [negative, opened, closed, behind] = [false, false, false, false];
  let [whole, fraction] = ['', ''];
  for (const token of format.tokens) {
    const char = text[at];
    if (token.kind === 'digits') {
      const sizes = [0];
      for (; at < text.length; at++) {
        const next = text[at]!;
        if (/\p{Nd}/u.test(next)) {
          if (next > '9') throw userError('UNSUPPORTED_FUNCTION', 'to_number: only the digits 0 to 9 are supported.');
          sizes[0] = sizes[0]! + 1;
          if (behind) fraction += next;
          else whole += next;
        } else if (next === ',') sizes.unshift(0);
        else if (!isSpace(next)) break;
      }
      const wanted = token.groups.toReversed();
      if (sizes.length > wanted.length) return undefined;
      const wrong = wanted.some(({ count, exact }, index) =>
        exact ? (sizes[index] ?? 0) !== count : (sizes[index] ?? 0) > count,
      );
      if (wrong) return undefined;
    } else if (token.kind === 'point') {
      if (char === '.') {
        behind = true;
        at++;
      }
    } else if (token.kind === 'dollar') {
      if (char !== undefined && char !== '$') return undefined;
      if (char === '$') at++;
    } else if (token.kind === 'sign' || token.kind === 'minus') {
      if (char === '-') negative = !negative;
      if (char === '-' || (char === '+' && token.kind === 'sign')) at++;
    } else if (token.kind === 'open' && char === '<') {
      opened = true;
      at++;
    } else if (token.kind === 'close' && char === '>') {
      if (!opened) return undefined;
      closed = true;
      negative = !negative;
      at++;
    }
  }
  if (at < text.length || opened !== closed || whole + fraction === '') return undefined;
  const padded = fraction.padEnd(format.scale, '0');
  return `${negative ? '-' : ''}${whole || '0'}${padded === '' ? '' : `.${padded}`}`;
}

/** Digits before and behind the point as wide as the format; `#` where the number is wider. */
function digitsFor(text: string, format: NumberFormat): [string, string] {
  const [whole, fraction = ''] = text.replace('-', '').split('.') as [string, string | undefined];
  const before = whole.replace(/^0+/, '');
  const after = fraction.replace(/0+$/, '');
  const width = format.precision - format.scale;
  if (before.length > width || after.length > format.scale) return ['#'.repeat(width), '#'.repeat(format.scale)];
  return [before.padStart(width), after.padEnd(format.scale, '0')];
}

/** Puts a sign in front of the blanks at the end. */
const behindDigits = (out: string, char: string): string => {
  const kept = out.trimEnd();
  return `${kept}${char}${out.slice(kept.length)}`;
};
/** Adds a blank, in front of signs at the end. */
const blank = (out: string): string => out.replace(/[+\-<]*$/, (signs) => ` ${signs}`);
/** A point with nothing behind it becomes a blank. */
const loneless = (out: string): string => {
  const at = out.indexOf('.');
  return at >= 0 && (at === out.length - 1 || out[at + 1] === ' ') ? `${out.slice(0, at)} ${out.slice(at + 1)}` : out;
};

/** to_char of a decimal's text. */
function print(text: string, format: NumberFormat): string {
  const negative = text.startsWith('-') && /[1-9]/.test(text);
  const [before, after] = digitsFor(text, format);
  let [out, behind, at] = ['', false, 0];
  for (const token of format.tokens) {
    switch (token.kind) {
      case 'digits':
        if (behind) {
          out += after;
          break;
        }
        token.groups.forEach(({ count, exact }, index) => {
          if (index > 0) out = /\d$/.test(out) ? `${out},` : blank(out);
          for (const char of before.slice(at, at + count)) {
            if (char !== ' ') out += char;
            else out = exact ? `${out}0` : blank(out);
          }
          at += count;
        });
        break;
      case 'point':
        out = `${out.replace(/ $/, '0')}.`;
        behind = true;
        break;
      case 'dollar':
        out += '$';
        break;
      case 'sign':
        out = behindDigits(loneless(out), negative ? '-' : '+');
        break;
      case 'minus':
        out = negative ? behindDigits(loneless(out), '-') : `${out} `;
        break;
      case 'open':
        if (negative) out += '<';
        break;
      case 'close':
        out = negative ? behindDigits(loneless(out), '>') : `${loneless(out)}  `;
        break;
    }
  }
  out = loneless(out);
  return out === '' || out === '+' || out === '-' ? '0' : out;
}

export const numberFormatFunctions: EngineFunction[] = [
  engineFunction('spark_to_char', ['VARCHAR', 'VARCHAR'], 'VARCHAR', ([text, format]) =>
    print(text as string, numberFormat(format as string)),
  ),
  engineFunction('spark_try_to_number', ['VARCHAR', 'VARCHAR'], 'VARCHAR', ([text, format]) => {
    return parse(text as string, numberFormat(format as string)) ?? null;
  }),
  engineFunction('spark_to_number', ['VARCHAR', 'VARCHAR'], 'VARCHAR', ([text, format]) => {
    const value = parse(text as string, numberFormat(format as string));
    if (value === undefined)
      throw userError(
        'INVALID_FORMAT.MISMATCH_INPUT',
        `The text '${text as string}' does not match the number format '${format as string}'. Use try_to_number to get NULL.`,
        { sqlState: '42601' },
      );
    return value;
  }),
];
