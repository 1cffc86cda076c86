import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  constantWhole,
  derive,
  engineType,
  implicit,
  isIntegral,
  isNullLiteral,
  mismatch,
} from '../../types/index.ts';
import { type DecimalType, isNumeric, numericOrder } from '../../types/numeric.ts';
import { type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';

/** A value that is new for every row: never repeated in engine text, never folded. */
const fresh = (text: Sql, returns: DataType): FunctionResult => ({
  ...derive([], text, returns, false),
  foldable: false,
  volatile: true,
});

/** The number of the row within the query: with a seed, a value depends on it and on nothing else. */
const rowIndex = '(row_number() OVER () - 1)';

/** A seed as bigint text; NULL counts as 0. Undefined where none is written. */
function seedOf(call: FunctionCall, seed: Typed | undefined, fail: string): string | undefined {
  if (!seed) return undefined;
  if (!seed.foldable) throw mismatch(fail, `${call.name}: the seed must be a constant, not ${seed.name}.`);
  if (isNullLiteral(seed)) return '0';
  if (!isIntegral(seed.type)) throw wrongInput(seed, 'int or bigint');
  const value = constantWhole(seed, seed);
  if (value === undefined) throw unsupported(call, 'the seed must be a literal.');
  return `CAST('${value}' AS BIGINT)`;
}

const uniformText = (seed: string | undefined): Sql =>
  seed === undefined ? ['random()'] : sql`spark_rand(${seed}, ${rowIndex})`;

const rand = (name: string): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 0,
  maxArgs: 1,
  build(call) {
    const [seed] = call.args as [Typed | undefined];
    return {
      ...fresh(uniformText(seedOf(call, seed, 'NON_FOLDABLE_INPUT')), type.double),
      name: `rand(${seed?.name ?? ''})`,
    };
  },
});

/** Standard normal values: by Spark's generator with a seed, else from two uniform ones (Box and Muller). */
function randn(call: FunctionCall): FunctionResult {
  const [seed] = call.args as [Typed | undefined];
  const text = seedOf(call, seed, 'NON_FOLDABLE_INPUT');
  const normal =
    text === undefined
      ? sql`(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))`
      : sql`spark_randn(${text}, ${rowIndex})`;
  return { ...fresh(normal, type.double), name: `randn(${seed?.name ?? ''})` };
}

/** Whole numbers give the wider whole type, a double or float wins, else the wider decimal. */
function uniformType(a: DataType, b: DataType): DataType {
  const kinds = [a.kind, b.kind];
  if (kinds.includes('void')) return type.double;
  if (isIntegral(a) && isIntegral(b)) {
    const order: readonly string[] = numericOrder;
    return order.indexOf(a.kind) < order.indexOf(b.kind) ? b : a;
  }
  if (kinds.includes('double')) return type.double;
  if (kinds.includes('float')) return { kind: 'float' };
  if (a.kind === 'decimal' && b.kind === 'decimal') return wider(a, b) ? a : b;
  return a.kind === 'decimal' ? a : b;
}
const wider = (a: DecimalType, b: DecimalType): boolean =>
  a.precision - a.scale >= b.precision - b.scale && a.scale >= b.scale;

/** uniform(low, high[, seed]): between two constants, in their common type. */
function uniform(call: FunctionCall): FunctionResult {
  const [low, high, seed] = call.args as [Typed, Typed, Typed | undefined];
  for (const bound of [low, high]) {
    if (!bound.foldable) throw mismatch('NON_FOLDABLE_INPUT', `uniform: ${bound.name} must be a constant.`);
    if (!isNumeric(bound.type) && bound.type.kind !== 'void') throw wrongInput(bound, 'a number');
  }
  const returns = uniformType(low.type, high.type);
  const name = `uniform(${call.args.map((value) => value.name).join(', ')})`;
  const text = seedOf(call, seed, 'NON_FOLDABLE_INPUT');
  if (isNullLiteral(low) || isNullLiteral(high))
    return { ...derive([], sql`CAST(NULL AS ${engineType(returns)})`, returns, true), name };
  const [from, to] = [cast(low, type.double, call).sql, cast(high, type.double, call).sql];
  const raw = derive([], sql`(${from} + (${to} - ${from}) * ${uniformText(text)})`, type.double, false);
  const value = cast({ ...raw, name: '', foldable: false, volatile: true }, returns, call);
  return { ...fresh(value.sql, returns), name };
}

/** randstr(length[, seed]): digits and letters. */
function randstr(call: FunctionCall): FunctionResult {
  const [length, seed] = call.args as [Typed, Typed | undefined];
  if (!length.foldable) throw mismatch('NON_FOLDABLE_INPUT', `randstr: the length ${length.name} must be a constant.`);
  const text = seedOf(call, seed, 'NON_FOLDABLE_INPUT');
  const size = isNullLiteral(length) ? sql`0` : implicit(length, type.int, call).sql;
  const series = text ?? sql`CAST(floor(random() * 9007199254740992) AS BIGINT)`;
  return {
    ...fresh(sql`spark_randstr(${size}, ${series}, ${text === undefined ? '0' : rowIndex})`, type.string),
    name: `randstr(${call.args.map((value) => value.name).join(', ')})`,
  };
}

const row = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
});

export const randomRows: FunctionRow[] = [
  rand('rand'),
  rand('random'),
  row('randn', 0, 1, randn),
  row('uniform', 2, 3, uniform),
  row('randstr', 1, 2, randstr),
  row('monotonically_increasing_id', 0, 0, () => fresh(sql`CAST(${rowIndex} AS BIGINT)`, type.bigint)),
  row('spark_partition_id', 0, 0, () => ({ ...fresh(sql`0`, type.int), name: 'SPARK_PARTITION_ID()' })),
];
