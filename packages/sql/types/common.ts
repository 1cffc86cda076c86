import type { DataType, IntervalUnit, StructField } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import {
  decimalOf,
  isDatetime,
  isIntegral,
  isNested,
  isNumeric,
  isText,
  isYearMonth,
  widerDecimal,
  widerNumber,
} from './numeric.ts';

const units: IntervalUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];
export const sameType = (a: DataType, b: DataType): boolean =>
  a === b || (typeText(a).toLowerCase() === typeText(b).toLowerCase() && sameNullability(a, b));

function sameNullability(a: DataType, b: DataType): boolean {
  if (a.kind === 'array' && b.kind === 'array')
    return a.containsNull === b.containsNull && sameNullability(a.element, b.element);
  if (a.kind === 'map' && b.kind === 'map')
    return a.valueContainsNull === b.valueContainsNull && sameNullability(a.value, b.value);
  if (a.kind === 'struct' && b.kind === 'struct')
    return a.fields.every(
      (field, index) =>
        field.nullable === b.fields[index]!.nullable && sameNullability(field.type, b.fields[index]!.type),
    );
  return true;
}

/** Spark's ANSI least common type of two where no text is turned into something else; undefined where there is none. */
export function tightestType(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === 'void') return b;
  if (b.kind === 'void') return a;
  if (isText(a) && isText(b)) return a.kind === b.kind && typeText(a) === typeText(b) ? a : { kind: 'string' };
  if (isNumeric(a) && isNumeric(b)) {
    if (a.kind === 'decimal' || b.kind === 'decimal') {
      const floating = [a, b].some((type) => type.kind === 'float' || type.kind === 'double');
      return floating ? { kind: 'double' } : widerDecimal(decimalOf(a), decimalOf(b));
    }
    return widerNumber(a, b);
  }
  if (isDatetime(a) && isDatetime(b)) {
    if (a.kind === b.kind) return a;
    return a.kind === 'timestamp' || b.kind === 'timestamp' ? { kind: 'timestamp' } : { kind: 'timestamp_ntz' };
  }
  if (a.kind === 'interval' && b.kind === 'interval') {
    if (isYearMonth(a) !== isYearMonth(b)) return undefined;
    const at = (unit: IntervalUnit) => units.indexOf(unit);
    return {
      kind: 'interval',
      start: units[Math.min(at(a.start), at(b.start))]!,
      end: units[Math.max(at(a.end), at(b.end))]!,
    };
  }
  if (a.kind === b.kind && !isNested(a)) return typeText(a) === typeText(b) ? a : undefined;
  return undefined;
}

/** Text beside another scalar takes its type: integers become bigint, other numbers double. Intervals refuse. */
function withText(a: DataType, b: DataType): DataType | undefined {
  if (!isText(a) && !isText(b)) return undefined;
  const other = isText(a) ? b : a;
  if (isIntegral(other)) return { kind: 'bigint' };
  if (isNumeric(other)) return { kind: 'double' };
  if (other.kind === 'interval' || other.kind === 'calendar_interval' || other.kind === 'variant' || isNested(other))
    return undefined;
  return other;
}

function nested(
  a: DataType,
  b: DataType,
  pair: (a: DataType, b: DataType) => DataType | undefined,
): DataType | undefined {
  if (a.kind === 'array' && b.kind === 'array') {
    const element = pair(a.element, b.element);
    return element && { kind: 'array', element, containsNull: a.containsNull || b.containsNull };
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const key = pair(a.key, b.key);
    const value = pair(a.value, b.value);
    return key && value && { kind: 'map', key, value, valueContainsNull: a.valueContainsNull || b.valueContainsNull };
  }
  if (a.kind === 'struct' && b.kind === 'struct' && a.fields.length === b.fields.length) {
    const fields: StructField[] = [];
    for (const [index, field] of a.fields.entries()) {
      const other = b.fields[index]!;
      const type = pair(field.type, other.type);
      if (!type) return undefined;
      fields.push({ name: field.name, type, nullable: field.nullable || other.nullable });
    }
    return { kind: 'struct', fields };
  }
  return undefined;
}

/**
 * The common type where every value of both fits without a change of kind: a decimal beside an integer only where it holds
 * all its digits. How functions over arrays compare elements.
 */
export function exactType(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === 'decimal' || b.kind === 'decimal') {
    if (a.kind === 'void') return b;
    if (b.kind === 'void') return a;
    if (typeText(a) === typeText(b)) return a;
    const [wide, other] = a.kind === 'decimal' ? [a, b] : [b, a];
    if (wide.kind !== 'decimal' || !isIntegral(other)) return undefined;
    return wide.precision - wide.scale >= decimalOf(other).precision ? wide : undefined;
  }
  return tightestType(a, b) ?? nested(a, b, exactType);
}

/**
 * Common type of branches, set operations, `coalesce`, `array`, `IN` (ANSI): int and string give bigint.
 * `undefined` where Spark refuses.
 */
export function commonTypeOfTwo(a: DataType, b: DataType): DataType | undefined {
  return tightestType(a, b) ?? withText(a, b) ?? nested(a, b, commonTypeOfTwo);
}

/** The same without turning text into numbers or dates: how functions over arrays and maps compare their elements. */
export function commonTypeWithoutText(a: DataType, b: DataType): DataType | undefined {
  return tightestType(a, b) ?? nested(a, b, commonTypeWithoutText);
}

/** Spark folds left to right, but puts the text types last: `coalesce(1, 'a', 2.5)` counts the numbers first. */
export function commonType(types: readonly DataType[]): DataType | undefined {
  const last = (type: DataType) => (holdsText(type) ? 1 : 0);
  const ordered = [...types].sort((a, b) => last(a) - last(b));
  let common: DataType | undefined = { kind: 'void' };
  for (const type of ordered) {
    common = commonTypeOfTwo(common, type);
    if (!common) return undefined;
  }
  return common;
}

const holdsText = (type: DataType): boolean => isText(type) || (type.kind === 'array' && holdsText(type.element));
