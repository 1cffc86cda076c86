import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { murmurBytes } from './hash.ts';
import { doubleText, floatText } from './number-text.ts';

export interface Conversion {
  /** The argument: its index from 0, `next` ordinary one, or the `last` one again. */
  from: number | 'next' | 'last';
  flags: string;
  width?: number;
  precision?: number;
  letter: string;
}

const wrong = (format: string, why: string): Error =>
  userError('INVALID_PARAMETER_VALUE.FORMAT_STRING', `The format '${format}': ${why}.`, { sqlState: '22023' });
const unsupported = (why: string): Error => userError('UNSUPPORTED_FUNCTION', `format_string: ${why}.`);

const formats = new Map<string, (string | Conversion)[]>();

/** Splits a Java format into literal text and conversions. Throws where Java's Formatter does. */
export function parseFormat(format: string): (string | Conversion)[] {
  const known = formats.get(format);
  if (known) return known;
  const parts: (string | Conversion)[] = [];
  const pattern = /%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?(t?[a-zA-Z%])/y;
  for (let at = 0; at < format.length; ) {
    const next = format.indexOf('%', at);
    if (next !== at) {
      parts.push(format.slice(at, next < 0 ? undefined : next));
      if (next < 0) break;
    }
    pattern.lastIndex = next;
    const match = pattern.exec(format);
    if (!match) throw wrong(format, 'a % must be followed by a conversion such as s, d or f');
    const [whole, index, flags = '', width, precision, letter = ''] = match;
    const from = flags.includes('<') ? 'last' : index && Number(index) > 0 ? Number(index) - 1 : 'next';
    const conversion: Conversion = {
      from,
      flags: flags.replaceAll('<', ''),
      letter,
      ...(width === undefined ? {} : { width: Number(width) }),
      ...(precision === undefined ? {} : { precision: Number(precision) }),
    };
    checkFlags(format, conversion);
    parts.push(conversion);
    at = next + whole.length;
  }
  if (formats.size > 500) formats.clear();
  formats.set(format, parts);
  return parts;
}

/** Flags that each conversion takes. */
const allowed: Record<string, string> = {
  b: '-',
  h: '-',
  s: '-',
  c: '-',
  d: '-+ 0,(',
  x: '-#0',
  o: '-#0',
  e: '-#+ 0(',
  f: '-#+ 0,(',
  g: '-+ 0,(',
  a: '-#+ 0',
  '%': '-',
  n: '',
};

function checkFlags(format: string, { flags, width, precision, letter }: Conversion): void {
  const lower = letter.toLowerCase();
  if (!Object.hasOwn(allowed, lower) || (letter !== lower && !'BHSCXEGA'.includes(letter)))
    throw wrong(format, `%${letter} is not a conversion`);
  if ([...flags].some((flag) => !allowed[lower]!.includes(flag)) || new Set(flags).size < flags.length)
    throw wrong(format, `%${letter} does not take the flags '${flags}'`);
  if (flags.includes('-') && flags.includes('0')) throw wrong(format, 'the flags - and 0 exclude each other');
  if (flags.includes('+') && flags.includes(' ')) throw wrong(format, 'the flags + and blank exclude each other');
  if (/[-0]/.test(flags) && width === undefined) throw wrong(format, 'the flags - and 0 need a width');
  if (precision !== undefined && 'dxoc%n'.includes(lower)) throw wrong(format, `%${letter} takes no precision`);
  if (lower === 'n' && width !== undefined) throw wrong(format, '%n takes no width');
  if (lower === 'a' || (flags.includes('#') && 'efg'.includes(lower)))
    throw unsupported('%a and the flag # of floating numbers are not supported');
}

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

const justify = (text: string, { flags, width = 0 }: Conversion): string =>
  flags.includes('-') ? text.padEnd(width) : text.padStart(width);

/** Sign or parentheses, and zeros up to the width, around the digits of a number. */
function signed(body: string, negative: boolean, conversion: Conversion): string {
  const { flags, width = 0 } = conversion;
  const wrapped = negative && flags.includes('(');
  const sign = negative ? (wrapped ? '(' : '-') : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const end = wrapped ? ')' : '';
  const digits = flags.includes('0') ? body.padStart(width - sign.length - end.length, '0') : body;
  return justify(sign + digits + end, conversion);
}

/** The shortest digits of a positive number: `digits × 10^-scale`. */
function shortest(value: number): { digits: bigint; scale: number } {
  const [mantissa, exponent = '0'] = String(value).split('e') as [string, string | undefined];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string | undefined];
  return { digits: BigInt(whole + fraction), scale: fraction.length - Number(exponent) };
}

/** Rounded half up on the shortest text, as Java's Formatter does. */
function fixed(value: number, places: number): string {
  const { digits, scale } = shortest(value);
  let units = digits;
  if (scale > places) {
    const unit = 10n ** BigInt(scale - places);
    units = (units * 2n + unit) / (unit * 2n);
  } else units *= 10n ** BigInt(places - scale);
  const text = String(units).padStart(places + 1, '0');
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** `1.234568e+04`: one digit in front of the point and `places` behind. */
function scientific(value: number, places: number): string {
  if (value === 0) return `${fixed(0, places)}e+00`;
  const { digits, scale } = shortest(value);
  let exponent = String(digits).length - 1 - scale;
  const drop = String(digits).length - 1 - places;
  let kept = drop > 0 ? (digits * 2n + 10n ** BigInt(drop)) / (2n * 10n ** BigInt(drop)) : digits;
  if (drop < 0) kept *= 10n ** BigInt(-drop);
  let text = String(kept);
  if (text.length > places + 1) {
    exponent++;
    text = text.slice(0, -1);
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${text[0]}${places > 0 ? `.${text.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${size}`;
}

/** %g: fixed where 10^-4 <= x < 10^precision after rounding, else scientific. */
function general(value: number, precision: number): string {
  const places = precision === 0 ? 1 : precision;
  if (value === 0) return fixed(0, places - 1);
  const rounded = scientific(value, places - 1);
  const exponent = Number(rounded.slice(rounded.indexOf('e') + 1));
  return exponent >= -4 && exponent < places ? fixed(value, places - 1 - exponent) : rounded;
}

function floating(value: number, conversion: Conversion): string {
  const { letter, flags, precision = 6 } = conversion;
  const negative = value < 0 || Object.is(value, -0);
  if (Number.isNaN(value)) return justify('NaN', conversion);
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return signed('Infinity', negative, { ...conversion, flags: flags.replace('0', '') });
  const lower = letter.toLowerCase();
  const text =
    lower === 'f' ? fixed(size, precision) : lower === 'e' ? scientific(size, precision) : general(size, precision);
  const [, whole = '', rest = ''] = /^(\d+)(.*)$/.exec(text) ?? [];
  return signed(flags.includes(',') ? grouped(whole) + rest : text, negative, conversion);
}

const bits: Record<string, number> = { tinyint: 8, smallint: 16, int: 32, bigint: 64 };

function integer(value: bigint, kind: string, conversion: Conversion): string {
  const { letter, flags, width = 0 } = conversion;
  if (letter === 'd') {
    const digits = String(value < 0n ? -value : value);
    return signed(flags.includes(',') ? grouped(digits) : digits, value < 0n, conversion);
  }
  const octal = letter === 'o';
  const body = BigInt.asUintN(bits[kind]!, value).toString(octal ? 8 : 16);
  const prefix = flags.includes('#') ? (octal ? '0' : '0x') : '';
  const padded = flags.includes('0') ? body.padStart(width - prefix.length, '0') : body;
  return justify(prefix + padded, conversion);
}

/** Java's hashCode of the value, as %h prints it. */
function hashCode(value: string, kind: string): string {
  if (kind === 'string') return (murmurBytes(Buffer.from(value, 'utf8'), 42) >>> 0).toString(16);
  if (kind === 'boolean') return (value === 'true' ? 1231 : 1237).toString(16);
  if (kind === 'bigint')
    return BigInt.asUintN(32, BigInt(value) ^ (BigInt.asUintN(64, BigInt(value)) >> 32n)).toString(16);
  if (Object.hasOwn(bits, kind)) return BigInt.asUintN(32, BigInt(value)).toString(16);
  throw unsupported(`%h of ${kind} is not supported`);
}

function plain(value: string, kind: string): string {
  if (kind === 'double') return doubleText(Number(value));
  if (kind === 'float') return floatText(Math.fround(Number(value)));
  return value;
}

/** One value of a kind, as text: numbers in JavaScript's form, everything else as Spark prints it. */
function convert(format: string, conversion: Conversion, value: string | null, kind: string): string {
  const { letter, precision } = conversion;
  const lower = letter.toLowerCase();
  const cut = (text: string) => justify(precision === undefined ? text : text.slice(0, precision), conversion);
  if (lower === 'b') return cut(value === null ? 'false' : kind === 'boolean' ? value : 'true');
  if (value === null)
    return 'efg'.includes(lower) || !'dxoc'.includes(lower) ? cut('null') : justify('null', conversion);
  if (lower === 's') return cut(plain(value, kind));
  if (lower === 'h') return cut(hashCode(value, kind));
  if (lower === 'c') {
    const code = Object.hasOwn(bits, kind) && kind !== 'bigint' ? Number(value) : -1;
    if (code < 0 || code > 0x10ffff) throw wrong(format, `%${letter} takes a code point, not ${kind}`);
    return justify(String.fromCodePoint(code), conversion);
  }
  if ('dxo'.includes(lower)) {
    if (!Object.hasOwn(bits, kind)) throw wrong(format, `%${letter} takes a whole number, not ${kind}`);
    return integer(BigInt(value), kind, conversion);
  }
  if (kind !== 'double' && kind !== 'float') throw wrong(format, `%${letter} takes a double, not ${kind}`);
  return floating(Number(value), conversion);
}

function printf(format: string, kinds: string[], values: (string | null)[]): string {
  let [next, last] = [0, -1];
  return parseFormat(format)
    .map((part) => {
      if (typeof part === 'string') return part;
      if (part.letter === 'n') return '\n';
      if (part.letter === '%') return justify('%', part);
      const at = part.from === 'next' ? next++ : part.from === 'last' ? last : part.from;
      last = at;
      if (at < 0 || at >= values.length) throw wrong(format, 'it asks for more values than there are');
      const text = convert(format, part, values[at]!, kinds[at]!);
      return part.letter >= 'a' ? text : text.toUpperCase();
    })
    .join('');
}

/** printf(format, kinds, values…): values come as text, `kinds` names their types. */
export const printfFunctions: EngineFunction[] = [
  {
    name: 'spark_printf',
    parameters: ['VARCHAR', 'VARCHAR'],
    rest: 'VARCHAR',
    returns: 'VARCHAR',
    nullAware: true,
    evaluate: ([format, kinds, ...values]) =>
      format === null ? null : printf(format as string, (kinds as string).split(','), values as (string | null)[]),
  },
];
