import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import type { FunctionResult } from '../functions/row.ts';

/** A result over operands: it folds where all fold, aggregates where one does. */
export function derive(operands: readonly Typed[], sql: Sql, type: DataType, nullable?: boolean): FunctionResult {
  return {
    sql,
    type,
    nullable: nullable ?? operands.some((operand) => operand.nullable),
    foldable: operands.every((operand) => operand.foldable || operand.constant !== undefined),
    aggregate: operands.some((operand) => operand.aggregate),
    window: operands.some((operand) => operand.window),
    volatile: operands.some((operand) => operand.volatile),
  };
}

/** The same value under another type and text: keeps the name, loses the literal. */
export function retyped(value: Typed, sql: Sql, type: DataType, nullable = value.nullable): Typed {
  return { ...derive([value], sql, type, nullable), name: value.name };
}

export const constantText = (value: Typed): string | undefined =>
  typeof value.constant?.value === 'string' ? value.constant.value : undefined;
export const constantInteger = (value: Typed): bigint | undefined =>
  typeof value.constant?.value === 'bigint' ? value.constant.value : undefined;
export const isNullLiteral = (value: Typed): boolean =>
  value.type.kind === 'void' || (value.constant !== undefined && value.constant.value === null);

/**
 * The whole number that a constant is after its conversion to int or bigint (`converted`): text is read, fractions are cut.
 * `written` is the argument before it. Undefined where the value is not known before the statement runs.
 */
export function constantWhole(converted: Typed, written: Typed): bigint | undefined {
  const known = constantInteger(converted) ?? constantInteger(written);
  if (known !== undefined) return known;
  const value = written.constant?.value;
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  if (typeof value !== 'string') return undefined;
  const digits = (written.type.kind === 'decimal' ? /^(-?\d+)(?:\.\d*)?$/ : /^\s*([+-]?\d+)\s*$/).exec(value)?.[1];
  return digits === undefined ? undefined : BigInt(digits.replace('+', ''));
}
