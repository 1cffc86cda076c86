import type { Typed } from '../../analyse/typed.ts';
import { sql } from '../../emit/text.ts';
import { wrongInput } from '../../types/implicit.ts';
import { derive } from '../../types/index.ts';
import { arg, simple, type } from '../define.ts';
import { once } from '../let.ts';
import type { FunctionCall, FunctionRow } from '../row.ts';
import { row } from './basic.ts';

const bytesOf = (call: FunctionCall): Typed => {
  const [value] = call.args as [Typed];
  if (value.type.kind !== 'binary') throw wrongInput(value, 'binary');
  return value;
};

const merging = (name: string, engine: string): FunctionRow =>
  row(name, 1, 1, (call) => {
    const value = bytesOf(call);
    const list = sql`coalesce(list(DISTINCT ${value.sql})${call.suffix}, CAST([] AS BLOB[]))`;
    return derive([value], sql`${engine}(${list})`, type.binary, false);
  });

/** Bits of a number within its bucket of 32768, and the bucket: positive numbers count from 1, others from 0. */
const place = (name: string, positive: string, other: string): FunctionRow => ({
  name,
  kind: 'scalar',
  minArgs: 1,
  maxArgs: 1,
  build(call) {
    const value = arg(call, 0, type.bigint);
    const text = once([value], (x) => {
      const [up, down] = [positive, other].map((form) => form.split('?'));
      return sql`CASE WHEN ${x} > 0 THEN CAST(${up![0]!}${x}${up![1]!} AS BIGINT) ELSE CAST(${down![0]!}${x}${down![1]!} AS BIGINT) END`;
    });
    return derive([value], text, type.bigint);
  },
});

export const bitmapRows: FunctionRow[] = [
  row('bitmap_construct_agg', 1, 1, (call) => {
    const position = arg(call, 0, type.bigint);
    const list = sql`coalesce(list(DISTINCT ${position.sql})${call.suffix}, CAST([] AS BIGINT[]))`;
    return derive([position], sql`spark_bitmap_construct(${list})`, type.binary, false);
  }),
  merging('bitmap_or_agg', 'spark_bitmap_or'),
  merging('bitmap_and_agg', 'spark_bitmap_and'),
  place('bitmap_bit_position', '((? - 1) % 32768)', '((- CAST(? AS HUGEINT)) % 32768)'),
  place('bitmap_bucket_number', '(1 + (? - 1) // 32768)', '(- ((- CAST(? AS HUGEINT)) // 32768))'),
  {
    ...simple('bitmap_count', [type.binary], type.bigint, (value) => sql`spark_bitmap_count(${value})`),
    build: (call) => {
      const value = bytesOf(call);
      return derive([value], sql`spark_bitmap_count(${value.sql})`, type.bigint);
    },
  },
];
