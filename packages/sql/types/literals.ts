import type { DataType } from '@boathouse/contracts';
import { BoathouseError, userError } from '@boathouse/contracts';
import type { ExpressionSession, Typed } from '../analyse/typed.ts';
import { literal } from '../emit/text.ts';
import { doubleText, floatText } from '../functions/engine/number-text.ts';
import { parseDate, parseTime, parseTimestamp, parseTimestampNtz } from '../functions/engine/time-text.ts';
import { constant, dateConstant, ntzConstant, timeConstant, timestampConstant } from './constants.ts';
import { engineType } from './engine-type.ts';
import { isIntegral } from './numeric.ts';
import { nowMicros, specialDatetime } from './special-datetime.ts';

export const nullLiteral = (): Typed => ({ ...constant(['NULL'], { kind: 'void' }, 'NULL', null), nullable: true });
export const booleanLiteral = (value: boolean): Typed =>
  constant([value ? 'TRUE' : 'FALSE'], { kind: 'boolean' }, String(value), value);
/** Spark names a string literal by its text. */
export const stringLiteral = (value: string): Typed => constant([literal(value)], { kind: 'string' }, value, value);
export const binaryLiteral = (hex: string): Typed => constant([`from_hex('${hex}')`], { kind: 'binary' }, `X'${hex}'`);

/** A number as the lexer gives it: text without suffix, with its sign. Named as Spark prints its value. */
export function numberLiteral(text: string, type: DataType): Typed {
  if (isIntegral(type)) {
    const value = BigInt(text);
    // The smallest bigint has no positive twin that could be negated.
    const body = type.kind === 'int' ? String(value) : `CAST('${value}' AS ${engineType(type)})`;
    return constant([type.kind === 'int' && value < 0n ? `(${body})` : body], type, String(value), value);
  }
  if (type.kind === 'decimal') {
    const plain = plainDecimal(text, type.scale);
    return constant([`CAST('${plain}' AS ${engineType(type)})`], type, printedDecimal(plain), plain);
  }
  const value = type.kind === 'float' ? Math.fround(Number(text)) : Number(text);
  if (!Number.isFinite(value)) {
    throw userError(
      'INVALID_NUMERIC_LITERAL_RANGE',
      `The number ${text} does not fit in ${type.kind}. Use a smaller number.`,
      { sqlState: '22003' },
    );
  }
  const name = type.kind === 'float' ? floatText(value) : doubleText(value);
  return constant([`CAST('${Object.is(value, -0) ? '-0.0' : value}' AS ${engineType(type)})`], type, name, value);
}

/** Java's BigDecimal.toString: an exponent where more than five zeros stand behind the point. */
function printedDecimal(plain: string): string {
  const match = /^(-?)0?\.(0*)(\d*)$/.exec(plain);
  const [sign, zeros, digits] = [match?.[1] ?? '', match?.[2] ?? '', match?.[3] ?? ''];
  const [first, rest, exponent] = digits ? [digits[0], digits.slice(1), zeros.length + 1] : ['0', '', zeros.length];
  if (!match || exponent <= 6) return plain;
  return `${sign}${first}${rest ? `.${rest}` : ''}E-${exponent}`;
}

function plainDecimal(text: string, scale: number): string {
  const match = /^(-?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (!match) throw new Error(`Not a decimal literal: ${text}`);
  const digits = match[2]! + match[3]!;
  const point = match[2]!.length + Number(match[4] ?? 0);
  const whole =
    point <= 0
      ? '0'
      : digits
          .padEnd(point, '0')
          .slice(0, point)
          .replace(/^0+(?=\d)/, '') || '0';
  const fraction = (point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)).padEnd(scale, '0').slice(0, scale);
  const sign = match[1] && /[1-9]/.test(whole + fraction) ? '-' : '';
  return `${sign}${whole}${scale > 0 ? `.${fraction}` : ''}`;
}

/** `DATE'…'`, `TIMESTAMP'…'`, `TIMESTAMP_NTZ'…'`. Throws INVALID_TYPED_LITERAL. */
export function datetimeLiteral(
  type: 'date' | 'timestamp' | 'timestamp_ntz' | 'time',
  text: string,
  session: ExpressionSession,
): Typed {
  const special = type === 'time' ? undefined : specialDatetime(text, type, session);
  if (special) return special;
  try {
    if (type === 'time') return timeConstant(parseTime(text));
    if (type === 'date') return dateConstant(parseDate(text));
    if (type === 'timestamp_ntz') return ntzConstant(parseTimestampNtz(text));
    return timestampConstant(parseTimestamp(text, session.timeZone, nowMicros(session)), session);
  } catch (error) {
    if (error instanceof BoathouseError && error.code.startsWith('UNSUPPORTED_')) throw error;
    throw userError(
      'INVALID_TYPED_LITERAL',
      `The text '${text}' is not a ${type}. Write it like ${type === 'time' ? '13:14:15' : '2024-02-29 or 2024-02-29 13:14:15'}.`,
      {
        sqlState: '42604',
      },
    );
  }
}
