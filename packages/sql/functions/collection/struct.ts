import type { StructField } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { ident, join, literal, sql } from '../../emit/text.ts';
import { constantText, derive, engineType, mismatch } from '../../types/index.ts';
import { row, type, unify, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

function pack(call: FunctionCall, names: string[], values: Typed[]): FunctionResult {
  const fields: StructField[] = values.map((value, index) => ({
    name: names[index]!,
    type: value.type,
    nullable: value.nullable,
  }));
  const result = { kind: 'struct', fields } as const;
  if (names.some((name) => name === '')) throw unsupported(call, 'a field without a name is not supported.');
  // The type text refuses structs that the engine cannot hold.
  const text = sql`CAST(struct_pack(${join(
    values.map((value, index) => sql`${ident(names[index]!)} := ${value.sql}`),
    ', ',
  )}) AS ${engineType(result)})`;
  return derive(values, text, result, false);
}

/** struct(a, b + 1): columns keep their names, other fields are col1, col2 … by place. */
function struct(call: FunctionCall): FunctionResult {
  const names = call.args.map((value, index) => (value.named ? (value.outputName ?? value.name) : `col${index + 1}`));
  return pack(call, names, call.args);
}

function namedStruct(call: FunctionCall): FunctionResult {
  if (call.args.length % 2 !== 0) throw mismatch('WRONG_NUM_ARGS', 'named_struct takes pairs of a name and a value.');
  const names: string[] = [];
  const values: Typed[] = [];
  for (let at = 0; at < call.args.length; at += 2) {
    const name = constantText(call.args[at]!);
    if (name === undefined)
      throw mismatch(
        'CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING',
        'The names of named_struct must be string literals.',
      );
    names.push(name);
    values.push(call.args[at + 1]!);
  }
  return pack(call, names, values);
}

/** map(key, value, …): a NULL or repeated key is an error. */
function map(call: FunctionCall): FunctionResult {
  if (call.args.length % 2 !== 0) throw mismatch('WRONG_NUM_ARGS', 'map takes pairs of a key and a value.');
  if (call.args.length === 0) {
    return derive(
      [],
      sql`CAST(MAP([], []) AS MAP(INTEGER, INTEGER))`,
      { kind: 'map', key: { kind: 'void' }, value: { kind: 'void' }, valueContainsNull: false },
      false,
    );
  }
  const keys = unify(
    call,
    call.args.filter((_, index) => index % 2 === 0),
  );
  const values = unify(
    call,
    call.args.filter((_, index) => index % 2 === 1),
  );
  if (['map', 'variant', 'float', 'double'].includes(keys.type.kind))
    throw unsupported(call, `keys of the type ${typeText(keys.type)} are not supported.`);
  const result = {
    kind: 'map',
    key: keys.type,
    value: values.type,
    valueContainsNull: values.values.some((value) => value.nullable),
  } as const;
  const list = (items: Typed[]) =>
    join(
      items.map((item) => item.sql),
      ', ',
    );
  const texts = call.args.map((value) => constantText(value));
  const entries = texts.every((text) => text !== undefined)
    ? keys.values.map((_, index) => [texts[2 * index]!, texts[2 * index + 1]!] as const)
    : undefined;
  const made = derive(
    call.args,
    sql`CAST(MAP([${list(keys.values)}], [${list(values.values)}]) AS ${engineType(result)})`,
    result,
    false,
  );
  return entries ? { ...made, entries } : made;
}

export const structFunctions: FunctionRow[] = [
  row('struct', 1, Number.POSITIVE_INFINITY, struct),
  row('named_struct', 2, Number.POSITIVE_INFINITY, namedStruct),
  row('map', 0, Number.POSITIVE_INFINITY, map),
  row('typeof', 1, 1, (call) =>
    derive([], [literal(typeText(call.args[0]!.type).replaceAll('`', ''))], type.string, false),
  ),
];
