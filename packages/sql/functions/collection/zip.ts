import type { StructField } from '@boathouse/contracts';
import { ident, join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { cast, derive, engineType, exactType, mismatch } from '../../types/index.ts';
import { isIntegral } from '../../types/numeric.ts';
import { arg, arrayOf, row, type, unsupported } from '../define.ts';
import { once, raise } from '../let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { arrayArg } from './array.ts';

/** arrays_zip(a, b): structs of the elements by place, as long as the longest; fields take the names of columns. */
function zip(call: FunctionCall): FunctionResult {
  if (call.args.length === 0 || call.args.some((value) => value.type.kind === 'void'))
    throw unsupported(call, 'NULLs without a type and no arrays at all are not supported.');
  const lists = call.args.map((_, index) => arrayArg(call, index));
  const fields = lists.map(
    (list, index): StructField => ({
      name: list.named ? (list.outputName ?? list.name) : String(index),
      type: list.type.element,
      nullable: true,
    }),
  );
  const element = { kind: 'struct', fields } as const;
  const text = once(lists, (...parts) => {
    const packed = join(
      parts.map((part, index) => sql`${ident(fields[index]!.name)} := list_extract(${part}, __zipped)`),
      ', ',
    );
    const missing = join(
      parts.map((part) => sql`${part} IS NULL`),
      ' OR ',
    );
    const longest =
      parts.length === 1
        ? sql`len(${parts[0]!})`
        : sql`greatest(${join(
            parts.map((part) => sql`len(${part})`),
            ', ',
          )})`;
    return sql`CASE WHEN ${missing} THEN NULL ELSE list_transform(range(1, ${longest} + 1), lambda __zipped: struct_pack(${packed})) END`;
  });
  return derive(lists, sql`CAST(${text} AS ${engineType(element)}[])`, arrayOf(element, false));
}

const zero = raise('INVALID_INDEX_OF_ZERO', 'array_insert counts from 1, or from -1 at the end.');

/** array_insert(array, position, value): NULLs fill a gap; -1 appends. */
function insert(call: FunctionCall): FunctionResult {
  const [given, at, value] = [call.args[0]!, call.args[1]!, call.args[2]!];
  if (given.type.kind !== 'array') throw mismatch('ARRAY_FUNCTION_DIFF_TYPES', 'array_insert takes an array first.');
  if (!isIntegral(at.type) || at.type.kind === 'bigint') throw wrongInput(at, 'an int');
  const element = exactType(given.type.element, value.type);
  if (!element)
    throw mismatch('ARRAY_FUNCTION_DIFF_TYPES', 'array_insert: the value has another type than the elements. Cast it.');
  const result = arrayOf(element, true);
  const list = cast(given, result, call);
  const place = arg(call, 1, type.int);
  const item = cast(value, element, call);
  const text = once([list, place, item], (l, p, v) => {
    const nulls = (count: ReturnType<typeof sql>) =>
      sql`list_transform(range(${count}), lambda __filled: CAST(NULL AS ${engineType(element)}))`;
    const into = (position: ReturnType<typeof sql>) =>
      sql`list_concat(list_slice(${l}, 1, (${position}) - 1), [${v}], list_slice(${l}, ${position}, len(${l})))`;
    return sql`CASE WHEN ${l} IS NULL OR ${p} IS NULL THEN NULL WHEN ${p} = 0 THEN ${zero}
 WHEN ${p} = 1 THEN list_concat([${v}], ${l}) WHEN ${p} > len(${l}) THEN list_concat(${l}, ${nulls(sql`${p} - len(${l}) - 1`)}, [${v}])
 WHEN ${p} > 0 THEN ${into(sql`${p}`)} WHEN ${p} = -1 THEN list_concat(${l}, [${v}]) WHEN - ${p} > len(${l}) THEN list_concat([${v}], ${nulls(sql`- ${p} - len(${l}) - 1`)}, ${l})
 ELSE ${into(sql`len(${l}) + ${p} + 2`)} END`;
  });
  return derive([list, place, item], sql`CAST(${text} AS ${engineType(result)})`, result);
}

export const zipFunctions: FunctionRow[] = [
  row('arrays_zip', 0, Number.POSITIVE_INFINITY, zip),
  row('array_insert', 3, 3, insert),
];
