import type { DataType } from '@boathouse/contracts';
import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { derive } from '../../types/index.ts';
import { aggregate, row as aggregateRow } from '../aggregate/basic.ts';
import { arrayOf } from '../define.ts';
import type { FunctionCall, FunctionRow } from '../row.ts';

const float: DataType = { kind: 'float' };

/** Vectors are arrays of float and nothing that could become one. */
function vector(value: Typed): Typed {
  if (value.type.kind !== 'array' || value.type.element.kind !== 'float') throw wrongInput(value, 'array<float>');
  return value;
}

/** vector_norm and vector_normalize: the degree is 2 unless it is written. */
const normed = (name: string, returns: DataType): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 1,
  maxArgs: 2,
  build(call: FunctionCall) {
    const [given, degree] = call.args as [Typed, Typed | undefined];
    const value = vector(given);
    if (degree && degree.type.kind !== 'float') throw wrongInput(degree, 'float');
    const text = sql`spark_${name}(${value.sql}, ${degree?.sql ?? 'CAST(2 AS FLOAT)'})`;
    return {
      ...derive(call.args, text, returns, true),
      name: `${name}(${value.name}, ${degree?.name ?? '2.0'})`,
    };
  },
});

const pair = (name: string): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 2,
  maxArgs: 2,
  build(call: FunctionCall) {
    const [a, b] = call.args.map(vector) as [Typed, Typed];
    return derive([a, b], sql`spark_${name}(${a.sql}, ${b.sql})`, float, true);
  },
});

const folded = (name: string): FunctionRow =>
  aggregateRow(name, 1, 1, (call) => {
    const value = vector(call.args[0]!);
    return derive([value], sql`spark_${name}(${aggregate(call, 'list', value.sql)})`, arrayOf(float, false), true);
  });

export const vectorRows: FunctionRow[] = [
  normed('vector_norm', float),
  normed('vector_normalize', arrayOf(float, false)),
  pair('vector_inner_product'),
  pair('vector_l2_distance'),
  pair('vector_cosine_similarity'),
  folded('vector_sum'),
  folded('vector_avg'),
];
