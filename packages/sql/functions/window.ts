import type { Typed } from '../analyse/typed.ts';
import { sql } from '../emit/text.ts';
import { cast, constantInteger, derive, implicit } from '../types/index.ts';
import { type, unsupported } from './define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from './row.ts';

const row = (
  name: string,
  minArgs: number,
  maxArgs: number,
  build: FunctionRow['build'],
  prettyName?: string,
): FunctionRow => ({ name, kind: 'window', minArgs, maxArgs, build, prettyName });

/** Ranks are int in Spark; the engine counts in bigint. */
const ranking = (name: string, prettyName?: string): FunctionRow =>
  row(name, 0, 0, (call) => derive([], sql`CAST(${name}()${call.suffix} AS INTEGER)`, type.int, false), prettyName);
const share = (name: string, prettyName?: string): FunctionRow =>
  row(name, 0, 0, (call) => derive([], sql`${name}()${call.suffix}`, type.double, false), prettyName);

const oneLiteral: Typed = {
  sql: ['1'],
  type: type.int,
  nullable: false,
  name: '1',
  constant: { value: 1n },
  foldable: true,
};
const nullLiteral: Typed = {
  sql: ['NULL'],
  type: { kind: 'void' },
  nullable: true,
  name: 'NULL',
  constant: { value: null },
  foldable: true,
};

/** lag and lead: the default stands only for rows outside of the partition. */
function offset(call: FunctionCall): FunctionResult {
  const [value, by = oneLiteral, otherwise = nullLiteral] = call.args as [Typed, Typed | undefined, Typed | undefined];
  if (constantInteger(by) === undefined) throw unsupported(call, 'the offset must be a whole number literal.');
  const fallback = implicit(otherwise, value.type, call);
  const text = sql`${call.name}(${value.sql}, ${by.sql}, ${fallback.sql}${call.ignoreNulls ? ' IGNORE NULLS' : ''})${call.suffix}`;
  return {
    ...derive([value], text, value.type, true),
    name: `${call.name}(${value.name}, ${by.name}, ${otherwise.name})`,
  };
}

function nthValue(call: FunctionCall): FunctionResult {
  const [value, at] = call.args as [Typed, Typed];
  const index = constantInteger(implicit(at, type.int, call));
  if (index === undefined || index < 1n)
    throw unsupported(call, 'the position must be a whole number literal above 0.');
  return derive(
    [value],
    sql`nth_value(${value.sql}, ${cast(at, type.bigint, call).sql}${call.ignoreNulls ? ' IGNORE NULLS' : ''})${call.suffix}`,
    value.type,
    true,
  );
}

function ntile(call: FunctionCall): FunctionResult {
  const [buckets = oneLiteral] = call.args as [Typed | undefined];
  const count = constantInteger(buckets);
  if (count === undefined || count < 1n || buckets.type.kind !== 'int')
    throw unsupported(call, 'the number of buckets must be an int literal above 0.');
  return {
    ...derive([], sql`CAST(ntile(${buckets.sql})${call.suffix} AS INTEGER)`, type.int, false),
    name: `ntile(${buckets.name})`,
  };
}

export const windowFunctions: FunctionRow[] = [
  ranking('row_number'),
  ranking('rank', 'RANK'),
  ranking('dense_rank', 'DENSE_RANK'),
  share('percent_rank', 'PERCENT_RANK'),
  share('cume_dist'),
  row('ntile', 0, 1, ntile),
  row('lag', 1, 3, offset),
  row('lead', 1, 3, offset),
  row('nth_value', 2, 2, nthValue),
];
