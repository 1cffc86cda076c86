import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { literal, sql } from '../emit/text.ts';
import { textOf } from '../types/cast-text.ts';
import { wrongInput } from '../types/implicit.ts';
import { derive, isIntegral, isText, mismatch } from '../types/index.ts';
import { isNumeric, isYearMonth } from '../types/numeric.ts';
import { arg, callSql, simple, type, unsupported } from './define.ts';
import { once, raise } from './let.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from './row.ts';

const { string, int, bigint, double } = type;
const row = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
});

/** A value that is new for every row: never repeated in engine text, never folded. */
const fresh = (text: ReturnType<typeof sql>, returns: DataType): FunctionResult => ({
  ...derive([], text, returns, false),
  foldable: false,
  volatile: true,
});

function formatNumber(call: FunctionCall): FunctionResult {
  const [value] = call.args as [Typed];
  if (!isNumeric(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a number');
  if (isText(call.args[1]!.type)) throw unsupported(call, 'a pattern is not supported. Give the number of digits.');
  const digits = arg(call, 1, int);
  if (value.type.kind === 'double' || value.type.kind === 'float') {
    return derive(
      [value, digits],
      callSql('spark_format_double', sql`CAST(${value.sql} AS DOUBLE)`, digits.sql),
      string,
      true,
    );
  }
  const text = value.type.kind === 'void' ? sql`CAST(NULL AS VARCHAR)` : textOf(value.sql, value.type, call.session);
  return derive([value, digits], callSql('spark_format_number', text, digits.sql), string, true);
}

const url = (name: string): FunctionRow =>
  row(name, 2, 3, (call) => {
    for (const value of call.args)
      if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
    const parts = call.args.map((_, index) => arg(call, index, string));
    const key = parts[2]?.sql ?? sql`CAST(NULL AS VARCHAR)`;
    return derive(
      parts,
      callSql(`spark_${name}`, parts[0]!.sql, parts[1]!.sql, key, parts[2] ? 'TRUE' : 'FALSE'),
      string,
      true,
    );
  });

/** Pairs of text split by two patterns; a pair without a value has NULL, a repeated key is an error. */
function strToMap(call: FunctionCall): FunctionResult {
  for (const value of call.args)
    if (!isText(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a string');
  const [text, pairs, keys] = [
    arg(call, 0, string),
    call.args[1] ? arg(call, 1, string) : undefined,
    call.args[2] ? arg(call, 2, string) : undefined,
  ];
  const split = sql`spark_split(${text.sql}, ${pairs?.sql ?? "','"}, -1)`;
  const entry = sql`list_transform([spark_split(__pair, ${keys?.sql ?? "':'"}, 2)], lambda __part: struct_pack(k := list_extract(__part, 1), v := list_extract(__part, 2)))[1]`;
  const result: DataType = { kind: 'map', key: string, value: string, valueContainsNull: true };
  const all = [text, ...(pairs ? [pairs] : []), ...(keys ? [keys] : [])];
  return {
    ...derive(all, sql`map_from_entries(list_transform(${split}, lambda __pair: ${entry}))`, result),
    name: `str_to_map(${text.name}, ${pairs?.name ?? ','}, ${keys?.name ?? ':'})`,
  };
}

/** One bit of a whole number, counted from the lowest. */
const bit = (name: string): FunctionRow =>
  row(name, 2, 2, (call) => {
    const [value] = call.args as [Typed];
    if (!isIntegral(value.type) && value.type.kind !== 'void') throw wrongInput(value, 'a whole number');
    const at = arg(call, 1, int);
    const width = { tinyint: 8, smallint: 16, int: 32 }[value.type.kind as 'int'] ?? 64;
    const wide = arg(call, 0, bigint);
    const outside = raise(
      'INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE',
      `The position of a bit must lie between 0 and ${width - 1}.`,
    );
    const text = once(
      [wide, at],
      (x, p) =>
        sql`CASE WHEN ${x} IS NULL OR ${p} IS NULL THEN NULL WHEN ${p} < 0 OR ${p} >= ${width} THEN ${outside} ELSE CAST((spark_shift('>>', 64, ${x}, ${p}) & 1) AS TINYINT) END`,
    );
    return derive([wide, at], text, type.tinyint, true);
  });

/** Stops the statement with a message of the user's. */
const raised = (message: Sql): Sql => sql`error('[USER_RAISED_EXCEPTION] ' || coalesce(${message}, 'null'))`;

export const miscRows: FunctionRow[] = [
  row('format_number', 2, 2, formatNumber),
  simple('url_encode', [string], string, (text) => callSql('spark_url_encode', text)),
  simple('url_decode', [string], string, (text) => callSql('spark_url_decode', text)),
  simple('try_url_decode', [string], string, (text) => callSql('spark_try_url_decode', text), { nullable: true }),
  url('parse_url'),
  url('try_parse_url'),
  row('str_to_map', 1, 3, strToMap),
  row('width_bucket', 4, 4, (call) => {
    const sides = call.args.slice(0, 3);
    const spans = sides.some((value) => value.type.kind === 'interval');
    if (
      spans &&
      sides.some((value) => value.type.kind !== 'interval' || isYearMonth(value.type) !== isYearMonth(sides[0]!.type))
    )
      throw mismatch('DATA_DIFF_TYPES', 'width_bucket takes three numbers or three intervals of one family.');
    const parts = [
      ...sides.map((value, index) =>
        spans ? { ...value, sql: sql`CAST(${value.sql} AS DOUBLE)` } : arg(call, index, double),
      ),
      arg(call, 3, bigint),
    ];
    const [value, low, high, count] = parts as [Typed, Typed, Typed, Typed];
    const fits = sql`NULLIF(${count.sql}, 9223372036854775807)`;
    return derive(parts, callSql('spark_width_bucket', value.sql, low.sql, high.sql, fits), bigint, true);
  }),
  row('uuid', 0, 1, (call) => {
    if (call.args.length) throw unsupported(call, 'a seed is not supported.');
    return fresh(sql`CAST(uuid() AS VARCHAR)`, string);
  }),
  bit('bit_get'),
  bit('getbit'),
  row('assert_true', 1, 2, (call) => {
    const condition = arg(call, 0, type.boolean);
    if (call.args[0]!.type.kind !== 'boolean' && call.args[0]!.type.kind !== 'void')
      throw wrongInput(call.args[0]!, 'boolean');
    const shown = call.args[1]?.name ?? `'${call.args[0]!.name}' is not true!`;
    const message = call.args[1] ? arg(call, 1, string).sql : [literal(shown)];
    const text = sql`CASE WHEN ${condition.sql} THEN NULL ELSE ${raised(message)} END`;
    return { ...derive(call.args, text, { kind: 'void' }, true), name: `assert_true(${condition.name}, ${shown})` };
  }),
  row('raise_error', 1, 1, (call) => {
    const message = arg(call, 0, string);
    return {
      ...derive([message], raised(message.sql), { kind: 'void' }, true),
      foldable: false,
      name: `raise_error(USER_RAISED_EXCEPTION, map(errorMessage, ${call.args[0]!.name}))`,
    };
  }),
  row('current_path', 0, 0, ({ session }) => {
    const path = `system.builtin,system.session,${session.catalog}.${session.schema}`;
    return derive([], [literal(path)], string, false);
  }),
];
