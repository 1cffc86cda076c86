import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, sql } from '../../emit/text.ts';
import {
  cast,
  commonTypeOfTwo,
  commonTypeWithoutText,
  derive,
  exactType,
  mismatch,
  needsOrderKey,
  orderKey,
} from '../../types/index.ts';
import { type, unify } from '../define.ts';
import { once } from '../let.ts';
import type { FunctionCall, FunctionResult } from '../row.ts';
import { refuse } from './arithmetic.ts';

const nested = (type: DataType): boolean => type.kind === 'array' || type.kind === 'struct';
const holdsMap = (type: DataType): boolean =>
  type.kind === 'map' ||
  type.kind === 'variant' ||
  (type.kind === 'array' && holdsMap(type.element)) ||
  (type.kind === 'struct' && type.fields.some((field) => holdsMap(field.type)));

/** Whether values of a type can be ordered and grouped; maps and variants cannot. */
export const isOrderable = (type: DataType): boolean => !holdsMap(type) && type.kind !== 'calendar_interval';

/** Both sides under one type: text becomes the other side's number, date or boolean. */
function sides(call: FunctionCall, operator: string): [Typed, Typed] {
  const [a, b] = call.args as [Typed, Typed];
  // Elements of arrays and fields of structs are not turned from text into numbers, nor to decimals of other digits.
  const common = nested(a.type) && nested(b.type) ? exactType(a.type, b.type) : commonTypeOfTwo(a.type, b.type);
  if (!common)
    throw mismatch(
      'BINARY_OP_DIFF_TYPES',
      `${typeText(a.type)} ${operator} ${typeText(b.type)} cannot be compared. Cast one of them.`,
    );
  if (!isOrderable(common))
    throw mismatch('INVALID_ORDERING_TYPE', `Values of the type ${typeText(common)} cannot be compared.`);
  return [cast(a, common, call), cast(b, common, call)];
}

export function comparison(call: FunctionCall, operator: '=' | '<=>' | '<' | '<=' | '>' | '>='): FunctionResult {
  const [a, b] = sides(call, operator);
  const name = `(${a.name} ${operator} ${b.name})`;
  if (operator === '<=>')
    return { ...derive([a, b], sql`(${a.sql} IS NOT DISTINCT FROM ${b.sql})`, type.boolean, false), name };
  if (operator !== '=' && needsOrderKey(a.type)) {
    const text = sql`(${orderKey(a.sql, a.type)} ${operator} ${orderKey(b.sql, b.type)})`;
    return { ...derive([a, b], text, type.boolean), name };
  }
  return { ...derive([a, b], sql`(${a.sql} ${operator} ${b.sql})`, type.boolean), name };
}

/** `value IN (items…)`: all sides take one common type. */
export function inList(call: FunctionCall): FunctionResult {
  const { values, type: common } = unify(call, call.args);
  if (!isOrderable(common))
    throw mismatch('INVALID_ORDERING_TYPE', `Values of the type ${typeText(common)} cannot be compared.`);
  const [value, ...items] = values as [Typed, ...Typed[]];
  const text = sql`(${value.sql} IN (${join(
    items.map((item) => item.sql),
    ', ',
  )}))`;
  return {
    ...derive(values, text, type.boolean),
    name: `(${value.name} IN (${items.map((item) => item.name).join(', ')}))`,
  };
}

export function between(call: FunctionCall): FunctionResult {
  const [given, low, high] = call.args as [Typed, Typed, Typed];
  // A value that changes with each call is computed once.
  const value: Typed = given.volatile ? { ...given, sql: ['__between'], volatile: false } : given;
  const above = comparison({ ...call, args: [value, low] }, '>=');
  const below = comparison({ ...call, args: [value, high] }, '<=');
  const both = sql`(${above.sql} AND ${below.sql})`;
  return {
    ...derive(
      call.args,
      given.volatile ? sql`list_transform([${given.sql}], lambda __between: ${both})[1]` : both,
      type.boolean,
    ),
    name: `between(${value.name}, ${low.name}, ${high.name})`,
  };
}

/** A value behind its key of order, as one struct; NULL where the value is. */
const withKey = (value: Typed, common: DataType): Sql =>
  sql`list_transform([${value.sql}], lambda __o: CASE WHEN __o IS NULL THEN NULL ELSE struct_pack(k := ${orderKey(['__o'], common)}, v := __o) END)[1]`;

/** greatest and least skip NULLs; NaN is the greatest number. */
export function extreme(call: FunctionCall, name: 'greatest' | 'least'): FunctionResult {
  const { values, type: common } = unify(call, call.args, commonTypeWithoutText);
  if (!isOrderable(common))
    throw mismatch('INVALID_ORDERING_TYPE', `Values of the type ${typeText(common)} cannot be compared.`);
  const nullable = values.every((value) => value.nullable);
  if (needsOrderKey(common)) {
    const keyed = values.map((value) => withKey(value, common));
    return derive(values, sql`struct_extract(${name}(${join(keyed, ', ')}), 'v')`, common, nullable);
  }
  return derive(
    values,
    sql`${name}(${join(
      values.map((value) => value.sql),
      ', ',
    )})`,
    common,
    nullable,
  );
}

/** `nullif(a, b)`: a, unless both are equal. */
export function nullif(call: FunctionCall): FunctionResult {
  const [a] = call.args as [Typed, Typed];
  const equal = comparison(call, '=');
  if (a.volatile) throw refuse('nullif over an expression that changes with each call');
  const value = { ...a };
  return derive(
    call.args,
    once([value], (x) => sql`CASE WHEN ${equal.sql} THEN NULL ELSE ${x} END`),
    a.type,
    true,
  );
}
