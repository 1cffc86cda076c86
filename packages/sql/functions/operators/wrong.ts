import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import { isDayTime, isInterval, isNested, isText, isTimestamp, mismatch } from '../../types/numeric.ts';

/**
 * The error of operands that an operator does not take. Spark first makes a function of dates, timestamps and intervals
 * (UNEXPECTED_INPUT_TYPE names its argument); for the rest it brings both sides to one type where there is one, and then says that
 * the types differ, or that the operator takes none of that type (ResolveBinaryArithmetic, BinaryOperator.checkInputDataTypes).
 */
export function wrongOperands(operator: string, a: DataType, b: DataType): Error {
  return mismatch(
    condition(operator, a, b),
    `${typeText(a)} ${operator} ${typeText(b)} is not possible. Cast one of them to a type that ${operator} takes.`,
  );
}

const spans = (type: DataType) => isDayTime(type) || type.kind === 'calendar_interval';

function condition(operator: string, a: DataType, b: DataType): string {
  return becomesFunction(operator, a, b)
    ? 'UNEXPECTED_INPUT_TYPE'
    : sameAfterCoercion(a, b)
      ? 'BINARY_OP_WRONG_TYPE'
      : 'BINARY_OP_DIFF_TYPES';
}

function becomesFunction(operator: string, a: DataType, b: DataType): boolean {
  switch (operator) {
    case '+':
      return spans(a) || spans(b) || a.kind === 'date' || b.kind === 'date';
    case '-':
      return spans(b) || isTimestamp(a) || isTimestamp(b) || b.kind === 'date' || (a.kind === 'date' && !isText(b));
    case '*':
      return isInterval(a) || isInterval(b);
    case '/':
      return isInterval(a);
    default:
      return false;
  }
}

/** Text takes the other side's type, but beside intervals and nested values; decimals meet doubles there. NULL meets text alone. */
function sameAfterCoercion(a: DataType, b: DataType): boolean {
  if (a.kind === b.kind) return !isInterval(a) || isDayTime(a) === isDayTime(b);
  const kinds = [a.kind, b.kind];
  if (kinds.includes('decimal') && kinds.includes('double')) return true;
  if (!isText(a) && !isText(b)) return false;
  const other = isText(a) ? b : a;
  return !isInterval(other) && !isNested(other);
}
