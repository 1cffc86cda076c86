import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, commonTypeWithoutText, derive, mismatch } from '../../types/index.ts';
import { arrayOf, type, unsupported } from '../define.ts';
import { once } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { arrayArg, row } from './array.ts';

export type MapType = Extract<DataType, { kind: 'map' }>;

export function mapArg(call: FunctionCall, index: number): Typed & { type: MapType } {
  const value = call.args[index]!;
  if (value.type.kind === 'void') throw unsupported(call, 'a NULL without a type is not supported.');
  if (value.type.kind !== 'map') throw wrongInput(value, 'a map');
  return value as Typed & { type: MapType };
}

/** Maps joined; a key in two of them is an error. */
function concat(call: FunctionCall): FunctionResult {
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
  const map = mapArg(call, 0);
  const key = call.args[1]!;
  const common = commonTypeWithoutText(map.type.key, key.type);
  if (!common || key.type.kind === 'void')
    throw mismatch(
      'MAP_FUNCTION_DIFF_TYPES',
      `map_contains_key: the keys are ${typeText(map.type.key)} and the value is ${typeText(key.type)}.`,
    );
  if (typeText(common) !== typeText(map.type.key))
    throw unsupported(call, 'a key wider than those of the map is not supported. Cast it.');
  const wanted = cast(key, common, call);
  return derive([map, wanted], sql`list_contains(map_keys(${map.sql}), ${wanted.sql})`, type.boolean);
}

function fromArrays(call: FunctionCall): FunctionResult {
  const [keys, values] = [arrayArg(call, 0), arrayArg(call, 1)];
  if (call.args.some((value) => value.type.kind === 'void'))
    throw unsupported(call, 'a NULL without a type is not supported.');
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

export const mapFunctions: FunctionRow[] = [
  row('map_keys', 1, 1, (call) => {
    const map = mapArg(call, 0);
    return derive([map], sql`map_keys(${map.sql})`, arrayOf(map.type.key, false));
  }),
  row('map_values', 1, 1, (call) => {
    const map = mapArg(call, 0);
    return derive([map], sql`map_values(${map.sql})`, arrayOf(map.type.value, map.type.valueContainsNull));
  }),
  row('map_entries', 1, 1, (call) => {
    const map = mapArg(call, 0);
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
