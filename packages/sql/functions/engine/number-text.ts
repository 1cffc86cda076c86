import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';

/** Digits and decimal exponent of Java's text; a single digit gets a second one, as Java's specification asks. */
function javaDigits(value: number, shortest: string): string {
  const [mantissa, exponentText] = shortest.toLowerCase().split('e') as [string, string | undefined];
  const [whole, fraction = ''] = mantissa.replace('-', '').split('.') as [string, string | undefined];
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, '').length;
  const digits = all.slice(leading).replace(/0+$/, '') || '0';
  const point = whole.length + Number(exponentText ?? 0) - leading;
  const sign = value < 0 ? '-' : '';
  if (point > 7 || point < -2) {
    return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${point - 1}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const padded = digits.padEnd(point, '0');
  return `${sign}${padded.slice(0, point)}.${padded.slice(point) || '0'}`;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  return undefined;
}

/**
 * Whether a text of few digits lies exactly between two doubles: it reads back by rounding to even, and Java then prints
 * more digits. Only whole numbers can be such (1e23).
 */
function isTie(value: number, shortest: string): boolean {
  if (Math.abs(value) < 2 ** 53 || Math.abs(value) > 1e300) return false;
  const [mantissa, exponent = '0'] = shortest.replace('-', '').split('e') as [string, string | undefined];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string | undefined];
  const written = BigInt(whole + fraction) * 10n ** BigInt(Number(exponent) - fraction.length);
  const exact = BigInt(Math.abs(value));
  const step = 1n << BigInt(Math.max(0, exact.toString(2).length - 53));
  const distance = written > exact ? written - exact : exact - written;
  return distance * 2n === step;
}

/** Java's Double.toString: `1.0E10`, `1.0E-5`, `100.0`. */
export function doubleText(value: number): string {
  const shortest = String(value);
  const single = /^-?\d(e|$)|^-?0\.0*\d$/.test(shortest);
  const known = special(value);
  if (known !== undefined) return known;
  if (isTie(value, shortest)) return javaDigits(value, value.toExponential(15));
  return javaDigits(value, single ? value.toExponential(1) : shortest);
}

/** Java's Float.toString: the fewest digits that read back as the same float. */
export function floatText(value: number): string {
  const known = special(value);
  if (known !== undefined) return known;
  for (let digits = 2; digits <= 9; digits++) {
    const text = value.toExponential(digits - 1);
    if (Math.fround(Number(text)) === value) return javaDigits(value, text);
  }
  return javaDigits(value, String(value));
}

const invalid = (text: string, type: string) =>
  userError(
    'CAST_INVALID_INPUT',
    `The value '${text}' cannot be cast to ${type} because it is malformed. Correct the value, or use try_cast to get NULL.`,
    {
      sqlState: '22018',
    },
  );
const overflow = (text: string, type: string) =>
  userError(
    'CAST_INVALID_INPUT',
    `The value '${text}' does not fit in ${type}. Use a wider type, or try_cast to get NULL.`,
    { sqlState: '22018' },
  );

/** White space (but for the no-break ones) and control characters: what Spark's trimAll takes away. */
function isTrimmed(code: number): boolean {
  if (code <= 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  if (code >= 0x2000 && code <= 0x200a) return code !== 0x2007;
  return code === 0x1680 || code === 0x2028 || code === 0x2029 || code === 0x205f || code === 0x3000;
}

export function trimAll(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isTrimmed(text.charCodeAt(start))) start++;
  while (end > start && isTrimmed(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

export function parseBigint(text: string): bigint {
  const trimmed = trimAll(text);
  if (!/^[+-]?[0-9]+$/.test(trimmed)) throw invalid(text, 'an integer');
  const value = BigInt(trimmed.replace('+', ''));
  if (BigInt.asIntN(64, value) !== value) throw overflow(text, 'BIGINT');
  return value;
}

export function parseDouble(text: string): number {
  const trimmed = trimAll(text);
  if (/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[dDfF]?$/.test(trimmed))
    return Number(trimmed.replace(/[dDfF]$/, ''));
  switch (trimmed.toLowerCase()) {
    case 'nan':
      return Number.NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Number.POSITIVE_INFINITY;
    case '-inf':
    case '-infinity':
      return Number.NEGATIVE_INFINITY;
  }
  if (/^[+-]?0[xX].*[pP]/.test(trimmed))
    throw userError('UNSUPPORTED_CAST', 'Hexadecimal floating point text is not supported.');
  throw invalid(text, 'DOUBLE');
}

/** Plain decimal text for the engine's own cast, which rounds HALF_UP. Digits of any script count, as in Java. */
export function parseDecimal(text: string): string {
  const trimmed = trimAll(text).replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10));
  const match = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(trimmed);
  if (!match || match[2]! + match[3]! === '') throw invalid(text, 'a decimal');
  const exponent = Number(match[4] ?? 0);
  if (Math.abs(exponent) > 400) throw overflow(text, 'a decimal');
  const digits = match[2]! + match[3]!;
  const point = match[2]!.length + exponent;
  const sign = match[1] === '-' ? '-' : '';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0').slice(0, point)}.${digits.slice(point) || '0'}`;
}

export function parseBoolean(text: string): boolean {
  const word = trimAll(text).toLowerCase();
  if (['t', 'true', 'y', 'yes', '1'].includes(word)) return true;
  if (['f', 'false', 'n', 'no', '0'].includes(word)) return false;
  throw invalid(text, 'BOOLEAN');
}

/** The function, and its twin that answers NULL where this one refuses the text. */
export function withTry(func: EngineFunction): EngineFunction[] {
  const evaluate: EngineFunction['evaluate'] = (args) => {
    try {
      return func.evaluate(args);
    } catch (error) {
      if (error instanceof Error && 'code' in error && !String(error.code).startsWith('UNSUPPORTED_')) return null;
      throw error;
    }
  };
  return [func, { ...func, name: func.name.replace('spark_', 'spark_try_'), evaluate }];
}

const longLimit = 2 ** 63;
function doubleMicros(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw invalid(doubleText(seconds), 'TIMESTAMP');
  const micros = Math.trunc(seconds * 1_000_000);
  if (micros >= longLimit || micros < -longLimit) {
    throw userError('CAST_OVERFLOW', 'The number of seconds does not fit in a timestamp. Use a smaller number.', {
      sqlState: '22003',
    });
  }
  return BigInt(micros);
}

/** Seconds beyond the range of timestamps would be cut to its end, which the engine cannot hold. */
function secondsMicros(seconds: bigint): bigint {
  const micros = seconds * 1_000_000n;
  if (micros > 9223372036854775806n || micros < -9223372022400000000n)
    throw userError('UNSUPPORTED_CAST', 'The number of seconds is outside the supported range of timestamps.');
  return micros;
}

/** Nearest whole number, halves away from zero. */
const roundHalfUp = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

export const numberTextFunctions: EngineFunction[] = [
  engineFunction('spark_round_half_up', ['DOUBLE'], 'DOUBLE', ([value]) => roundHalfUp(value as number)),
  engineFunction('spark_double_text', ['DOUBLE'], 'VARCHAR', ([value]) => doubleText(value as number)),
  engineFunction('spark_float_text', ['FLOAT'], 'VARCHAR', ([value]) => floatText(value as number)),
  engineFunction('spark_finite_text', ['DOUBLE'], 'VARCHAR', ([value]) =>
    Number.isFinite(value) ? parseDecimal(String(value)) : null,
  ),
  engineFunction('spark_to_float', ['DOUBLE'], 'FLOAT', ([value]) => Math.fround(value as number)),
  engineFunction('spark_seconds_micros', ['BIGINT'], 'BIGINT', ([value]) => secondsMicros(value as bigint)),
  ...withTry(engineFunction('spark_double_micros', ['DOUBLE'], 'BIGINT', ([value]) => doubleMicros(value as number))),
  ...withTry(engineFunction('spark_bigint', ['VARCHAR'], 'BIGINT', ([text]) => parseBigint(text as string))),
  ...withTry(engineFunction('spark_double', ['VARCHAR'], 'DOUBLE', ([text]) => parseDouble(text as string))),
  ...withTry(engineFunction('spark_float', ['VARCHAR'], 'FLOAT', ([text]) => Math.fround(parseDouble(text as string)))),
  ...withTry(engineFunction('spark_decimal_text', ['VARCHAR'], 'VARCHAR', ([text]) => parseDecimal(text as string))),
  ...withTry(engineFunction('spark_boolean', ['VARCHAR'], 'BOOLEAN', ([text]) => parseBoolean(text as string))),
];
