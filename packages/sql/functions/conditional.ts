import type { Typed } from '../analyse/typed.ts';
import { join, sql } from '../emit/text.ts';
import { derive } from '../types/index.ts';
import { type, unify, unsupported } from './define.ts';
import { comparison, nullif } from './operators/compare.ts';
import { caseWhen, iff, isNull } from './operators/logic.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from './row.ts';
import { decodeBytes } from './string/bytes.ts';

/** The first argument that is not NULL; later ones are not evaluated once one is found. */
function coalesce(call: FunctionCall): FunctionResult {
  const { values, type: common } = unify(call, call.args);
  const nullable = values.every((value) => value.nullable);
  return derive(
    values,
    sql`coalesce(${join(
      values.map((value) => value.sql),
      ', ',
    )})`,
    common,
    nullable,
  );
}

function nvl2(call: FunctionCall): FunctionResult {
  const [test, then, otherwise] = call.args as [Typed, Typed, Typed];
  const { values, type: common } = unify(call, [then, otherwise]);
  return derive(
    call.args,
    sql`CASE WHEN ${test.sql} IS NOT NULL THEN ${values[0]!.sql} ELSE ${values[1]!.sql} END`,
    common,
    values.some((value) => value.nullable),
  );
}

/** decode(value, search, result, …[, default]): NULLs match each other. With two arguments: bytes as text. */
function decode(call: FunctionCall): FunctionResult {
  if (call.args.length < 3) return decodeBytes(call);
  const [value, ...rest] = call.args as [Typed, ...Typed[]];
  if (value.volatile) throw unsupported(call, 'an expression that changes with each call is not supported.');
  const args: Typed[] = [];
  for (let at = 0; at + 1 < rest.length; at += 2) {
    const same = comparison({ ...call, args: [value, rest[at]!] }, '<=>');
    args.push({ ...same, name: '' }, rest[at + 1]!);
  }
  args.push(rest.length % 2 === 1 ? rest.at(-1)! : textNull);
  return { ...caseWhen({ ...call, args }), name: undefined };
}

/** Spark's missing default is a NULL of type string, so numbers widen beside it. */
const textNull: Typed = {
  sql: ['CAST(NULL AS VARCHAR)'],
  type: type.string,
  nullable: true,
  name: 'NULL',
  foldable: true,
};

const zero: Typed = { sql: ['0'], type: type.int, nullable: false, name: '0', constant: { value: 0n }, foldable: true };

const row = (
  name: string,
  minArgs: number,
  maxArgs: number,
  build: FunctionRow['build'],
  more: Partial<FunctionRow> = {},
): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
  ...more,
});

const many = Number.POSITIVE_INFINITY;

export const conditionalFunctions: FunctionRow[] = [
  row('coalesce', 1, many, coalesce),
  row('nvl', 2, 2, coalesce),
  row('ifnull', 2, 2, coalesce),
  row('nvl2', 3, 3, nvl2),
  row('nullif', 2, 2, nullif),
  row('if', 3, 3, iff),
  row('iff', 3, 3, iff),
  row('when', 2, many, caseWhen),
  row('isnull', 1, 1, (call) => isNull(call)),
  row('isnotnull', 1, 1, (call) => isNull(call, true)),
  row('equal_null', 2, 2, (call) => ({ ...comparison(call, '<=>'), name: undefined })),
  row('zeroifnull', 1, 1, (call) => coalesce({ ...call, args: [...call.args, zero] })),
  row('nullifzero', 1, 1, (call) => nullif({ ...call, args: [...call.args, zero] })),
  row('decode', 2, many, decode),
];
