import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';

/** Spark's numeric precedence, narrow to wide (decimals stand outside of it). */
export const numericOrder = ['tinyint', 'smallint', 'int', 'bigint', 'float', 'double'] as const;
type Ordered = (typeof numericOrder)[number];

export type DecimalType = Extract<DataType, { kind: 'decimal' }>;
export const decimal = (precision: number, scale: number): DecimalType => ({ kind: 'decimal', precision, scale });

const integralDigits: Record<string, number> = { tinyint: 3, smallint: 5, int: 10, bigint: 20 };

export const isIntegral = (type: DataType): boolean => type.kind in integralDigits;
export const isFractional = (type: DataType): boolean =>
  type.kind === 'float' || type.kind === 'double' || type.kind === 'decimal';
export const isNumeric = (type: DataType): boolean => isIntegral(type) || isFractional(type);
export const isText = (type: DataType): boolean =>
  type.kind === 'string' || type.kind === 'char' || type.kind === 'varchar';
export const isTimestamp = (type: DataType): boolean => type.kind === 'timestamp' || type.kind === 'timestamp_ntz';
export const isDatetime = (type: DataType): boolean => type.kind === 'date' || isTimestamp(type);
export const isInterval = (type: DataType): boolean => type.kind === 'interval';
export const isYearMonth = (type: DataType): boolean =>
  type.kind === 'interval' && (type.start === 'year' || type.start === 'month');
export const isDayTime = (type: DataType): boolean => type.kind === 'interval' && !isYearMonth(type);
export const isNested = (type: DataType): boolean =>
  type.kind === 'array' || type.kind === 'map' || type.kind === 'struct';

/** The decimal that holds every value of an integral type (tinyint 3 digits … bigint 20). */
export function decimalOf(type: DataType): DecimalType {
  if (type.kind === 'decimal') return type;
  const digits = integralDigits[type.kind];
  if (digits === undefined) throw new Error(`${type.kind} has no decimal`);
  return decimal(digits, 0);
}

/** The decimal of an integer literal: only the digits that it has, as Spark types literals beside decimals. */
export const decimalOfLiteral = (value: bigint): DecimalType =>
  decimal(Math.max(1, String(value < 0n ? -value : value).length), 0);

/** Wider of two non-decimal numbers; an integer beside a float gives double, so that no digit is lost. */
export function widerNumber(a: DataType, b: DataType): DataType {
  if (a.kind === b.kind) return a;
  const kind =
    numericOrder[Math.max(numericOrder.indexOf(a.kind as Ordered), numericOrder.indexOf(b.kind as Ordered))]!;
  return { kind: kind === 'float' ? 'double' : kind };
}

/** Cuts digits behind the point first (down to 6 at least) where a result would pass 38 digits. */
export function adjusted(precision: number, scale: number): DecimalType {
  if (precision <= 38) return decimal(precision, scale);
  const whole = precision - scale;
  return decimal(38, Math.max(38 - whole, Math.min(scale, 6)));
}

/** The decimal that holds both: digits before and behind the point, whole digits first beyond 38. */
export function widerDecimal(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return whole + scale <= 38 ? decimal(whole + scale, scale) : decimal(38, Math.max(0, Math.min(scale, 38 - whole)));
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | 'div';

/** Result of decimal arithmetic by Spark's rules (allowPrecisionLoss). `div` is bigint and not asked here. */
export function decimalResult(operator: '+' | '-' | '*' | '/' | '%', a: DecimalType, b: DecimalType): DecimalType {
  const { precision: p1, scale: s1 } = a;
  const { precision: p2, scale: s2 } = b;
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(s1, s2);
      return adjusted(Math.max(p1 - s1, p2 - s2) + scale + 1, scale);
    }
    case '*':
      return adjusted(p1 + p2 + 1, s1 + s2);
    case '/': {
      const scale = Math.max(6, s1 + p2 + 1);
      return adjusted(p1 - s1 + s2 + scale, scale);
    }
    case '%': {
      const scale = Math.max(s1, s2);
      return adjusted(Math.min(p1 - s1, p2 - s2) + scale, scale);
    }
  }
}

export const mismatch = (subclass: string, message: string): Error =>
  userError(`DATATYPE_MISMATCH.${subclass}`, message, { sqlState: '42K09' });
