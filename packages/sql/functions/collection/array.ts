import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  commonTypeWithoutText,
  derive,
  engineType,
  exactType,
  implicit,
  isNullLiteral,
  mismatch,
} from '../../types/index.ts';
import { isIntegral } from '../../types/numeric.ts';
import { arg, arrayOf, row, type, unify, unsupported } from '../define.ts';
import { once, raise } from '../let.ts';
import { isOrderable } from '../operators/compare.ts';
import { elementAt, lookup } from '../operators/subscript.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { sequence } from './sequence.ts';

export type ArrayType = Extract<DataType, { kind: 'array' }>;

/** Spark looks at both arguments of these together. */
const conditionsOfPairs: Record<string, string> = {
  array_except: 'BINARY_ARRAY_DIFF_TYPES',
  array_intersect: 'BINARY_ARRAY_DIFF_TYPES',
  array_remove: 'ARRAY_FUNCTION_DIFF_TYPES',
};

/** The argument as an array; an untyped NULL is an array of void. */
export function arrayArg(call: FunctionCall, index: number): Typed & { type: ArrayType } {
  const value = call.args[index]!;
  if (value.type.kind === 'void') return cast(value, arrayOf({ kind: 'void' }), call) as Typed & { type: ArrayType };
  if (value.type.kind !== 'array') {
    const condition = index === 0 && conditionsOfPairs[call.name];
    throw condition
      ? mismatch(condition, `${call.name} takes arrays, not ${typeText(value.type)}.`)
      : wrongInput(value, 'an array');
  }
  return value as Typed & { type: ArrayType };
}

const plainElement = (call: FunctionCall, of: ArrayType): void => {
  if (!isOrderable(of.element))
    throw wrongInput(call.args[0]!, `an array of a type that can be compared, not ${of.element.kind}`);
};

/** An array and a value under one element type; text is never turned into a number here. */
function withElement(call: FunctionCall, pair = exactType): { list: Typed & { type: ArrayType }; value: Typed } {
  const given = arrayArg(call, 0);
  const other = call.args[1]!;
  if (isNullLiteral(call.args[0]!)) throw unsupported(call, 'a NULL without a type is not supported as the array.');
  const element = pair(given.type.element, other.type);
  if (!element)
    throw mismatch(
      'ARRAY_FUNCTION_DIFF_TYPES',
      `${call.name}: the array holds ${typeText(given.type.element)} and the value is ${typeText(other.type)}. Cast one of them.`,
    );
  return {
    list: cast(given, arrayOf(element, given.type.containsNull), call) as Typed & { type: ArrayType },
    value: cast(other, element, call),
  };
}

/** Two arrays under one type. */
function twoArrays(call: FunctionCall): [Typed & { type: ArrayType }, Typed & { type: ArrayType }] {
  const [a, b] = [arrayArg(call, 0), arrayArg(call, 1)];
  if (call.args.some(isNullLiteral)) throw unsupported(call, 'a NULL without a type is not supported.');
  const common = exactType(a.type, b.type);
  if (!common)
    throw mismatch(
      'BINARY_ARRAY_DIFF_TYPES',
      `${call.name}: the arrays hold ${typeText(a.type.element)} and ${typeText(b.type.element)}. Cast one of them.`,
    );
  return [cast(a, common, call), cast(b, common, call)] as [Typed & { type: ArrayType }, Typed & { type: ArrayType }];
}

const hasNull = (list: Sql): Sql => sql`(len(list_filter(${list}, lambda __held: __held IS NULL)) > 0)`;
/** Position from 1, also of NULL; NULL where it is missing. */
const positionOf = (list: Sql, value: string): Sql => sql`list_position(${list}, ${value})`;

function array(call: FunctionCall): FunctionResult {
  const { args: elements } = call;
  if (elements.length === 0)
    return { ...derive([], sql`CAST([] AS INTEGER[])`, arrayOf({ kind: 'void' }, false), false), elements };
  const { type: element, values } = unify(call, call.args);
  const text = sql`CAST([${join(
    values.map((value) => value.sql),
    ', ',
  )}] AS ${engineType(element)}[])`;
  const containsNull = values.some((value) => value.nullable);
  return { ...derive(values, text, arrayOf(element, containsNull), false), elements };
}

const adding = (name: string, engine: (list: Sql, value: Sql) => Sql): FunctionRow =>
  row(name, 2, 2, (call) => {
    const { list, value } = withElement(call);
    const text = once([list, value], (x, v) => sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${engine(x, v)} END`);
    return derive([list, value], text, arrayOf(list.type.element, true), list.nullable);
  });

function contains(call: FunctionCall): FunctionResult {
  const { list, value } = withElement(call, commonTypeWithoutText);
  if (isNullLiteral(value)) throw mismatch('NULL_TYPE', 'array_contains does not take a NULL without a type.');
  if (!isOrderable(list.type.element)) throw wrongInput(list, 'an array of a type that can be compared');
  const text = once(
    [list, value],
    (x, v) =>
      sql`CASE WHEN ${x} IS NULL OR ${v} IS NULL THEN NULL WHEN list_contains(${x}, ${v}) THEN TRUE WHEN ${hasNull(x)} THEN NULL ELSE FALSE END`,
  );
  return derive([list, value], text, type.boolean, true);
}

/** First occurrences in order; NULL counts as a value. */
const distinctSql = (x: Sql): Sql =>
  sql`list_filter(${x}, lambda __held, __place: ${positionOf(x, '__held')} = __place)`;

function distinct(call: FunctionCall): FunctionResult {
  const list = arrayArg(call, 0);
  plainElement(call, list.type);
  return derive([list], once([list], distinctSql), list.type);
}

/** union, intersect and except keep the order of first occurrence. */
const setOperation = (name: string, text: (a: Sql, b: Sql) => Sql): FunctionRow =>
  row(name, 2, 2, (call) => {
    const [a, b] = twoArrays(call);
    plainElement(call, a.type);
    const result = arrayOf(a.type.element, a.type.containsNull || b.type.containsNull);
    return derive(
      [a, b],
      once([a, b], (x, y) => sql`CASE WHEN ${x} IS NULL OR ${y} IS NULL THEN NULL ELSE ${text(x, y)} END`),
      result,
    );
  });

const unionSql = (x: Sql, y: Sql): Sql => {
  const all = sql`list_concat(${x}, ${y})`;
  return sql`list_transform([${all}], lambda __all: list_filter(__all, lambda __held, __place: list_position(__all, __held) = __place))[1]`;
};

function overlap(call: FunctionCall): FunctionResult {
  const [a, b] = twoArrays(call);
  if (!isOrderable(a.type.element)) throw wrongInput(a, 'an array of a type that can be compared');
  plainElement(call, a.type);
  const text = once(
    [a, b],
    (x, y) =>
      sql`CASE WHEN ${x} IS NULL OR ${y} IS NULL THEN NULL WHEN list_has_any(${x}, ${y}) THEN TRUE WHEN len(${x}) > 0 AND len(${y}) > 0 AND (${hasNull(x)} OR ${hasNull(y)}) THEN NULL ELSE FALSE END`,
  );
  return derive([a, b], text, type.boolean, true);
}

function joinText(call: FunctionCall): FunctionResult {
  const list = arrayArg(call, 0);
  const texts = implicit(list, arrayOf(type.string, list.type.containsNull), call);
  const by = arg(call, 1, type.string);
  const filler = call.args[2] ? arg(call, 2, type.string) : undefined;
  const all = filler ? [texts, by, filler] : [texts, by];
  const body = once(all, (x, separator, fill) => {
    const items = fill ? sql`list_transform(${x}, lambda __held: coalesce(__held, ${fill}))` : x;
    const missing = join(
      [x, separator, ...(fill ? [fill] : [])].map((part) => sql`${part} IS NULL`),
      ' OR ',
    );
    return sql`CASE WHEN ${missing} THEN NULL ELSE coalesce(array_to_string(${items}, ${separator}), '') END`;
  });
  return derive(all, body, type.string, true);
}

function position(call: FunctionCall): FunctionResult {
  const { list, value } = withElement(call);
  const text = once(
    [list, value],
    (x, v) =>
      sql`CASE WHEN ${x} IS NULL OR ${v} IS NULL THEN NULL ELSE coalesce(CAST(list_position(${x}, ${v}) AS BIGINT), 0) END`,
  );
  return derive([list, value], text, type.bigint, true);
}

function remove(call: FunctionCall): FunctionResult {
  const { list, value } = withElement(call);
  const text = once(
    [list, value],
    (x, v) =>
      sql`CASE WHEN ${v} IS NULL THEN NULL ELSE list_filter(${x}, lambda __held: __held IS DISTINCT FROM ${v}) END`,
  );
  return derive([list, value], text, list.type, true);
}

/** A position or count: an int or narrower, or NULL. */
function indexArg(call: FunctionCall, at: number, withNull = true): Typed {
  const value = call.args[at]!;
  if (!(withNull && value.type.kind === 'void') && (!isIntegral(value.type) || value.type.kind === 'bigint'))
    throw wrongInput(value, 'an int');
  return arg(call, at, type.int);
}

function repeat(call: FunctionCall): FunctionResult {
  const [value, times] = [call.args[0]!, indexArg(call, 1)];
  const text = once(
    [value, times],
    (x, n) =>
      sql`CASE WHEN ${n} IS NULL THEN NULL ELSE list_transform(range(CASE WHEN ${n} < 0 THEN 0 ELSE ${n} END), lambda __place: ${x}) END`,
  );
  return derive(
    [value, times],
    sql`CAST(${text} AS ${engineType(value.type)}[])`,
    arrayOf(value.type, value.nullable),
    times.nullable,
  );
}

function size(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (value.type.kind === 'map') return derive([value], sql`CAST(cardinality(${value.sql}) AS INTEGER)`, type.int);
  const list = arrayArg(call, 0);
  return derive([list], sql`CAST(len(${list.sql}) AS INTEGER)`, type.int);
}

const zero = raise(
  'INVALID_INDEX_OF_ZERO',
  'The index 0 is not valid: element_at counts from 1, or from -1 at the end.',
);
const outside = raise(
  'INVALID_ARRAY_INDEX_IN_ELEMENT_AT',
  'The index is outside of the array. Use try_element_at to get NULL instead.',
);

/** element_at counts from 1, or from the end where negative; a missing key of a map is NULL. */
const element = (name: string, tried: boolean): FunctionRow =>
  row(name, 2, 2, (call) => {
    const [base, key] = call.args as [Typed, Typed];
    if (base.type.kind === 'map') return lookup(call, base, key);
    if (base.type.kind === 'void') throw wrongInput(base, 'an array or a map');
    const list = arrayArg(call, 0);
    const index = indexArg(call, 1, false);
    const text = once(
      [list, index],
      (x, at) =>
        sql`CASE WHEN ${x} IS NULL OR ${at} IS NULL THEN NULL WHEN ${at} = 0 THEN ${zero} WHEN abs(${at}) > len(${x}) THEN ${tried ? 'NULL' : outside} ELSE list_extract(${x}, ${at}) END`,
    );
    return derive([list, index], text, list.type.element, true);
  });

function get(call: FunctionCall): FunctionResult {
  if (call.args[0]!.type.kind === 'void') throw wrongInput(call.args[0]!, 'an array');
  const list = arrayArg(call, 0);
  const index = arg(call, 1, type.int);
  return derive(
    [list, index],
    once([list, index], (x, at) => elementAt(x, at, 'NULL')),
    list.type.element,
    true,
  );
}

function flatten(call: FunctionCall): FunctionResult {
  const list = arrayArg(call, 0);
  const inner = list.type.element;
  if (inner.kind !== 'array') throw wrongInput(list, 'an array of arrays');
  return derive(
    [list],
    once([list], (x) => sql`CASE WHEN ${hasNull(x)} THEN NULL ELSE flatten(${x}) END`),
    inner,
    true,
  );
}

function slice(call: FunctionCall): FunctionResult {
  const list = arrayArg(call, 0);
  const [start, count] = [arg(call, 1, type.int), arg(call, 2, type.int)];
  const badStart = raise(
    'INVALID_PARAMETER_VALUE.START',
    'slice counts from 1, or from -1 at the end; 0 is not a start.',
  );
  const badLength = raise('INVALID_PARAMETER_VALUE.LENGTH', 'The length of slice must not be negative.');
  const empty = sql`CAST([] AS ${engineType(list.type)})`;
  const text = once([list, start, count], (x, s, n) => {
    const from = sql`CASE WHEN ${s} < 0 THEN len(${x}) + ${s} + 1 ELSE ${s} END`;
    return sql`CASE WHEN ${x} IS NULL OR ${s} IS NULL OR ${n} IS NULL THEN NULL WHEN ${s} = 0 THEN ${badStart} WHEN ${n} < 0 THEN ${badLength} WHEN ${n} = 0 OR (${from}) < 1 THEN ${empty} ELSE list_slice(${x}, ${from}, (${from}) + ${n} - 1) END`;
  });
  return derive([list, start, count], text, list.type, true);
}

export const arrayFunctions: FunctionRow[] = [
  row('array', 0, Number.POSITIVE_INFINITY, array),
  adding('array_append', (x, v) => sql`list_append(${x}, ${v})`),
  adding('array_prepend', (x, v) => sql`list_prepend(${v}, ${x})`),
  row('array_compact', 1, 1, (call) => {
    const list = arrayArg(call, 0);
    return derive(
      [list],
      sql`list_filter(${list.sql}, lambda __held: __held IS NOT NULL)`,
      arrayOf(list.type.element, false),
    );
  }),
  row('array_contains', 2, 2, contains),
  row('array_distinct', 1, 1, distinct),
  setOperation('array_union', unionSql),
  setOperation(
    'array_intersect',
    (x, y) =>
      sql`list_filter(${x}, lambda __held, __place: ${positionOf(x, '__held')} = __place AND ${positionOf(y, '__held')} IS NOT NULL)`,
  ),
  setOperation(
    'array_except',
    (x, y) =>
      sql`list_filter(${x}, lambda __held, __place: ${positionOf(x, '__held')} = __place AND ${positionOf(y, '__held')} IS NULL)`,
  ),
  row('arrays_overlap', 2, 2, overlap),
  row('array_join', 2, 3, joinText),
  row('array_position', 2, 2, position),
  row('array_remove', 2, 2, remove),
  row('array_repeat', 2, 2, repeat),
  row('size', 1, 1, size),
  row('cardinality', 1, 1, size),
  row('array_size', 1, 1, (call) => {
    if (call.args[0]!.type.kind === 'map') throw wrongInput(call.args[0]!, 'an array');
    return size(call);
  }),
  element('element_at', false),
  element('try_element_at', true),
  row('get', 2, 2, get),
  row('flatten', 1, 1, flatten),
  row('slice', 3, 3, slice),
  row('sequence', 2, 3, sequence),
];
