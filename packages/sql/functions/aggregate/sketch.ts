import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import type { Sql } from '../../emit/text.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import {
  cast,
  constantWhole,
  derive,
  implicit,
  isIntegral,
  isNullLiteral,
  isText,
  mismatch,
} from '../../types/index.ts';
import { arrayOf, type, unsupported } from '../define.ts';
import type { FunctionCall, FunctionResult, FunctionRow } from '../row.ts';
import { aggregate, row } from './basic.ts';

/** How items enter a sketch: whole numbers as 64 bits, text, bytes, and doubles where the sketch takes them. */
export function itemsOf(value: Typed, call: FunctionCall, doubles = false): { kind: string; text: Sql } {
  if (isIntegral(value.type)) return { kind: 'long', text: cast(value, type.bigint, call).sql };
  if (isText(value.type)) return { kind: 'text', text: value.sql };
  if (value.type.kind === 'binary') return { kind: 'bytes', text: value.sql };
  if (doubles && (value.type.kind === 'double' || value.type.kind === 'float'))
    return { kind: 'double', text: cast(value, type.double, call).sql };
  throw wrongInput(value, 'int, bigint, string or binary');
}

/** A setting of a sketch, which must be a constant. */
export function setting(call: FunctionCall, index: number, otherwise: bigint): bigint {
  const value = call.args[index];
  if (!value) return otherwise;
  if (!value.foldable)
    throw mismatch('NON_FOLDABLE_INPUT', `${call.name}: the argument ${value.name} must be a constant.`);
  if (isNullLiteral(value)) throw mismatch('UNEXPECTED_NULL', `${call.name}: the setting must not be NULL.`);
  const whole = constantWhole(implicit(value, type.int, call), value);
  if (whole === undefined) throw unsupported(call, 'its settings must be literals.');
  return whole;
}

const within = (call: FunctionCall, value: bigint, low: bigint, high: bigint): string => {
  if (value < low || value > high) throw unsupported(call, `settings outside of ${low} to ${high} are not supported.`);
  return String(value);
};

const bytes = (value: Typed): Typed => {
  if (value.type.kind !== 'binary' && value.type.kind !== 'void') throw wrongInput(value, 'binary');
  return value.type.kind === 'void' ? { ...value, sql: ['CAST(NULL AS BLOB)'], type: type.binary } : value;
};

const scalar = (name: string, minArgs: number, maxArgs: number, build: FunctionRow['build']): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs,
  maxArgs,
  build,
});

const shown = (call: FunctionCall, ...rest: string[]): string =>
  `${call.name}(${[...call.args.map((value) => value.name), ...rest.slice(call.args.length)].join(', ')})`;

/** An aggregate that makes a sketch of items; without items the sketch is empty, not NULL. */
const building = (name: string, family: string, low: bigint, high: bigint): FunctionRow =>
  row(name, 1, 2, (call) => {
    const value = call.args[0]!;
    const { kind, text } = itemsOf(value, call, family === 'theta');
    const lgK = within(call, setting(call, 1, 12n), low, high);
    const built = sql`spark_${family}_agg_${kind}(${aggregate(call, 'list', text)}, ${lgK})`;
    return { ...derive([value], built, type.binary, false), name: shown(call, '', '12') };
  });

/** A function of one sketch. */
const reading = (name: string, engine: string, returns: DataType): FunctionRow =>
  scalar(name, 1, 1, (call) => {
    const sketch = bytes(call.args[0]!);
    return derive([sketch], sql`${engine}(${sketch.sql})`, returns, true);
  });

/** Two sketches as one: NULL where one of them is. */
const both = (call: FunctionCall, engine: (list: Sql) => Sql): FunctionResult => {
  const [a, b] = [bytes(call.args[0]!), bytes(call.args[1]!)];
  const text = sql`CASE WHEN ${a.sql} IS NOT NULL AND ${b.sql} IS NOT NULL THEN ${engine(sql`[${a.sql}, ${b.sql}]`)} END`;
  return derive([a, b], text, type.binary, true);
};

const listed = (call: FunctionCall): { sketch: Typed; list: Sql } => {
  const sketch = bytes(call.args[0]!);
  return { sketch, list: sql`coalesce(${aggregate(call, 'list', sketch.sql)}, CAST([] AS BLOB[]))` };
};

function allowed(call: FunctionCall, index: number): string {
  const flag = call.args[index];
  if (!flag) return 'FALSE';
  if (typeof flag.constant?.value !== 'boolean') throw unsupported(call, 'the last argument must be true or false.');
  return flag.constant.value ? 'TRUE' : 'FALSE';
}

const hll: FunctionRow[] = [
  building('hll_sketch_agg', 'hll', 4n, 21n),
  reading('hll_sketch_estimate', 'spark_hll_estimate', type.bigint),
  scalar('hll_union', 2, 3, (call) => ({
    ...both(call, (list) => sql`spark_hll_union(${list}, ${allowed(call, 2)})`),
    name: shown(call, '', '', 'false'),
  })),
  row('hll_union_agg', 1, 2, (call) => {
    const { sketch, list } = listed(call);
    const text = sql`spark_hll_union(${list}, ${allowed(call, 1)})`;
    return { ...derive([sketch], text, type.binary, false), name: shown(call, '', 'false') };
  }),
];

const thetaPair = (name: 'union' | 'intersection' | 'difference'): FunctionRow =>
  scalar(`theta_${name}`, 2, name === 'union' ? 3 : 2, (call) => {
    const lgK = name === 'union' ? within(call, setting(call, 2, 12n), 4n, 26n) : '26';
    const built = both(call, (list) => sql`spark_theta_combine('${name}', ${list}, ${lgK})`);
    return { ...built, name: name === 'union' ? shown(call, '', '', '12') : shown(call) };
  });

const thetaAll = (name: 'union' | 'intersection'): FunctionRow =>
  row(`theta_${name}_agg`, 1, name === 'union' ? 2 : 1, (call) => {
    const { sketch, list } = listed(call);
    const lgK = name === 'union' ? within(call, setting(call, 1, 12n), 4n, 26n) : '26';
    const text = sql`spark_theta_combine('${name}', ${list}, ${lgK})`;
    return {
      ...derive([sketch], text, type.binary, false),
      name: name === 'union' ? shown(call, '', '12') : shown(call),
    };
  });

const theta: FunctionRow[] = [
  building('theta_sketch_agg', 'theta', 4n, 26n),
  reading('theta_sketch_estimate', 'spark_theta_estimate', type.bigint),
  thetaPair('union'),
  thetaPair('intersection'),
  thetaPair('difference'),
  thetaAll('union'),
  thetaAll('intersection'),
];

/** Quantiles and ranks take one value or an array of them, and answer in kind. */
const inKind = (call: FunctionCall, of: DataType, returns: DataType, engine: string): FunctionResult => {
  const sketch = bytes(call.args[0]!);
  const asked = call.args[1]!;
  const list = asked.type.kind === 'array';
  const value = implicit(asked, list ? arrayOf(of) : of, call);
  const text = sql`${engine}(${sketch.sql}, ${list ? value.sql : sql`[${value.sql}]`})`;
  return list
    ? derive([sketch, value], text, arrayOf(returns, false), true)
    : derive([sketch, value], sql`(${text})[1]`, returns, true);
};

const kllOf = (name: 'bigint' | 'double' | 'float'): FunctionRow[] => {
  const of: DataType = { kind: name };
  return [
    row(`kll_sketch_agg_${name}`, 1, 2, (call) => {
      const [value] = call.args as [Typed];
      const fits = name === 'bigint' ? isIntegral(value.type) : value.type.kind === 'float' || value.type.kind === name;
      if (!fits) throw unsupported(call, `values of ${value.type.kind} are not supported.`);
      const k = within(call, setting(call, 1, 200n), 8n, 65535n);
      const list = aggregate(call, 'list', cast(value, of, call).sql);
      return derive([value], sql`spark_kll_agg_${name}(${list}, ${k})`, type.binary, false);
    }),
    reading(`kll_sketch_to_string_${name}`, `spark_kll_text_${name}`, type.string),
    reading(`kll_sketch_get_n_${name}`, `spark_kll_n_${name}`, type.bigint),
    scalar(`kll_sketch_merge_${name}`, 2, 2, (call) => both(call, (list) => sql`spark_kll_merge_${name}(${list})`)),
    row(`kll_merge_agg_${name}`, 1, 1, (call) => {
      const { sketch, list } = listed(call);
      return derive([sketch], sql`spark_kll_merge_${name}(${list})`, type.binary, false);
    }),
    scalar(`kll_sketch_get_quantile_${name}`, 2, 2, (call) =>
      inKind(call, type.double, of, `spark_kll_quantiles_${name}`),
    ),
    scalar(`kll_sketch_get_rank_${name}`, 2, 2, (call) => inKind(call, of, type.double, `spark_kll_ranks_${name}`)),
  ];
};

export const sketchRows: FunctionRow[] = [...hll, ...theta, ...kllOf('bigint'), ...kllOf('double'), ...kllOf('float')];
