import type { DataType, StructField } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { ident, join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, commonTypeWithoutText, derive, engineType, mismatch, retyped } from '../../types/index.ts';
import { arrayOf, row, type, unsupported } from '../define.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { arrayArg } from './array.ts';

export type MapType = Extract<DataType, { kind: 'map' }>;

const nothing: DataType = { kind: 'void' };
const emptyMap: DataType = { kind: 'map', key: nothing, value: nothing, valueContainsNull: true };

/** The argument as a map; an untyped NULL is a map of void where the function takes one. */
export function mapArg(call: FunctionCall, index: number, untyped = false): Typed & { type: MapType } {
  const value = call.args[index]!;
  if (value.type.kind === 'void' && untyped) return cast(value, emptyMap, call) as Typed & { type: MapType };
  if (value.type.kind !== 'map')
    throw call.name === 'map_concat'
      ? mismatch('MAP_CONCAT_DIFF_TYPES', `map_concat takes maps, not ${typeText(value.type)}.`)
      : wrongInput(value, 'a map');
  return value as Typed & { type: MapType };
}

/** Maps joined; a key in two of them is an error. */
function concat(call: FunctionCall): FunctionResult {
  if (call.args.some((value) => value.type.kind === 'void'))
    throw mismatch('MAP_CONCAT_DIFF_TYPES', 'map_concat takes maps of one type, and no NULL without a type.');
  const maps = call.args.map((_, index) => mapArg(call, index));
  const common = maps
    .map((map): DataType => map.type)
    .reduce<DataType | undefined>((sum, next) => sum && commonTypeWithoutText(sum, next), { kind: 'void' });
  if (common?.kind !== 'map')
    throw mismatch(
      'MAP_CONCAT_DIFF_TYPES',
      `map_concat takes maps of one type, not ${maps.map((map) => typeText(map.type)).join(', ')}.`,
    );
  const values = maps.map((map) => cast(map, common, call));
  if (values.length === 1) return derive(values, values[0]!.sql, common);
  const text = once(values, (...parts) => {
    const missing = join(
      parts.map((part) => sql`${part} IS NULL`),
      ' OR ',
    );
    return sql`CASE WHEN ${missing} THEN NULL ELSE map_from_entries(list_concat(${join(
      parts.map((part) => sql`map_entries(${part})`),
      ', ',
    )})) END`;
  });
  return derive(values, text, common);
}

function containsKey(call: FunctionCall): FunctionResult {
  const [given, key] = call.args as [Typed, Typed];
  const common = given.type.kind === 'map' ? commonTypeWithoutText(given.type.key, key.type) : undefined;
  if (given.type.kind === 'map' && key.type.kind === 'void')
    throw mismatch('NULL_TYPE', 'map_contains_key does not take a NULL without a type.');
  if (!common || given.type.kind !== 'map')
    throw mismatch(
      'MAP_FUNCTION_DIFF_TYPES',
      `map_contains_key: the map is ${typeText(given.type)} and the value is ${typeText(key.type)}.`,
    );
  const keys = retyped(given, sql`map_keys(${given.sql})`, arrayOf(given.type.key, false));
  const wanted = cast(key, common, call);
  const held = cast(keys, arrayOf(common, false), call);
  return derive([given, wanted], sql`list_contains(${held.sql}, ${wanted.sql})`, type.boolean);
}

function fromArrays(call: FunctionCall): FunctionResult {
  const [keys, values] = [arrayArg(call, 0), arrayArg(call, 1)];
  if (keys.type.element.kind === 'float' || keys.type.element.kind === 'double')
    throw unsupported(call, 'keys of floating point are not supported.');
  const result: DataType = {
    kind: 'map',
    key: keys.type.element,
    value: values.type.element,
    valueContainsNull: values.type.containsNull,
  };
  return derive(
    [keys, values],
    once([keys, values], (k, v) => sql`CASE WHEN ${k} IS NULL OR ${v} IS NULL THEN NULL ELSE MAP(${k}, ${v}) END`),
    result,
  );
}

const duplicated = raise('DUPLICATED_MAP_KEY', 'A key is there twice. Keys of a map must differ.');
const nullKey = raise('NULL_MAP_KEY', 'A key of a map must not be NULL.');

/** map_from_entries(array of structs of a key and a value); a NULL element gives NULL. */
function fromEntries(call: FunctionCall): FunctionResult {
  const list = arrayArg(call, 0);
  const { element } = list.type;
  if (element.kind !== 'struct' || element.fields.length !== 2)
    throw wrongInput(list, 'an array of structs of two fields');
  const [key, value] = element.fields as [StructField, StructField];
  if (['float', 'double', 'map', 'variant'].includes(key.type.kind))
    throw unsupported(call, `keys of the type ${typeText(key.type)} are not supported.`);
  const result: DataType = { kind: 'map', key: key.type, value: value.type, valueContainsNull: value.nullable };
  const entry = sql`struct_pack(k := __entry.${ident(key.name)}, v := __entry.${ident(value.name)})`;
  const text = once(
    [list],
    (x) =>
      sql`CASE WHEN ${x} IS NULL OR len(list_filter(${x}, lambda __entry: __entry IS NULL)) > 0 THEN NULL WHEN len(list_filter(${x}, lambda __entry: __entry.${ident(key.name)} IS NULL)) > 0 THEN CAST(${nullKey} AS ${engineType(result)}) WHEN len(list_distinct(list_transform(${x}, lambda __entry: __entry.${ident(key.name)}))) < len(${x}) THEN CAST(${duplicated} AS ${engineType(result)}) ELSE map_from_entries(list_transform(${x}, lambda __entry: ${entry})) END`,
  );
  return derive([list], text, result, list.nullable || list.type.containsNull);
}

export const mapFunctions: FunctionRow[] = [
  row('map_from_entries', 1, 1, fromEntries),
  row('map_keys', 1, 1, (call) => {
    const map = mapArg(call, 0, true);
    return derive([map], sql`map_keys(${map.sql})`, arrayOf(map.type.key, false));
  }),
  row('map_values', 1, 1, (call) => {
    const map = mapArg(call, 0, true);
    return derive([map], sql`map_values(${map.sql})`, arrayOf(map.type.value, map.type.valueContainsNull));
  }),
  row('map_entries', 1, 1, (call) => {
    const map = mapArg(call, 0, true);
    const fields = [
      { name: 'key', type: map.type.key, nullable: false },
      { name: 'value', type: map.type.value, nullable: map.type.valueContainsNull },
    ];
    return derive([map], sql`map_entries(${map.sql})`, arrayOf({ kind: 'struct', fields }, false));
  }),
  row('map_concat', 1, Number.POSITIVE_INFINITY, concat),
  row('map_contains_key', 2, 2, containsKey),
  row('map_from_arrays', 2, 2, fromArrays),
];
