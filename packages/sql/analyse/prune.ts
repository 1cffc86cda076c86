import type { DataType, PrunePredicate } from '@boathouse/contracts';
import type { Expression } from '../ast/index.ts';
import { isIntegral } from '../types/index.ts';
import type { Context } from './context.ts';
import { analyse } from './expression.ts';
import type { ConstantValue, Typed } from './typed.ts';

const mirrored = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;
type Comparison = keyof typeof mirrored;
const isComparison = (op: string): op is Comparison => Object.hasOwn(mirrored, op);

/**
 * Notes the top-level conjuncts of WHERE that may prune files: a bare column of a base table against literals, of types
 * that compare alike in file statistics. Floating-point columns are left out (NaN stands outside of statistics).
 */
export function prune(where: Expression, context: Context): void {
  if (where.kind === 'binaryOp' && where.op === 'and') {
    prune(where.left, context);
    prune(where.right, context);
    return;
  }
  const found = predicateOf(where, context);
  if (found) context.state.addPredicate(found.table, found.predicate);
}

function predicateOf(node: Expression, context: Context): { table: number; predicate: PrunePredicate } | null {
  const simple = (part: Expression): boolean => part.kind === 'column' || isConstant(part);
  if (node.kind === 'binaryOp' && isComparison(node.op) && simple(node.left) && simple(node.right)) {
    const [left, right] = [analyse(node.left, context), analyse(node.right, context)];
    return comparison(left, node.op, [right]) ?? comparison(right, mirrored[node.op], [left]);
  }
  if (node.kind === 'inList' && !node.negated && simple(node.operand) && node.items.every(isConstant)) {
    return comparison(
      analyse(node.operand, context),
      'in',
      node.items.map((item) => analyse(item, context)),
    );
  }
  if (node.kind === 'is' && node.what === 'null' && node.operand.kind === 'column') {
    const { column } = analyse(node.operand, context);
    if (!column) return null;
    return {
      table: column.table,
      predicate: { column: column.name, op: node.negated ? 'is not null' : 'is null', values: [] },
    };
  }
  if (
    node.kind === 'between' &&
    !node.negated &&
    simple(node.operand) &&
    isConstant(node.low) &&
    isConstant(node.high)
  ) {
    const operand = analyse(node.operand, context);
    const low = comparison(operand, '>=', [analyse(node.low, context)]);
    const high = comparison(operand, '<=', [analyse(node.high, context)]);
    if (low && high) context.state.addPredicate(low.table, low.predicate);
    return low && high;
  }
  return null;
}

const isConstant = (node: Expression): boolean =>
  node.kind === 'number' || node.kind === 'string' || node.kind === 'datetime' || node.kind === 'parameter';

function comparison(
  operand: Typed,
  op: PrunePredicate['op'],
  constants: readonly Typed[],
): { table: number; predicate: PrunePredicate } | null {
  const { column } = operand;
  if (!column) return null;
  const values: string[] = [];
  for (const { constant, type } of constants) {
    if (!constant || constant.value === null || !comparesAlike(operand.type, type)) return null;
    values.push(valueText(constant.value));
  }
  return { table: column.table, predicate: { column: column.name, op, values } };
}

const valueText = (value: Exclude<ConstantValue, null>): string => String(value);

function comparesAlike(column: DataType, value: DataType): boolean {
  if (isIntegral(column)) return isIntegral(value);
  if (column.kind === 'decimal') return isIntegral(value) || value.kind === 'decimal';
  return (
    (column.kind === 'string' || column.kind === 'date' || column.kind === 'timestamp') && value.kind === column.kind
  );
}
