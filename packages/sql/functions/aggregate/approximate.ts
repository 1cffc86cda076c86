import type { DataType } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  constantWhole,
  derive,
  engineType,
  isDatetime,
  isNullLiteral,
  isText,
  mismatch,
} from '../../types/index.ts';
import { isNumeric } from '../../types/numeric.ts';
import { arrayOf, type, unsupported } from '../define.ts';
import { hashText } from '../hash.ts';
import { raise } from '../let.ts';
import { isOrderable } from '../operators/compare.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { aggregate, requireOrder, row } from './basic.ts';
import { itemsOf, setting } from './sketch.ts';

/** HyperLogLog++ over Spark's own hash: registers 2^p, p from the asked relative error. */
function countDistinct(call: FunctionCall): FunctionResult {
  const [value, error] = call.args as [Typed, Typed | undefined];
  if (!isOrderable(value.type)) throw unsupported(call, 'maps are not supported.');
  let size = 0.05;
  if (error) {
    const written = error.constant?.value;
    if ((error.type.kind !== 'decimal' && error.type.kind !== 'double') || written === undefined)
      throw userError('_LEGACY_ERROR_TEMP_1104', 'The relative error must be a double or decimal literal.');
    size = Number(written);
    if (size > 0.39)
      throw userError('FAILED_FUNCTION_CALL', 'The relative error must not be above 0.39.', { sqlState: '38000' });
    if (!(size > 0.0045)) throw unsupported(call, 'a relative error below 0.005 is not supported.');
  }
  const p = String(Math.ceil((2 * Math.log(1.106 / size)) / Math.LN2));
  const cell = sql`CASE WHEN ${value.sql} IS NOT NULL THEN spark_hll_cell(${hashText(call, value)}, ${p}) END`;
  const cells = sql`coalesce(list(DISTINCT ${cell})${call.suffix}, CAST([] AS INTEGER[]))`;
  return {
    ...derive([value], sql`spark_hll_count(${cells}, ${p})`, type.bigint, false),
    name: `${call.name}(${call.distinct ? 'DISTINCT ' : ''}${value.name})`,
  };
}

/** The most frequent items with their counts; where counts are equal Spark's order follows its hash table. */
function topItems(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  requireOrder(call, value);
  const [count, tracked] = [setting(call, 1, 5n), setting(call, 2, 10000n)];
  if (count < 1n || count > tracked || tracked > 1_000_000n)
    throw unsupported(call, 'k must lie between 1 and the number of tracked items.');
  if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
  const result: DataType = arrayOf(
    {
      kind: 'struct',
      fields: [
        { name: 'item', type: value.type, nullable: true },
        { name: 'count', type: type.bigint, nullable: false },
      ],
    },
    false,
  );
  const known = sql`list_transform(map_entries(coalesce(histogram(${value.sql})${call.suffix}, map())), lambda __e: struct_pack(n := CAST(__e.value AS BIGINT), s := TRUE, i := __e.key))`;
  const missing = sql`CASE WHEN count(*)${call.suffix} > count(${value.sql})${call.suffix} THEN [struct_pack(n := count(*)${call.suffix} - count(${value.sql})${call.suffix}, s := FALSE, i := CAST(NULL AS ${engineType(value.type)}))] ELSE [] END`;
  const sorted = sql`list_reverse_sort(list_transform(list_concat(${known}, ${missing}), lambda __e: struct_pack(n := __e.n, s := __e.s, i := __e.i)))`;
  const tie = raise(
    'UNSUPPORTED_FUNCTION',
    `${call.name} where items of equal count must be ordered is not supported.`,
  );
  const shown = String(count);
  const tied = sql`len(list_distinct(list_transform(__t[1:${shown} + 1], lambda __e: struct_pack(n := __e.n, s := __e.s)))) < len(__t[1:${shown} + 1])`;
  const picked = sql`list_transform(__t[1:${shown}], lambda __e: struct_pack(item := __e.i, count := __e.n))`;
  return {
    ...derive(
      [value],
      sql`list_transform([${sorted}], lambda __t: CASE WHEN ${tied} THEN ${tie} ELSE ${picked} END)[1]`,
      result,
      false,
    ),
    name: `${call.name}(${[call.args[0]!.name, call.args[1]?.name ?? '5', call.args[2]?.name ?? '10000'].join(', ')})`,
  };
}

/** A number that a sketch is built by: a literal within bounds. */
function share(call: FunctionCall, index: number): number {
  const value = call.args[index]!;
  if (!value.foldable) throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: ${value.name} must be a constant.`);
  if (isNullLiteral(value)) throw mismatch('UNEXPECTED_NULL', `${call.name}: the settings must not be NULL.`);
  const given = Number(value.constant?.value ?? Number.NaN);
  if (value.type.kind !== 'double') throw wrongInput(value, 'double');
  if (Number.isNaN(given)) throw unsupported(call, 'its settings must be literals.');
  return given;
}

function countMin(call: FunctionCall): FunctionResult {
  const [value, , , seed] = call.args as [Typed, Typed, Typed, Typed];
  const { kind, text } = itemsOf(value, call);
  const [error, confidence] = [share(call, 1), share(call, 2)];
  if (error <= 0) throw mismatch('VALUE_OUT_OF_RANGE', `${call.name}: the relative error must be above 0.`);
  if (confidence <= 0 || confidence >= 1)
    throw mismatch('VALUE_OUT_OF_RANGE', `${call.name}: the confidence must lie between 0 and 1.`);
  if (!seed.foldable) throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the seed must be a constant.`);
  if (isNullLiteral(seed)) throw mismatch('UNEXPECTED_NULL', `${call.name}: the seed must not be NULL.`);
  const start = constantWhole(seed, seed);
  if (start === undefined) throw unsupported(call, 'the seed must be a literal.');
  const built = sql`spark_count_min_${kind}(${aggregate(call, 'list', text)}, CAST(${error} AS DOUBLE), CAST(${confidence} AS DOUBLE), CAST('${String(start)}' AS BIGINT))`;
  return derive([value], built, type.binary, false);
}

/** Bars of a histogram as array<struct<x, y>>; x has the type of the values. */
function histogram(call: FunctionCall): FunctionResult {
  const [given] = call.args as [Typed];
  const value = isText(given.type) || given.type.kind === 'void' ? cast(given, type.double, call) : given;
  if (!isNumeric(value.type) && !isDatetime(value.type)) {
    if (value.type.kind === 'interval') throw unsupported(call, 'intervals are not supported.');
    throw wrongInput(given, 'a number');
  }
  const bars = setting(call, 1, 2n);
  if (bars < 2n) throw mismatch('VALUE_OUT_OF_RANGE', `${call.name}: the number of bars must be at least 2.`);
  const fields = [
    { name: 'x', type: value.type, nullable: true },
    { name: 'y', type: type.double, nullable: true },
  ];
  const measure =
    value.type.kind === 'date'
      ? sql`CAST((${value.sql} - DATE '1970-01-01') AS DOUBLE)`
      : isDatetime(value.type)
        ? sql`CAST(epoch_us(${value.sql}) AS DOUBLE)`
        : cast(value, type.double, call).sql;
  const at = sql`list_extract(__b, 2 * __i - 1)`;
  const number: Typed = { ...derive([], at, type.double, true), name: '' };
  const back =
    value.type.kind === 'date'
      ? sql`(DATE '1970-01-01' + CAST(trunc(${at}) AS INTEGER))`
      : value.type.kind === 'timestamp'
        ? sql`make_timestamptz(CAST(trunc(${at}) AS BIGINT))`
        : value.type.kind === 'timestamp_ntz'
          ? sql`make_timestamp(CAST(trunc(${at}) AS BIGINT))`
          : cast(number, value.type, call).sql;
  const flat = sql`spark_histogram(${aggregate(call, 'list', measure)}, ${String(bars)})`;
  const each = sql`CASE WHEN __b IS NULL THEN NULL ELSE list_transform(range(1, len(__b) // 2 + 1), lambda __i: struct_pack(x := ${back}, y := list_extract(__b, 2 * __i))) END`;
  const text = sql`list_transform([${flat}], lambda __b: ${each})[1]`;
  return derive([value], text, arrayOf({ kind: 'struct', fields }, true), true);
}

export const approximateRows: FunctionRow[] = [
  row('approx_count_distinct', 1, 2, countDistinct),
  row('approx_top_k', 1, 3, topItems),
  row('count_min_sketch', 4, 4, countMin),
  row('histogram_numeric', 2, 2, histogram),
];
