import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { cast, commonTypeOfTwo, derive, engineType, implicit, isIntegral, mismatch } from '../../types/index.ts';
import { isText } from '../../types/numeric.ts';
import { type } from '../define.ts';
import { once } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { wrongOperands } from './wrong.ts';

const engineOperator = { '&': '&', '|': '|', '^': 'xor' } as const;

/** `& | ^` over whole numbers keep the wider type; text beside a number is bigint. */
export function bitwise(call: FunctionCall, operator: '&' | '|' | '^'): FunctionResult {
  const [a, b] = call.args as [Typed, Typed];
  const common = commonTypeOfTwo(a.type, b.type);
  if (!common || !isIntegral(common) || (isText(a.type) && isText(b.type))) {
    throw wrongOperands(operator, a.type, b.type);
  }
  const [x, y] = [cast(a, common, call), cast(b, common, call)];
  const text =
    operator === '^' ? sql`${engineOperator[operator]}(${x.sql}, ${y.sql})` : sql`(${x.sql} ${operator} ${y.sql})`;
  return {
    ...derive([x, y], sql`CAST(${text} AS ${engineType(common)})`, common),
    name: `(${a.name} ${operator} ${b.name})`,
  };
}

export function invert(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (!isIntegral(value.type))
    throw mismatch('UNEXPECTED_INPUT_TYPE', `~ takes a whole number, not ${typeText(value.type)}.`);
  return {
    ...derive([value], sql`CAST((~ ${value.sql}) AS ${engineType(value.type)})`, value.type),
    name: `~${value.name}`,
  };
}

/** Shifts of int and bigint (narrower ones become int); the count is taken modulo the width, as in Java. */
export function shift(call: FunctionCall, operator: '<<' | '>>' | '>>>'): FunctionResult {
  const [base, count] = call.args as [Typed, Typed];
  const value = base.type.kind === 'bigint' ? base : implicit(base, type.int, call);
  const by = implicit(count, type.int, call);
  const width = value.type.kind === 'bigint' ? 64 : 32;
  const text = once(
    [value, by],
    (x, y) => sql`spark_shift('${operator}', ${String(width)}, CAST(${x} AS BIGINT), ${y})`,
  );
  return {
    ...derive([value, by], sql`CAST(${text} AS ${engineType(value.type)})`, value.type),
    name: `(${base.name} ${operator} ${count.name})`,
  };
}
