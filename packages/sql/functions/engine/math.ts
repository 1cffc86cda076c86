import { userError } from '@boathouse/contracts';
import { divideHalfUp } from './decimal.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { parseDecimal } from './number-text.ts';

const positive = (f: (x: number) => number) => (x: number) => (x <= 0 ? null : f(x));

/** Functions of one double. NULL where Spark answers NULL (logarithms of what is not positive), NaN where Java does. */
export const doubleFunctions: Record<string, (x: number) => number | null> = {
  acos: Math.acos,
  acosh: (x) => Math.acosh(x),
  asin: Math.asin,
  asinh: (x) => Math.asinh(x),
  atan: Math.atan,
  atanh: Math.atanh,
  cbrt: Math.cbrt,
  cos: Math.cos,
  cosh: Math.cosh,
  cot: (x) => 1 / Math.tan(x),
  csc: (x) => 1 / Math.sin(x),
  degrees: (x) => (x * 180) / Math.PI,
  exp: Math.exp,
  expm1: Math.expm1,
  ln: positive(Math.log),
  log10: positive(Math.log10),
  log1p: (x) => (x <= -1 ? null : Math.log1p(x)),
  log2: positive(Math.log2),
  radians: (x) => (x / 180) * Math.PI,
  rint: (x) => halfEven(x),
  sec: (x) => 1 / Math.cos(x),
  signum: (x) => Math.sign(x),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
};

function halfEven(x: number): number {
  if (!Number.isFinite(x)) return x;
  const floor = Math.floor(x);
  const rest = x - floor;
  const value = rest < 0.5 ? floor : rest > 0.5 ? floor + 1 : floor % 2 === 0 ? floor : floor + 1;
  return value === 0 && (x < 0 || Object.is(x, -0)) ? -0 : value;
}

/** A whole number of units of 10^-scale, rounded as asked. */
function roundUnits(text: string, scale: number, mode: string): { units: bigint; scale: number } {
  const [whole, fraction = ''] = text.split('.') as [string, string | undefined];
  const unscaled = BigInt(whole + fraction);
  const drop = fraction.length - scale;
  if (drop <= 0) return { units: unscaled * 10n ** BigInt(-drop), scale };
  const unit = 10n ** BigInt(drop);
  const rest = unscaled % unit;
  const towardZero = (unscaled - rest) / unit;
  const sign = unscaled < 0n ? -1n : 1n;
  if (mode === 'ceil') return { units: rest > 0n ? towardZero + 1n : towardZero, scale };
  if (mode === 'floor') return { units: rest < 0n ? towardZero - 1n : towardZero, scale };
  const twice = (rest < 0n ? -rest : rest) * 2n;
  const tieUp = mode === 'half_up' || towardZero % 2n !== 0n;
  return { units: twice > unit || (twice === unit && tieUp) ? towardZero + sign : towardZero, scale };
}

const unitsText = ({ units, scale }: { units: bigint; scale: number }): string => {
  if (scale <= 0) return String(units * 10n ** BigInt(-scale));
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

/** Rounds the text of a decimal: `half_up`, `half_even`, `ceil` or `floor` at a number of digits behind the point. */
export const roundText = (text: string, scale: number, mode: string): string =>
  unitsText(roundUnits(text, scale, mode));

/** Doubles round by their shortest text, as Spark does: round(1.005D, 2) is 1.01. */
function roundDouble(value: number, scale: number, mode: string): number {
  if (!Number.isFinite(value) || scale > 330) return value;
  return Number(roundText(parseDecimal(String(value)), scale, mode));
}

/** ceil and floor of a double as bigint: cut to its range, NaN is 0, as Java casts. */
function saturated(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 9223372036854775807n;
  if (value <= -(2 ** 63)) return -9223372036854775808n;
  return BigInt(value);
}

function factorial(n: number): bigint | null {
  if (n < 0 || n > 20) return null;
  let result = 1n;
  for (let i = 2n; i <= BigInt(n); i++) result *= i;
  return result;
}

const digitsOf = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Spark's conv: unsigned 64 bits for a positive target base, signed for a negative; stops at the first wrong digit. */
function conv(text: string, from: number, to: number): string | null {
  if (from < 2 || from > 36 || Math.abs(to) < 2 || Math.abs(to) > 36) return null;
  const trimmed = text.trim().toLowerCase();
  if (trimmed === '') return null;
  const negative = trimmed.startsWith('-');
  let value = 0n;
  for (const char of negative ? trimmed.slice(1) : trimmed) {
    const digit = digitsOf.indexOf(char);
    if (digit < 0 || digit >= from) break;
    value = value * BigInt(from) + BigInt(digit);
    if (value >= 1n << 64n)
      throw userError('ARITHMETIC_OVERFLOW', `The number '${text}' does not fit in 64 bits.`, { sqlState: '22003' });
  }
  if (negative && to > 0) value = BigInt.asUintN(64, -value);
  const signed = to < 0 && (negative || value >= 1n << 63n);
  if (to < 0 && !negative && value >= 1n << 63n) value = BigInt.asUintN(64, -value);
  return `${signed ? '-' : ''}${value.toString(Math.abs(to))}`.toUpperCase();
}

/** Java's Math.pow: 1 to the power of NaN is NaN. */
const pow = (x: number, y: number): number => (x === 1 && Number.isNaN(y) ? Number.NaN : x ** y);

function logarithm(base: number, x: number): number | null {
  if (base <= 0 || x <= 0) return null;
  return Math.log(x) / Math.log(base);
}

export const mathFunctions: EngineFunction[] = [
  ...Object.entries(doubleFunctions).map(([name, f]) =>
    engineFunction(`spark_${name}`, ['DOUBLE'], 'DOUBLE', ([x]) => f(x as number)),
  ),
  engineFunction('spark_pow', ['DOUBLE', 'DOUBLE'], 'DOUBLE', ([x, y]) => pow(x as number, y as number)),
  engineFunction('spark_atan2', ['DOUBLE', 'DOUBLE'], 'DOUBLE', ([y, x]) =>
    Math.atan2((y as number) + 0, (x as number) + 0),
  ),
  engineFunction('spark_remainder', ['DOUBLE', 'DOUBLE'], 'DOUBLE', ([x, y]) => (x as number) % (y as number)),
  engineFunction('spark_hypot', ['DOUBLE', 'DOUBLE'], 'DOUBLE', ([x, y]) => Math.hypot(x as number, y as number)),
  engineFunction('spark_log', ['DOUBLE', 'DOUBLE'], 'DOUBLE', ([base, x]) => logarithm(base as number, x as number)),
  engineFunction('spark_round_double', ['DOUBLE', 'INTEGER', 'VARCHAR'], 'DOUBLE', ([x, scale, mode]) =>
    roundDouble(x as number, scale as number, mode as string),
  ),
  engineFunction('spark_round_text', ['VARCHAR', 'INTEGER', 'VARCHAR'], 'VARCHAR', ([text, scale, mode]) =>
    roundText(text as string, scale as number, mode as string),
  ),
  engineFunction('spark_saturated', ['DOUBLE'], 'BIGINT', ([x]) => saturated(x as number)),
  engineFunction('spark_factorial', ['INTEGER'], 'BIGINT', ([n]) => factorial(n as number)),
  engineFunction('spark_conv', ['VARCHAR', 'INTEGER', 'INTEGER'], 'VARCHAR', ([text, from, to]) =>
    conv(text as string, from as number, to as number),
  ),
  engineFunction('spark_hex', ['BIGINT'], 'VARCHAR', ([value]) =>
    BigInt.asUintN(64, value as bigint)
      .toString(16)
      .toUpperCase(),
  ),
  engineFunction('spark_bin', ['BIGINT'], 'VARCHAR', ([value]) => BigInt.asUintN(64, value as bigint).toString(2)),
];

export { divideHalfUp };
