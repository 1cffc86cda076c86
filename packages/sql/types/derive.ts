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
