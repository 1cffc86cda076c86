import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import { type CastOptions, cast } from './cast.ts';
import { isDatetime, isInterval, isNumeric, isText, isYearMonth, mismatch } from './numeric.ts';
import { holdsVariant } from './variant.ts';

/**
 * Spark's ANSI store assignment: what INSERT may put into a column, and what a function argument may become by itself.
 * Numbers go to numbers (checked at run time), everything scalar to text, dates and timestamps to each other.
 */
export function canAssign(from: DataType, to: DataType): boolean {
  if (from.kind === 'void' || typeText(from) === typeText(to)) return true;
  if (from.kind === 'array' && to.kind === 'array') return canAssign(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') return canAssign(from.key, to.key) && canAssign(from.value, to.value);
  if (from.kind === 'struct' && to.kind === 'struct') {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, index) => canAssign(field.type, to.fields[index]!.type))
    );
  }
  if (isNumeric(from) && isNumeric(to)) return true;
  if (isText(to)) return isScalar(from);
  if (isDatetime(from) && isDatetime(to)) return true;
  return isInterval(from) && isInterval(to) && isYearMonth(from) === isYearMonth(to);
}

const isScalar = (type: DataType) => !['array', 'map', 'struct', 'variant'].includes(type.kind);

/** The value as a column of an INSERT stores it. Throws where Spark refuses; a value that does not fit raises at run time. */
export function storeAssign(value: Typed, to: DataType, column: string, options: CastOptions): Typed {
  if (!canAssign(value.type, to)) {
    throw userError(
      'INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST',
      `Column ${column} of type ${typeText(to)} cannot take values of type ${typeText(value.type)}. Cast the value in the query.`,
      { sqlState: 'KD000' },
    );
  }
  if (holdsVariant(to))
    throw userError('UNSUPPORTED_DATATYPE', `Column ${column}: values of the type variant cannot be written yet.`);
  // Their length is checked where rows are written.
  if (to.kind === 'char' || to.kind === 'varchar') return cast(value, { kind: 'string' }, options);
  return cast(value, to, options);
}

/** An argument as a function takes it, or undefined where Spark refuses: text becomes any scalar, the rest as stored. */
export function tryImplicit(value: Typed, to: DataType, options: CastOptions): Typed | undefined {
  const { type } = value;
  if (type.kind === to.kind && typeText(type) === typeText(to)) return value;
  if (isText(type) && isScalar(to) && to.kind !== 'calendar_interval' && to.kind !== 'interval')
    return cast(value, to, options);
  if (type.kind === 'variant' && isText(to)) return cast(value, to, options);
  if (canAssign(type, to) || type.kind === 'void') return cast(value, to, options);
  return undefined;
}

export function implicit(value: Typed, to: DataType, options: CastOptions): Typed {
  const out = tryImplicit(value, to, options);
  if (!out) throw wrongInput(value, typeText(to));
  return out;
}

export const wrongInput = (value: Typed, wanted: string): Error =>
  mismatch(
    'UNEXPECTED_INPUT_TYPE',
    `The argument ${value.name} has the type ${typeText(value.type)} where ${wanted} is required. Cast it first.`,
  );
