import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { derive, engineType, isNullLiteral, mismatch, needsOrderKey, orderKey } from '../../types/index.ts';
import { row, unsupported } from '../define.ts';
import { once, raise } from '../let.ts';
import { isOrderable } from '../operators/compare.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { type ArrayType, arrayArg } from './array.ts';
import { wrongLambda } from './lambda.ts';

type List = Typed & { type: ArrayType };

function orderable(call: FunctionCall): List {
  const list = arrayArg(call, 0);
  if (!isOrderable(list.type.element)) throw wrongInput(list, 'an array of a type that can be ordered');
  return list;
}

/** The list in the engine's order; nested elements are sorted by a key, because the engine puts their NULLs last. */
function sortedSql(list: List, order: string): Sql {
  const { element } = list.type;
  if (!needsOrderKey(element)) return sql`list_sort(${list.sql}, ${order})`;
  const keyed = sql`list_transform(${list.sql}, lambda __one: CASE WHEN __one IS NULL THEN NULL ELSE struct_pack(k := ${orderKey(['__one'], element, 5)}, v := __one) END)`;
  return sql`CAST(list_transform(list_sort(${keyed}, ${order}), lambda __one: __one.v) AS ${engineType(list.type)})`;
}

function sortArray(call: FunctionCall): FunctionResult {
  const list = orderable(call);
  const given = call.args[1];
  const order = given?.constant?.value ?? true;
  if (given && !isNullLiteral(given) && typeof given.constant?.value !== 'boolean') {
    if (given.type.kind !== 'boolean') throw wrongInput(given, 'a boolean');
    throw unsupported(call, 'the order must be true or false.');
  }
  const name = `sort_array(${call.args[0]!.name}, ${given?.name ?? 'true'})`;
  if (given && isNullLiteral(given))
    return { ...derive([list], sql`CAST(NULL AS ${engineType(list.type)})`, list.type, true), name };
  const text = sortedSql(list, order ? "'ASC', 'NULLS FIRST'" : "'DESC', 'NULLS LAST'");
  return { ...derive([list], text, list.type), name };
}

const nullComparison = raise(
  'COMPARATOR_RETURNS_NULL',
  'The comparison of array_sort gave NULL. It must give a number for every pair of elements.',
);
const noOrder = raise(
  'UNSUPPORTED_FUNCTION',
  'array_sort: the comparison does not order these elements one way: it contradicts itself.',
);

/**
 * Elements by a comparison. Each later element is compared with each earlier one, as Java's sort of short lists does; where
 * that gives one order of all, every sort finds it. In long lists Java compares both ways round, so both must agree.
 */
function comparedSql(list: List, first: string, second: string, body: Typed): Sql {
  const compared = (a: string, b: string) =>
    sql`list_transform([list_extract(__all, ${a})], lambda ${first}: list_transform([list_extract(__all, ${b})], lambda ${second}: coalesce(${body.sql}, CAST(${nullComparison} AS INTEGER)))[1])[1]`;
  const goesBefore = sql`CASE WHEN __j = __i THEN FALSE WHEN __j < __i THEN ${compared('__i', '__j')} >= 0 ELSE ${compared('__j', '__i')} < 0 END`;
  const places = sql`list_transform(range(1, len(__all) + 1), lambda __i: len(list_filter(range(1, len(__all) + 1), lambda __j: ${goesBefore})))`;
  const agrees = sql`len(list_filter(range(1, len(__all) + 1), lambda __i: len(list_filter(range(1, __i), lambda __j: (${compared('__i', '__j')} < 0) <> (${compared('__j', '__i')} > 0))) > 0)) = 0`;
  const ordered = sql`list_transform([${places}], lambda __places: CASE WHEN len(list_distinct(__places)) = len(__all) AND (len(__all) < 32 OR ${agrees}) THEN list_transform(range(len(__all)), lambda __at: list_extract(__all, list_position(__places, __at))) ELSE ${noOrder} END)[1]`;
  const text = sql`list_transform([${list.sql}], lambda __all: CASE WHEN __all IS NULL THEN NULL ELSE ${ordered} END)[1]`;
  return sql`CAST(${text} AS ${engineType(list.type)})`;
}

function arraySort(call: FunctionCall): FunctionResult {
  if (call.args.length > 1) {
    const list = arrayArg(call, 0);
    const lambda = call.lambdas.get(1);
    if (!lambda) throw wrongInput(call.args[1]!, 'a lambda such as (a, b) -> a - b');
    if (lambda.arity !== 2) throw wrongLambda('array_sort', 2);
    const { element, containsNull } = list.type;
    const { names, body } = lambda.bind([
      { type: element, nullable: containsNull },
      { type: element, nullable: containsNull },
    ]);
    if (body.type.kind !== 'int')
      throw mismatch('UNEXPECTED_RETURN_TYPE', 'The comparison of array_sort must give an int.');
    return {
      ...derive([list], comparedSql(list, names[0]!, names[1]!, body), list.type),
      name: `array_sort(${list.name}, ${body.name})`,
    };
  }
  const list = orderable(call);
  const item = 'namedlambdavariable()';
  const comparison = `(IF(((${item} IS NULL) AND (${item} IS NULL)), 0, (IF((${item} IS NULL), 1, (IF((${item} IS NULL), -1, (IF((${item} < ${item}), -1, (IF((${item} > ${item}), 1, 0))))))))))`;
  return {
    ...derive([list], sortedSql(list, "'ASC', 'NULLS LAST'"), list.type),
    name: `array_sort(${list.name}, lambdafunction(${comparison}, ${item}, ${item}))`,
  };
}

/** The largest or smallest element that is not NULL. */
const extreme = (name: 'array_max' | 'array_min', engine: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const list = orderable(call);
    const { element } = list.type;
    if (!needsOrderKey(element)) return derive([list], sql`${engine}(${list.sql})`, element, true);
    const held = { ...list, sql: sql`list_filter(${list.sql}, lambda __one: __one IS NOT NULL)` };
    const order = name === 'array_max' ? "'DESC', 'NULLS LAST'" : "'ASC', 'NULLS LAST'";
    return derive([list], sql`list_extract(${sortedSql(held, order)}, 1)`, element, true);
  });

/** A permutation by chance: another one with each call. */
function shuffle(call: FunctionCall): FunctionResult {
  if (call.args.length > 1) throw unsupported(call, 'a seed is not supported.');
  const list = arrayArg(call, 0);
  const text = once(
    [list],
    (x) =>
      sql`list_transform(spark_permutation(CAST(len(${x}) AS INTEGER), random()), lambda __at: list_extract(${x}, CAST(__at AS BIGINT)))`,
  );
  return {
    ...derive([list], sql`CAST(${text} AS ${engineType(list.type)})`, list.type),
    foldable: false,
    volatile: true,
  };
}

export const sortFunctions: FunctionRow[] = [
  row('sort_array', 1, 2, sortArray),
  row('array_sort', 1, 2, arraySort, { lambdas: true }),
  extreme('array_max', 'list_max'),
  extreme('array_min', 'list_min'),
  row('shuffle', 1, 2, shuffle),
];
