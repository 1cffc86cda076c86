import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';

export interface Conversion {
  flags: string;
  width: number;
  precision?: number;
  letter: string;
}

/** Splits a Java format into literal text and conversions. Null where it uses what is not supported. */
export function parseFormat(format: string): (string | Conversion)[] | null {
  const parts: (string | Conversion)[] = [];
  let text = '';
  for (let at = 0; at < format.length; at++) {
    if (format[at] !== '%') {
      text += format[at];
      continue;
    }
    const match = /^%([-+ 0,]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/.exec(format.slice(at));
    if (!match) return null;
    const [whole, flags = '', width, precision, letter = ''] = match;
    at += whole.length - 1;
    if (letter === '%' && whole === '%%') text += '%';
    else {
      if (!'sdfxXo'.includes(letter)) return null;
      parts.push(text, {
        flags,
        width: Number(width ?? 0),
        letter,
        ...(precision === undefined ? {} : { precision: Number(precision) }),
      });
      text = '';
    }
  }
  parts.push(text);
  return parts;
}

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',');

function signed(body: string, negative: boolean, { flags, width }: Conversion): string {
  const sign = negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (flags.includes('0')) return sign + body.padStart(width - sign.length, '0');
  return pad(sign + body, flags, width);
}

const pad = (text: string, flags: string, width: number): string =>
  flags.includes('-') ? text.padEnd(width) : text.padStart(width);

/** Rounds half up on the shortest text, as Java's Formatter does. */
function fixed(value: number, digits: number): string {
  const [mantissa, exponent = '0'] = String(Math.abs(value)).split('e') as [string, string | undefined];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string | undefined];
  const scale = fraction.length - Number(exponent);
  let units = BigInt(whole + fraction);
  if (scale > digits) {
    const unit = 10n ** BigInt(scale - digits);
    units = (units * 2n + unit) / (unit * 2n);
  } else units *= 10n ** BigInt(digits - scale);
  const text = String(units).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function convert(conversion: Conversion, value: string | null, kind: string): string {
  const { flags, width, letter, precision } = conversion;
  if (value === null) return pad('null', flags, width);
  if (letter === 's') return pad(precision === undefined ? value : value.slice(0, precision), flags, width);
  if (letter === 'f') {
    const number = Number(value);
    if (!Number.isFinite(number)) return pad(number > 0 ? 'Infinity' : number < 0 ? '-Infinity' : 'NaN', flags, width);
    const [whole, fraction] = fixed(number, precision ?? 6).split('.') as [string, string | undefined];
    return signed(
      `${flags.includes(',') ? grouped(whole) : whole}${fraction === undefined ? '' : `.${fraction}`}`,
      number < 0 || Object.is(number, -0),
      conversion,
    );
  }
  const integer = BigInt(value);
  if (letter === 'd') {
    const digits = String(integer < 0n ? -integer : integer);
    return signed(flags.includes(',') ? grouped(digits) : digits, integer < 0n, conversion);
  }
  const bits = kind === 'bigint' ? 64 : kind === 'smallint' ? 16 : kind === 'tinyint' ? 8 : 32;
  const text = BigInt.asUintN(bits, integer).toString(letter === 'o' ? 8 : 16);
  const body = letter === 'X' ? text.toUpperCase() : text;
  return flags.includes('0') ? body.padStart(width, '0') : pad(body, flags, width);
}

/** printf(format, kinds, values…): values come as text, `kinds` names their types. */
export const printfFunctions: EngineFunction[] = [
  {
    name: 'spark_printf',
    parameters: ['VARCHAR', 'VARCHAR'],
    rest: 'VARCHAR',
    returns: 'VARCHAR',
    nullAware: true,
    evaluate: ([format, kinds, ...values]) => {
      const parts = parseFormat(format as string);
      if (!parts) throw userError('UNSUPPORTED_FUNCTION', 'format_string: this format is not supported.');
      const names = (kinds as string).split(',');
      let at = 0;
      return parts
        .map((part) => {
          if (typeof part === 'string') return part;
          const index = at++;
          return convert(part, values[index] as string | null, names[index] ?? '');
        })
        .join('');
    },
  },
];
