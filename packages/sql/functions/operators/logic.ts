import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { cast, derive, implicit, mismatch } from '../../types/index.ts';
import { type, unify } from '../define.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { wrongOperands } from './wrong.ts';

const isCondition = ({ type: { kind } }: Typed): boolean => kind === 'boolean' || kind === 'void' || kind === 'string';

/** AND, OR, NOT take booleans, and text that reads as one. */
function condition(call: FunctionCall, value: Typed, operator: string): Typed {
  if (value.type.kind === 'boolean') return value;
  if (value.type.kind === 'void') return cast(value, type.boolean, call);
  if (value.type.kind === 'string') return implicit(value, type.boolean, call);
  throw mismatch(
    'UNEXPECTED_INPUT_TYPE',
    `${operator} takes conditions, not ${typeText(value.type)}. Compare the value with something.`,
  );
}

export function connective(call: FunctionCall, operator: 'AND' | 'OR'): FunctionResult {
  const [left, right] = call.args as [Typed, Typed];
  if (![left, right].every(isCondition)) throw wrongOperands(operator, left.type, right.type);
  const [a, b] = [condition(call, left, operator), condition(call, right, operator)];
  return {
    ...derive([a, b], sql`(${a.sql} ${operator} ${b.sql})`, type.boolean),
    name: `(${a.name} ${operator} ${b.name})`,
  };
}

export function not(call: FunctionCall): FunctionResult {
  const value = condition(call, call.args[0]!, 'NOT');
  return { ...derive([value], sql`(NOT ${value.sql})`, type.boolean), name: `(NOT ${value.name})` };
}

export function isNull(call: FunctionCall, negated = false): FunctionResult {
  const [value] = call.args as [Typed];
  return {
    ...derive([value], sql`(${value.sql} IS ${negated ? 'NOT ' : ''}NULL)`, type.boolean, false),
    name: `(${value.name} IS ${negated ? 'NOT ' : ''}NULL)`,
  };
}

/** CASE over when, then, …, otherwise. Branches share one type; a branch that is not taken never fails. */
export function caseWhen(call: FunctionCall): FunctionResult {
  const pairs: { when: Typed; branch: number }[] = [];
  const branches: Typed[] = [];
  for (let at = 0; at + 1 < call.args.length; at += 2) {
    const when = call.args[at]!;
    if (when.type.kind !== 'boolean' && !(when.type.kind === 'void' && (call.name === 'if' || call.name === 'iff'))) {
      throw mismatch(
        'UNEXPECTED_INPUT_TYPE',
        `WHEN takes a condition, not ${typeText(when.type)}. Compare the value with something.`,
      );
    }
    branches.push(call.args[at + 1]!);
    pairs.push({ when: cast(when, type.boolean, call), branch: branches.length - 1 });
  }
  const otherwise = call.args.length % 2 === 1 ? call.args.at(-1) : undefined;
  const { type: common, values } = unify(call, otherwise ? [...branches, otherwise] : branches);
  const text = pairs.reduce(
    (sum, { when, branch }) => sql`${sum} WHEN ${when.sql} THEN ${values[branch]!.sql}`,
    sql`CASE`,
  );
  const last = otherwise ? sql` ELSE ${values.at(-1)!.sql}` : [];
  const nullable = !otherwise || values.some((value) => value.nullable);
  const names = pairs.map(({ when, branch }) => ` WHEN ${when.name} THEN ${branches[branch]!.name}`).join('');
  return {
    ...derive(call.args, sql`${text}${last} END`, common, nullable),
    name: `CASE${names}${otherwise ? ` ELSE ${otherwise.name}` : ''} END`,
  };
}

export function iff(call: FunctionCall): FunctionResult {
  const result = caseWhen(call);
  return { ...result, name: `(IF(${call.args.map((value) => value.name).join(', ')}))` };
}
