import { sql } from '../../emit/text.ts';
import { derive } from '../../types/index.ts';
import { arg, simple, type } from '../define.ts';
import { doubleFunctions } from '../engine/math.ts';
import type { FunctionRow } from '../row.ts';

/** Printed as the function is written; the others print in upper case. */
const lower = new Set(['ln', 'rint']);

const unary: FunctionRow[] = Object.keys(doubleFunctions)
  .filter((name) => name !== 'signum')
  .map((name) =>
    simple(name, [type.double], type.double, (x) => sql`spark_${name}(${x})`, {
      prettyName: lower.has(name) ? name : name.toUpperCase(),
      nullable: ['ln', 'log10', 'log1p', 'log2'].includes(name) ? true : undefined,
    }),
  );

const power = (name: string, prettyName: string): FunctionRow =>
  simple(name, [type.double, type.double], type.double, (x, y) => sql`spark_pow(${x}, ${y})`, { prettyName });

const log: FunctionRow = {
  name: 'log',
  kind: 'scalar',
  minArgs: 1,
  maxArgs: 2,
  build(call) {
    const values = call.args.map((_, index) => arg(call, index, type.double));
    const names = values.map((value) => value.name);
    if (values.length === 1)
      return { ...derive(values, sql`spark_ln(${values[0]!.sql})`, type.double, true), name: `LOG(E(), ${names[0]})` };
    return {
      ...derive(values, sql`spark_log(${values[0]!.sql}, ${values[1]!.sql})`, type.double, true),
      name: `LOG(${names.join(', ')})`,
    };
  },
};

export const elementaryFunctions: FunctionRow[] = [
  ...unary,
  power('pow', 'pow'),
  power('power', 'POWER'),
  log,
  simple('atan2', [type.double, type.double], type.double, (y, x) => sql`spark_atan2(${y}, ${x})`, {
    prettyName: 'ATAN2',
  }),
  simple('hypot', [type.double, type.double], type.double, (x, y) => sql`spark_hypot(${x}, ${y})`, {
    prettyName: 'HYPOT',
  }),
  simple('e', [], type.double, () => [`CAST(${Math.E} AS DOUBLE)`], { prettyName: 'E' }),
  simple('pi', [], type.double, () => [`CAST(${Math.PI} AS DOUBLE)`], { prettyName: 'PI' }),
  simple('factorial', [type.int], type.bigint, (n) => sql`spark_factorial(${n})`, { nullable: true }),
  simple(
    'conv',
    [type.string, type.int, type.int],
    type.string,
    (text, from, to) => sql`spark_conv(${text}, ${from}, ${to})`,
    { nullable: true },
  ),
];
