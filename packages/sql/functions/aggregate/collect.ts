import { userError } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { join, sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  constantWhole,
  derive,
  engineType,
  implicit,
  isNullLiteral,
  mismatch,
  needsOrderKey,
  orderKey,
} from '../../types/index.ts';
import { arrayOf, type, unsupported } from '../define.ts';
import { isOrderable } from '../operators/compare.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { aggregate, requireOrder, requireWholeWindow, row } from './basic.ts';

/** All values but NULL as an array; empty where there are none. */
function collect(call: FunctionCall, distinct: boolean): FunctionResult {
  const [value] = call.args as [Typed];
  const list = distinct ? sql`list(DISTINCT ${value.sql})${call.suffix}` : aggregate(call, 'list', value.sql);
  const result = arrayOf(value.type, false);
  const name = `${distinct ? 'collect_set' : 'collect_list'}(${call.distinct ? 'DISTINCT ' : ''}${value.name})`;
  if (distinct && !isOrderable(value.type)) throw wrongInput(value, 'a type that can be compared');
  const text = sql`coalesce(list_filter(${list}, lambda __kept: __kept IS NOT NULL), CAST([] AS ${engineType(result)}))`;
  return { ...derive([value], text, result, false), name };
}

/** Whether NULLs are skipped: IGNORE NULLS, or the second argument. */
function skips(call: FunctionCall): boolean {
  const flag = call.args[1];
  if (!flag) return call.ignoreNulls;
  if (typeof flag.constant?.value !== 'boolean') throw unsupported(call, 'the second argument must be true or false.');
  return flag.constant.value || call.ignoreNulls;
}

/** first, last and any_value keep NULLs unless told otherwise. */
const edge = (name: string, side: 'first' | 'last', pretty: string): FunctionRow =>
  row(name, 1, 2, (call) => {
    const [value] = call.args as [Typed];
    const ignore = skips(call);
    if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
    let text: Sql;
    if (call.over) text = sql`${side}_value(${value.sql}${ignore ? ' IGNORE NULLS' : ''})${call.suffix}`;
    else if (!ignore) text = sql`${side}(${value.sql})${call.suffix}`;
    else if (side === 'first') text = sql`any_value(${value.sql})${call.suffix}`;
    else text = sql`list_last(list_filter(list(${value.sql})${call.suffix}, lambda __kept: __kept IS NOT NULL))`;
    return {
      ...derive([value], text, value.type, true),
      name: `${call.ignoreNulls && pretty === 'last_value' ? 'last' : pretty}(${value.name})`,
    };
  });

/**
 * The value of one column in the row where another is greatest or least, or the values of the first rows as an array;
 * rows with a NULL key do not count.
 */
const by = (name: 'max_by' | 'min_by', engine: 'arg_max' | 'arg_min'): FunctionRow =>
  row(name, 2, 3, (call) => {
    const [value, key, rows] = call.args as [Typed, Typed, Typed | undefined];
    requireOrder(call, key);
    const order = orderKey(key.sql, key.type);
    const empty = key.type.kind === 'void';
    // Which of two rows with one key wins depends on their order, which DISTINCT does not keep.
    if (call.distinct) throw unsupported(call, 'DISTINCT is not supported.');
    if (!rows) {
      const text = empty
        ? sql`any_value(CASE WHEN FALSE THEN ${value.sql} END)${call.suffix}`
        : sql`${engine}_null(${value.sql}, ${order})${call.suffix}`;
      return derive([value, key], text, value.type, true);
    }
    const count = rowCount(call, rows);
    if (empty) throw unsupported(call, 'a NULL key is not supported.');
    // The struct keeps values that are NULL.
    const text = sql`list_transform(${engine}(struct_pack(v := ${value.sql}), ${order}, ${count})${call.suffix}, lambda __row: __row.v)`;
    return derive([value, key], text, arrayOf(value.type, true), true);
  });

/** How many rows max_by and min_by keep: a constant from 1 to 100000. */
function rowCount(call: FunctionCall, rows: Typed): string {
  if (!rows.foldable)
    throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the number of rows must be a constant, not ${rows.name}.`);
  const count = isNullLiteral(rows) ? 0n : constantWhole(implicit(rows, type.int, call), rows);
  if (count === undefined) throw unsupported(call, 'the number of rows must be a literal.');
  if (count < 1n || count > 100_000n)
    throw mismatch('VALUE_OUT_OF_RANGE', `${call.name}: the number of rows must lie between 1 and 100000.`);
  return String(count);
}

const nullsWord = (first: boolean) => (first ? 'NULLS FIRST' : 'NULLS LAST');

/** listagg(value[, separator]) WITHIN GROUP (ORDER BY …) of text or bytes: NULLs are skipped, no rows give NULL. */
function listagg(call: FunctionCall): FunctionResult {
  const [given, separator] = call.args as [Typed, Typed | undefined];
  if (call.orderWithin.length) requireWholeWindow(call);
  if (separator && !separator.foldable)
    throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the separator must be a constant, not ${separator.name}.`);
  const bytes = given.type.kind === 'binary';
  if (separator && separator.type.kind !== 'void' && (separator.type.kind === 'binary') !== bytes)
    throw mismatch('DATA_DIFF_TYPES', `${call.name}: the value and the separator must both be text or both bytes.`);
  const value = bytes ? given : implicit(given, type.string, call);
  if (call.distinct && call.orderWithin.some((key) => key.value.name !== given.name))
    throw userError(
      'INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT',
      `${call.name}: DISTINCT takes only an order by the same expression.`,
      { sqlState: '42K0K' },
    );
  if (call.distinct && call.orderWithin.length && given.type.kind !== 'string' && !bytes)
    throw unsupported(call, 'DISTINCT with an order takes only strings and bytes.');
  const keys = call.orderWithin.map((key) => {
    const direction = `${key.descending ? 'DESC' : 'ASC'} ${nullsWord(key.nullsFirst)}`;
    const text = call.distinct ? value.sql : orderKey(key.value.sql, key.value.type);
    return { text: sql`${text} ${direction}`, name: `${key.value.name} ${direction}` };
  });
  const ordered = keys.length
    ? sql` ORDER BY ${join(
        keys.map((key) => key.text),
        ', ',
      )}`
    : [];
  const word = call.distinct ? 'DISTINCT ' : '';
  const within = keys.length ? ` WITHIN GROUP (ORDER BY ${keys.map((key) => key.name).join(', ')})` : '';
  const between =
    !separator || isNullLiteral(separator)
      ? sql`${bytes ? `''::BLOB` : `''`}`
      : bytes
        ? separator.sql
        : implicit(separator, type.string, call).sql;
  const text = bytes
    ? sql`spark_join_bytes(list(${word}${value.sql}${ordered})${call.suffix}, ${between})`
    : sql`string_agg(${word}${value.sql}, ${between}${ordered})${call.suffix}`;
  return {
    ...derive([value], text, bytes ? type.binary : type.string, true),
    name: `${keys.length ? 'listagg' : call.name}(${word}${value.name}, ${separator?.name ?? 'NULL'})${within}`,
  };
}

/**
 * The most frequent value. Where ties must be decided (a second argument, WITHIN GROUP) the least or greatest of them;
 * a histogram's keys come in order.
 */
function mode(call: FunctionCall): FunctionResult {
  const [given, decided] = call.args as [Typed | undefined, Typed | undefined];
  const key = call.orderWithin[0];
  if (call.distinct || call.orderWithin.length > 1 || (given && key))
    throw unsupported(call, 'this form is not supported.');
  const value = key?.value ?? given;
  if (!value)
    throw userError(
      'INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING',
      'mode() needs an argument or WITHIN GROUP (ORDER BY …).',
      { sqlState: '42K0K' },
    );
  if (value.type.kind === 'map') throw unsupported(call, 'maps are not supported.');
  requireOrder(call, value);
  if (needsOrderKey(value.type)) throw unsupported(call, `values of the type ${value.type.kind} are not supported.`);
  if (decided && typeof decided.constant?.value !== 'boolean') throw wrongInput(decided, 'true or false');
  const name = key
    ? `mode() WITHIN GROUP (ORDER BY ${value.name}${key.descending ? '' : ' DESC'})`
    : `mode(${call.args.map((one) => one.name).join(', ')})`;
  if (!key && !decided?.constant?.value)
    return { ...derive([value], sql`mode(${value.sql})${call.suffix}`, value.type, true), name };
  const keys = key?.descending
    ? ['list_reverse(map_keys(__counts))', 'list_reverse(map_values(__counts))']
    : ['map_keys(__counts)', 'map_values(__counts)'];
  const pick = sql`list_extract(${keys[0]!}, list_position(${keys[1]!}, list_max(map_values(__counts))))`;
  return {
    ...derive(
      [value],
      sql`list_transform([histogram(${value.sql})${call.suffix}], lambda __counts: ${pick})[1]`,
      value.type,
      true,
    ),
    name,
  };
}

export const collectAggregates: FunctionRow[] = [
  row('collect_list', 1, 1, (call) => collect(call, false)),
  row('array_agg', 1, 1, (call) => collect(call, false)),
  row('collect_set', 1, 1, (call) => collect(call, true)),
  edge('first', 'first', 'first'),
  edge('first_value', 'first', 'first_value'),
  edge('any_value', 'first', 'any_value'),
  edge('last', 'last', 'last'),
  edge('last_value', 'last', 'last_value'),
  by('max_by', 'arg_max'),
  by('min_by', 'arg_min'),
  row('listagg', 1, 2, listagg),
  row('string_agg', 1, 2, listagg),
  row('mode', 0, 2, mode),
];
