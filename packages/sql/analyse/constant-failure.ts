import type { Expression } from '../ast/index.ts';
import { fail } from './errors.ts';

/** What may leave an operand out, so that a failing one need not fail: these are not looked into. */
const lazyCalls = /^(if|iff|coalesce|nvl2?|ifnull|nullif|try.*|case|decode|zeroifnull|nullifzero)$/i;

/**
 * Spark computes constant expressions of a statement's own select list before it reads a row, so that `1 / 0` fails also
 * over an empty input, where the engine would never compute it. Throws DIVIDE_BY_ZERO or REMAINDER_BY_ZERO.
 */
export function refuseConstantFailure(node: Expression): void {
  if (node.kind === 'case' || node.kind === 'lambda' || node.kind === 'subquery') return;
  if (node.kind === 'call' && lazyCalls.test(node.name.parts.at(-1)!.name)) return;
  if (node.kind === 'binaryOp') {
    if (node.op === 'and' || node.op === 'or') return;
    const divides = node.op === '/' || node.op === 'div' || node.op === '%';
    if (divides && node.left.kind === 'number' && node.right.kind === 'number' && Number(node.right.text) === 0) {
      throw node.op === '%'
        ? fail('REMAINDER_BY_ZERO', 'Remainder by zero. Use try_mod to get NULL instead.', node.range)
        : fail('DIVIDE_BY_ZERO', 'Division by zero. Use try_divide to get NULL instead.', node.range);
    }
    refuseConstantFailure(node.left);
    refuseConstantFailure(node.right);
  } else if (node.kind === 'call') {
    for (const arg of node.args) refuseConstantFailure(arg);
  } else if (node.kind === 'unary' || node.kind === 'cast') {
    refuseConstantFailure(node.operand);
  }
}
