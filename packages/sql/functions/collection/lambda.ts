import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, commonTypeWithoutText, derive, engineType, mismatch, retyped } from '../../types/index.ts';
import { arrayOf, row, type, unsupported } from '../define.ts';
import { once } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { arrayArg } from './array.ts';
import { mapArg } from './map.ts';

interface Bound {
  names: string[];
  body: Typed;
}

export const wrongLambda = (name: string, parameters: number): Error =>
  userError('INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH', `${name} takes a lambda of ${parameters} parameters.`, {
    sqlState: '42K0D',
  });

/** The lambda at an argument's place, with its parameters typed. Fewer parameters than types may be written. */
function lambda(
  call: FunctionCall,
  at: number,
  params: { type: DataType; nullable: boolean }[],
  fewest = params.length,
): Bound {
  const found = call.lambdas.get(at);
  if (!found) throw wrongInput(call.args[at]!, 'a lambda such as x -> x + 1');
  if (found.arity > params.length || found.arity < fewest) {
    throw wrongLambda(call.name, params.length);
  }
  return found.bind(params.slice(0, found.arity));
}

/** Gives a lambda parameter a value: the body sees it under its name. */
const given = (name: string, value: Sql, body: Sql): Sql => sql`list_transform([${value}], lambda ${name}: ${body})[1]`;

const printed = (call: FunctionCall, ...parts: string[]): string => `${call.name}(${parts.join(', ')})`;

const intOf = { type: type.int as DataType, nullable: false };

/** list_transform or list_filter; the place counts from 0 in Spark and from 1 in the engine. */
function over(engine: 'list_transform' | 'list_filter', list: Typed, bound: Bound): Sql {
  const [item, place] = bound.names as [string, string | undefined];
  if (place === undefined) return sql`${engine}(${list.sql}, lambda ${item}: ${bound.body.sql})`;
  const counted = `${place}_1`;
  return sql`${engine}(${list.sql}, lambda ${item}, ${counted}: ${given(place, sql`CAST(${counted} - 1 AS INTEGER)`, bound.body.sql)})`;
}

/** Lambdas are not taken over an untyped NULL. */
function listArg(call: FunctionCall, at: number): ReturnType<typeof arrayArg> {
  if (call.args[at]!.type.kind === 'void') throw wrongInput(call.args[at]!, 'an array');
  return arrayArg(call, at);
}

const elementOf = (list: ReturnType<typeof arrayArg>) => ({
  type: list.type.element,
  nullable: list.type.containsNull,
});

function transform(call: FunctionCall): FunctionResult {
  const list = listArg(call, 0);
  const bound = lambda(call, 1, [elementOf(list), intOf], 1);
  const text = sql`CAST(${over('list_transform', list, bound)} AS ${engineType(bound.body.type)}[])`;
  return {
    ...derive([list], text, arrayOf(bound.body.type, bound.body.nullable)),
    name: printed(call, list.name, bound.body.name),
  };
}

function condition(call: FunctionCall, bound: Bound): void {
  if (bound.body.type.kind !== 'boolean')
    throw mismatch(
      'UNEXPECTED_INPUT_TYPE',
      `The lambda of ${call.name} must give a boolean, not ${typeText(bound.body.type)}.`,
    );
}

function filter(call: FunctionCall): FunctionResult {
  const list = listArg(call, 0);
  const bound = lambda(call, 1, [elementOf(list), intOf], 1);
  condition(call, bound);
  return {
    ...derive([list], over('list_filter', list, bound), list.type),
    name: printed(call, list.name, bound.body.name),
  };
}

/** exists and forall are three-valued: NULL where a NULL could have decided. */
function quantified(call: FunctionCall, decides: 'TRUE' | 'FALSE'): FunctionResult {
  const list = listArg(call, 0);
  const bound = lambda(call, 1, [elementOf(list)]);
  if (bound.body.type.kind !== 'boolean' && bound.body.type.kind !== 'void') condition(call, bound);
  const answers = sql`CAST(${over('list_transform', list, bound)} AS BOOLEAN[])`;
  const other = decides === 'TRUE' ? 'FALSE' : 'TRUE';
  const text = given(
    '__told',
    answers,
    sql`CASE WHEN __told IS NULL THEN NULL WHEN list_contains(__told, ${decides}) THEN ${decides} WHEN len(list_filter(__told, lambda __held: __held IS NULL)) > 0 THEN NULL ELSE ${other} END`,
  );
  return { ...derive([list], text, type.boolean, true), name: printed(call, list.name, bound.body.name) };
}

function zipWith(call: FunctionCall): FunctionResult {
  const [a, b] = [listArg(call, 0), listArg(call, 1)];
  const bound = lambda(call, 2, [
    { type: a.type.element, nullable: true },
    { type: b.type.element, nullable: true },
  ]);
  const text = once([a, b], (x, y) => {
    const pair = given(
      bound.names[0]!,
      sql`list_extract(${x}, __zipped)`,
      given(bound.names[1]!, sql`list_extract(${y}, __zipped)`, bound.body.sql),
    );
    return sql`CASE WHEN ${x} IS NULL OR ${y} IS NULL THEN NULL ELSE list_transform(range(1, greatest(len(${x}), len(${y})) + 1), lambda __zipped: ${pair}) END`;
  });
  return {
    ...derive(
      [a, b],
      sql`CAST(${text} AS ${engineType(bound.body.type)}[])`,
      arrayOf(bound.body.type, bound.body.nullable),
    ),
    name: printed(call, a.name, b.name, bound.body.name),
  };
}

/** A lambda over the entries of a map. */
function onEntries(call: FunctionCall): { map: ReturnType<typeof mapArg>; bound: Bound; body: Sql } {
  const map = mapArg(call, 0);
  const bound = lambda(call, 1, [
    { type: map.type.key, nullable: false },
    { type: map.type.value, nullable: map.type.valueContainsNull },
  ]);
  return {
    map,
    bound,
    body: given(bound.names[0]!, ['__entry.key'], given(bound.names[1]!, ['__entry.value'], bound.body.sql)),
  };
}

function mapFilter(call: FunctionCall): FunctionResult {
  const { map, bound, body } = onEntries(call);
  if (bound.body.type.kind !== 'boolean' && bound.body.type.kind !== 'void') condition(call, bound);
  const text = sql`map_from_entries(list_filter(map_entries(${map.sql}), lambda __entry: CAST(${body} AS BOOLEAN)))`;
  return { ...derive([map], text, map.type), name: printed(call, map.name, bound.body.name) };
}

function transformEntries(call: FunctionCall, part: 'key' | 'value'): FunctionResult {
  const { map, bound, body } = onEntries(call);
  if (part === 'key' && ['float', 'double', 'map'].includes(bound.body.type.kind))
    throw unsupported(call, `keys of the type ${typeText(bound.body.type)} are not supported.`);
  const changed = sql`CAST(${body} AS ${engineType(bound.body.type)})`;
  const [key, value] = part === 'key' ? [changed, '__entry.value'] : ['__entry.key', changed];
  const result: DataType =
    part === 'key'
      ? { ...map.type, key: bound.body.type }
      : { ...map.type, value: bound.body.type, valueContainsNull: bound.body.nullable };
  const text = sql`map_from_entries(list_transform(map_entries(${map.sql}), lambda __entry: struct_pack(k := ${key}, v := ${value})))`;
  return { ...derive([map], text, result), name: printed(call, map.name, bound.body.name) };
}

/** map_zip_with(a, b, (k, x, y) -> …): the keys of both, those of the first in front. */
function mapZipWith(call: FunctionCall): FunctionResult {
  const [a, b] = [mapArg(call, 0), mapArg(call, 1)];
  const key = commonTypeWithoutText(a.type.key, b.type.key);
  if (!key)
    throw mismatch(
      'MAP_ZIP_WITH_DIFF_TYPES',
      `map_zip_with: the keys are ${typeText(a.type.key)} and ${typeText(b.type.key)}. Cast one of the maps.`,
    );
  if (['array', 'struct', 'float', 'double'].includes(key.kind))
    throw unsupported(call, 'maps with nested or floating keys are not supported.');
  const bound = lambda(call, 2, [
    { type: key, nullable: false },
    { type: a.type.value, nullable: true },
    { type: b.type.value, nullable: true },
  ]);
  const [k, x, y] = bound.names as [string, string, string];
  const keysOf = (map: typeof a, text: Sql): Sql =>
    cast(retyped(map, sql`map_keys(${text})`, arrayOf(map.type.key, false)), arrayOf(key, false), call).sql;
  const text = once([a, b], (left, right) => {
    const [ours, theirs] = [keysOf(a, left!), keysOf(b, right!)];
    const keys = sql`list_concat(${ours}, list_filter(${theirs}, lambda __key: NOT list_contains(${ours}, __key)))`;
    const valueAt = (map: Sql, held: Sql) => sql`list_extract(map_values(${map}), list_position(${held}, __key))`;
    const value = given(
      k,
      ['__key'],
      given(x, valueAt(left!, ours), given(y, valueAt(right!, theirs), bound.body.sql)),
    );
    return sql`CASE WHEN ${left!} IS NULL OR ${right!} IS NULL THEN NULL ELSE map_from_entries(list_transform(${keys}, lambda __key: struct_pack(k := __key, v := ${value}))) END`;
  });
  const result: DataType = { kind: 'map', key, value: bound.body.type, valueContainsNull: bound.body.nullable };
  return {
    ...derive([a, b], sql`CAST(${text} AS ${engineType(result)})`, result),
    name: printed(call, a.name, b.name, bound.body.name),
  };
}

/** aggregate(array, start, (sum, x) -> …[, finish]): the sum keeps the type of the start. */
function reduce(call: FunctionCall): FunctionResult {
  const list = listArg(call, 0);
  const start = call.args[1]!;
  const bound = lambda(call, 2, [{ type: start.type, nullable: true }, elementOf(list)]);
  if (typeText(bound.body.type) !== typeText(start.type))
    throw unsupported(
      call,
      `the lambda gives ${typeText(bound.body.type)} and the start is ${typeText(start.type)}. Cast one of them.`,
    );
  const [sum, item] = bound.names as [string, string];
  const held = engineType({
    kind: 'struct',
    fields: [
      { name: 's', type: start.type, nullable: true },
      { name: 'e', type: list.type.element, nullable: true },
    ],
  });
  // The engine folds a list of one type: pairs of a sum and an element.
  const step = given(sum, ['__sum.s'], given(item, ['__next.e'], bound.body.sql));
  const pairs = sql`list_transform(${list.sql}, lambda __held: CAST(struct_pack(s := NULL, e := __held) AS ${held}))`;
  const first = sql`CAST(struct_pack(s := ${start.sql}, e := NULL) AS ${held})`;
  const folded = sql`list_reduce(list_prepend(${first}, ${pairs}), lambda __sum, __next: CAST(struct_pack(s := ${step}, e := NULL) AS ${held})).s`;
  const total = once([list], (x) => sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${folded} END`);
  if (!call.args[3]) {
    const identity = 'lambdafunction(namedlambdavariable(), namedlambdavariable())';
    return {
      ...derive([list, start], total, start.type, true),
      name: printed(call, list.name, start.name, bound.body.name, identity),
    };
  }
  const finish = lambda(call, 3, [{ type: start.type, nullable: true }]);
  const finished = once(
    [list],
    (x) => sql`CASE WHEN ${x} IS NULL THEN NULL ELSE ${given(finish.names[0]!, folded, finish.body.sql)} END`,
  );
  return {
    ...derive([list, start], finished, finish.body.type, true),
    name: printed(call, list.name, start.name, bound.body.name, finish.body.name),
  };
}

const lambdaRow = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow =>
  row(name, minArgs, maxArgs, build, { lambdas: true });

export const lambdaFunctions: FunctionRow[] = [
  lambdaRow('transform', 2, 2, transform),
  lambdaRow('filter', 2, 2, filter),
  lambdaRow('exists', 2, 2, (call) => quantified(call, 'TRUE')),
  lambdaRow('forall', 2, 2, (call) => quantified(call, 'FALSE')),
  lambdaRow('zip_with', 3, 3, zipWith),
  lambdaRow('map_filter', 2, 2, mapFilter),
  lambdaRow('map_zip_with', 3, 3, mapZipWith),
  lambdaRow('transform_keys', 2, 2, (call) => transformEntries(call, 'key')),
  lambdaRow('transform_values', 2, 2, (call) => transformEntries(call, 'value')),
  lambdaRow('aggregate', 3, 4, reduce),
  lambdaRow('reduce', 3, 4, reduce),
];
