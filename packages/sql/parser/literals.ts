import type { DataType, IntervalUnit } from '@boathouse/contracts';
import type { DatetimeLiteral, Expression, IntervalLiteral, IntervalPartUnit, NumberLiteral } from '../ast/index.ts';
import type { Cursor } from './cursor.ts';

const integerLimits: Record<string, [DataType, bigint]> = {
  Y: [{ kind: 'tinyint' }, 128n],
  S: [{ kind: 'smallint' }, 32768n],
  L: [{ kind: 'bigint' }, 2n ** 63n],
};
/** The largest float, exactly: a literal beyond it is refused although it would round down to it. */
const maxFloat = 3.4028234663852886e38;

/** The number at the cursor. `negative`: a minus stood before it and belongs to it, from token `mark`. */
export function numberLiteral(cursor: Cursor, mark: number, negative: boolean): NumberLiteral {
  const token = cursor.next();
  const range = cursor.rangeFrom(mark);
  const match = /^(.*?)(BD|[YSLFD])?$/i.exec(token.value)!;
  const digits = match[1]!;
  const text = (negative ? '-' : '') + digits;
  const outside = (type: string) =>
    cursor.error(
      'INVALID_NUMERIC_LITERAL_RANGE',
      `The number ${text} lies outside of the range of ${type}.`,
      '22003',
      range,
    );
  const whole = /^\d+$/.test(digits);
  const suffix = (match[2] ?? '').toUpperCase();
  switch (suffix) {
    case 'Y':
    case 'S':
    case 'L': {
      const [type, limit] = integerLimits[suffix]!;
      if (!whole)
        throw cursor.syntaxError(`A number with the suffix ${suffix} has no fraction and no exponent.`, range);
      if (!fits(digits, limit, negative)) throw outside(type.kind.toUpperCase());
      return { kind: 'number', text, type, range };
    }
    case 'F':
      if (Number(digits) > maxFloat) throw outside('FLOAT');
      return { kind: 'number', text, type: { kind: 'float' }, range };
    case 'D':
      if (Number(digits) === Number.POSITIVE_INFINITY) throw outside('DOUBLE');
      return { kind: 'number', text, type: { kind: 'double' }, range };
    case 'BD':
      break;
    default:
      if (whole && fits(digits, 2n ** 31n, negative)) return { kind: 'number', text, type: { kind: 'int' }, range };
      if (whole && fits(digits, 2n ** 63n, negative)) return { kind: 'number', text, type: { kind: 'bigint' }, range };
      if (/e/i.test(digits)) {
        if (Number(digits) === Number.POSITIVE_INFINITY) throw outside('DOUBLE');
        return { kind: 'number', text, type: { kind: 'double' }, range };
      }
  }
  const type = decimalTypeOf(digits);
  if (type.precision > 38) {
    throw cursor.error(
      'DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION',
      `A decimal has at most 38 digits, ${text} has ${type.precision}: write it as a double with the suffix D.`,
      '22003',
      range,
    );
  }
  return { kind: 'number', text, type, range };
}

function fits(digits: string, limit: bigint, negative: boolean): boolean {
  if (digits.length > 40) return false;
  const value = BigInt(digits);
  return value < limit || (negative && value === limit);
}

/** The decimal type that holds exactly the number: leading zeros do not count, those of the fraction do. */
function decimalTypeOf(digits: string): { kind: 'decimal'; precision: number; scale: number } {
  const [mantissa, exponent] = digits.toLowerCase().split('e');
  const [whole, fraction] = [mantissa!.split('.')[0]!, mantissa!.split('.')[1] ?? ''];
  const significant = (whole + fraction).replace(/^0+/, '').length || 1;
  const scale = fraction.length - Number(exponent ?? 0);
  if (scale < 0) return { kind: 'decimal', precision: significant - scale, scale: 0 };
  return { kind: 'decimal', precision: Math.max(significant, scale), scale };
}

const datetimeTypes: Record<string, DatetimeLiteral['type']> = {
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp_ntz',
  TIME: 'time',
};

/** A word right before a string: DATE'…', X'…', INTERVAL'…'. Any other word there is UNSUPPORTED_TYPED_LITERAL, as in Spark. */
export function typedLiteral(cursor: Cursor): Expression {
  const mark = cursor.mark();
  const word = cursor.next();
  const token = cursor.next();
  const range = cursor.rangeFrom(mark);
  if (Object.hasOwn(datetimeTypes, word.key)) {
    return { kind: 'datetime', type: datetimeTypes[word.key]!, text: token.value, range };
  }
  if (word.key === 'X') {
    if (!/^[0-9a-fA-F]*$/.test(token.value)) {
      throw cursor.error('INVALID_TYPED_LITERAL', `'${token.value}' are not hexadecimal digits.`, '42604', token);
    }
    const hex = token.value.toUpperCase();
    return { kind: 'binary', hex: hex.length % 2 === 0 ? hex : `0${hex}`, range };
  }
  throw cursor.error(
    'UNSUPPORTED_TYPED_LITERAL',
    `Literals of the type "${word.value}" are not supported: use DATE, TIMESTAMP, TIMESTAMP_NTZ, TIME, INTERVAL or X before a string.`,
    '0A000',
    range,
  );
}

const intervalUnits: Record<string, IntervalPartUnit> = {};
for (const unit of [
  'year',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
  'microsecond',
  'nanosecond',
] as const) {
  intervalUnits[unit.toUpperCase()] = unit;
  intervalUnits[`${unit.toUpperCase()}S`] = unit;
}
const ranges: Record<string, readonly IntervalUnit[]> = {
  year: ['month'],
  day: ['hour', 'minute', 'second'],
  hour: ['minute', 'second'],
  minute: ['second'],
};

/** Is the word INTERVAL at the cursor the beginning of a literal (and not a column of that name)? */
export function isIntervalLiteral(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  if (next.kind === 'string' || next.kind === 'number') return true;
  if (next.key !== '-' && next.key !== '+') return false;
  // `interval - 1` is a subtraction from a column; a unit after the value decides.
  const value = cursor.peek(2);
  return (value.kind === 'number' || value.kind === 'string') && Object.hasOwn(intervalUnits, cursor.peek(3).key);
}

export function intervalLiteral(cursor: Cursor): IntervalLiteral {
  const mark = cursor.mark();
  cursor.expect('INTERVAL');
  if (cursor.token.kind === 'string' && cursor.peek(1).kind !== 'word') return textInterval(cursor, mark);
  const first = intervalPart(cursor);
  if (!first) {
    // `interval '1 day' total`: the word is an alias.
    if (cursor.token.kind === 'string') return textInterval(cursor, mark);
    return cursor.fail('a unit of time, such as DAY');
  }
  const from = first.unit;
  if (cursor.is('TO')) {
    cursor.next();
    const to = intervalUnits[cursor.token.key] as IntervalUnit | undefined;
    if (!to) cursor.fail('a unit of time, such as SECOND');
    if (!ranges[from]?.includes(to)) {
      throw cursor.error(
        'INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION',
        `An interval from ${from} to ${to} does not exist: use YEAR TO MONTH, or DAY, HOUR or MINUTE to a smaller unit.`,
        '22006',
      );
    }
    if (!first.quoted)
      throw cursor.syntaxError('An interval from one unit to another is written as a string.', cursor.rangeFrom(mark));
    cursor.next();
    const value = {
      form: 'range' as const,
      text: first.text,
      negative: first.negative,
      from: from as IntervalUnit,
      to,
    };
    return { kind: 'interval', value, range: cursor.rangeFrom(mark) };
  }
  const parts = [{ value: (first.negative ? '-' : '') + first.text, unit: from }];
  for (let part = intervalPart(cursor); part; part = intervalPart(cursor)) {
    parts.push({ value: (part.negative ? '-' : '') + part.text, unit: part.unit });
  }
  return { kind: 'interval', value: { form: 'units', parts }, range: cursor.rangeFrom(mark) };
}

function textInterval(cursor: Cursor, mark: number): IntervalLiteral {
  const text = cursor.next().value;
  return { kind: 'interval', value: { form: 'text', text }, range: cursor.rangeFrom(mark) };
}

/** `[+|-] value unit`, or nothing where no unit follows. */
function intervalPart(
  cursor: Cursor,
): { text: string; quoted: boolean; negative: boolean; unit: IntervalPartUnit } | undefined {
  const sign = cursor.is('-') || cursor.is('+') ? 1 : 0;
  const value = cursor.peek(sign);
  const unit = cursor.peek(sign + 1);
  if ((value.kind !== 'number' && value.kind !== 'string') || !Object.hasOwn(intervalUnits, unit.key)) return undefined;
  if (value.kind === 'number' && !/^\d*\.?\d*$/.test(value.value)) return undefined;
  const negative = cursor.is('-');
  for (let read = 0; read < sign + 2; read += 1) cursor.next();
  return { text: value.value, quoted: value.kind === 'string', negative, unit: intervalUnits[unit.key]! };
}
