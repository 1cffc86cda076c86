import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';

/** A decimal as a whole number of its last digits. */
interface Exact {
  unscaled: bigint;
  scale: number;
}

const parse = (text: string): Exact => {
  const [whole, fraction = ''] = text.split('.') as [string, string | undefined];
  return { unscaled: BigInt(whole + fraction), scale: fraction.length };
};
const power = (digits: number): bigint => 10n ** BigInt(digits);
const absolute = (value: bigint): bigint => (value < 0n ? -value : value);

/** numerator / denominator rounded half away from zero. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const [n, d] = [absolute(numerator), absolute(denominator)];
  const rounded = (n * 2n + d) / (d * 2n);
  return negative ? -rounded : rounded;
}

function rescale(value: Exact, scale: number): bigint {
  return scale >= value.scale
    ? value.unscaled * power(scale - value.scale)
    : divideHalfUp(value.unscaled, power(value.scale - scale));
}

function print(unscaled: bigint, scale: number): string {
  const digits = String(absolute(unscaled)).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function exactResult(operator: string, a: Exact, b: Exact): Exact | { quotient: [bigint, bigint] } {
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [rescale(a, scale), rescale(b, scale)];
  switch (operator) {
    case '+':
      return { unscaled: x + y, scale };
    case '-':
      return { unscaled: x - y, scale };
    case '*':
      return { unscaled: a.unscaled * b.unscaled, scale: a.scale + b.scale };
    case '%':
      return { unscaled: x % y, scale };
    default:
      return { quotient: [x, y] };
  }
}

/**
 * Decimal arithmetic with all digits, then rounded HALF_UP to the result's scale. A scale of -1 asks for the whole part of
 * a quotient as bigint (it wraps, as in Spark). Throws NUMERIC_VALUE_OUT_OF_RANGE, or gives NULL where `tried`.
 */
export function decimalArithmetic(
  operator: string,
  left: string,
  right: string,
  precision: number,
  scale: number,
  tried: boolean,
): string | null {
  const exact = exactResult(operator, parse(left), parse(right));
  if (scale < 0) {
    if (!('quotient' in exact)) throw new Error('div has a quotient');
    return String(BigInt.asIntN(64, exact.quotient[0] / exact.quotient[1]));
  }
  const unscaled =
    'quotient' in exact ? divideHalfUp(exact.quotient[0] * power(scale), exact.quotient[1]) : rescale(exact, scale);
  if (absolute(unscaled) >= power(precision)) {
    if (tried) return null;
    throw userError(
      'NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION',
      `The result ${print(unscaled, scale)} does not fit in decimal(${precision},${scale}). Cast to fewer digits behind the point.`,
      {
        sqlState: '22003',
      },
    );
  }
  return print(unscaled, scale);
}

export const decimalFunctions: EngineFunction[] = [
  {
    name: 'spark_decimal',
    parameters: ['VARCHAR', 'VARCHAR', 'VARCHAR', 'INTEGER', 'INTEGER', 'BOOLEAN'],
    returns: 'VARCHAR',
    evaluate: ([operator, left, right, precision, scale, tried]) =>
      decimalArithmetic(
        operator as string,
        left as string,
        right as string,
        precision as number,
        scale as number,
        tried as boolean,
      ),
  },
];
