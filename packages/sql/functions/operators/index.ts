import { calendarArithmetic } from '../datetime/calendar-arithmetic.ts';
import { timeArithmetic } from '../datetime/time-arithmetic.ts';
import type { FunctionCall, FunctionResult, FunctionRow, operatorRows } from '../row.ts';
import { arithmetic, type NumberOperator, unary } from './arithmetic.ts';
import { bitwise, invert, shift } from './bits.ts';
import { between, comparison, inList } from './compare.ts';
import { caseWhen, connective, isNull, not } from './logic.ts';
import { subscript } from './subscript.ts';
import { temporal } from './temporal.ts';
import { concat, like, rlike } from './text.ts';

const numbers =
  (operator: NumberOperator) =>
  (call: FunctionCall): FunctionResult => {
    const clock = timeArithmetic(call, operator, false) ?? calendarArithmetic(call, operator);
    if (clock) return clock;
    const name = `(${call.args[0]!.name} ${operator} ${call.args[1]!.name})`;
    if (operator !== '%') {
      const moved = temporal(call, operator);
      if (moved) return { ...moved, name: moved.name ?? name };
    }
    return { ...arithmetic(call, operator), name };
  };

const signed =
  (operator: '-' | '+') =>
  (call: FunctionCall): FunctionResult => ({
    ...unary(call, operator),
    name: `(${operator} ${call.args[0]!.name})`,
  });

type Operator = (typeof operatorRows)[number];

/** How every operator is typed and written; a missing one is a compile error. */
const builds: Record<Operator, [number, number, FunctionRow['build']]> = {
  '+': [2, 2, numbers('+')],
  '-': [2, 2, numbers('-')],
  '*': [2, 2, numbers('*')],
  '/': [2, 2, numbers('/')],
  '%': [2, 2, numbers('%')],
  div: [2, 2, numbers('div')],
  '||': [2, 2, concat],
  '&': [2, 2, (call) => bitwise(call, '&')],
  '|': [2, 2, (call) => bitwise(call, '|')],
  '^': [2, 2, (call) => bitwise(call, '^')],
  '<<': [2, 2, (call) => shift(call, '<<')],
  '>>': [2, 2, (call) => shift(call, '>>')],
  '>>>': [2, 2, (call) => shift(call, '>>>')],
  '=': [2, 2, (call) => comparison(call, '=')],
  '<=>': [2, 2, (call) => comparison(call, '<=>')],
  '<': [2, 2, (call) => comparison(call, '<')],
  '<=': [2, 2, (call) => comparison(call, '<=')],
  '>': [2, 2, (call) => comparison(call, '>')],
  '>=': [2, 2, (call) => comparison(call, '>=')],
  and: [2, 2, (call) => connective(call, 'AND')],
  or: [2, 2, (call) => connective(call, 'OR')],
  not: [1, 1, not],
  'unary -': [1, 1, signed('-')],
  'unary +': [1, 1, signed('+')],
  'unary ~': [1, 1, invert],
  like: [2, 3, (call) => like(call, false)],
  ilike: [2, 3, (call) => like(call, true)],
  rlike: [2, 2, rlike],
  '[]': [2, 2, subscript],
  in: [2, Number.POSITIVE_INFINITY, inList],
  between: [3, 3, between],
  'is null': [1, 1, (call) => isNull(call)],
  case: [2, Number.POSITIVE_INFINITY, caseWhen],
};

export const operatorFunctions: FunctionRow[] = Object.entries(builds).map(([name, [minArgs, maxArgs, build]]) => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
}));
