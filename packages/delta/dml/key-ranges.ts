import type { PrunePredicate } from '@boathouse/contracts';
import { z } from 'zod';
import { findField } from '../schema/columns.ts';
import { engineType } from '../schema/engine.ts';
import type { Equality } from './equalities.ts';
import type { StagedSource } from './pairs.ts';
import type { Work } from './work.ts';

/** So many different values are asked for one by one, which tells partitions apart. */
const FEW_VALUES = 200;

const Ranges = z.array(
  z.object({
    type: z.string().nullable(),
    low: z.string().nullable(),
    high: z.string().nullable(),
    values: z.union([z.bigint(), z.number()]).transform(Number),
  }),
);
const Values = z.array(z.object({ value: z.string() }));

/**
 * What rows of the table that match a source fulfil, by the source's own values. Only for keys that have the column's type:
 * an equality that casts has other matches than its values' range.
 */
export async function keyRanges(
  work: Work,
  source: StagedSource,
  keys: readonly Equality[],
): Promise<PrunePredicate[]> {
  const predicates: PrunePredicate[] = [];
  for (const { column, source: key } of source.rows ? keys : []) {
    const field = findField(work.read.fields, column);
    if (field?.type.kind !== 'leaf') continue;
    const values = `(SELECT (${key}) AS key FROM ${source.relation} AS source) AS keys WHERE key IS NOT NULL`;
    const [range] = Ranges.parse(
      await work.engine.rows(
        `SELECT any_value(typeof(key)) AS type, CAST(min(key) AS VARCHAR) AS low, CAST(max(key) AS VARCHAR) AS high,
           approx_count_distinct(key) AS values FROM ${values}`,
      ),
    );
    if (!range || range.type !== engineType(field.type, field.name) || range.low === null || range.high === null)
      continue;
    if (range.values < FEW_VALUES) {
      const few = Values.parse(await work.engine.rows(`SELECT DISTINCT CAST(key AS VARCHAR) AS value FROM ${values}`));
      predicates.push({ column: field.name, op: 'in', values: few.map(({ value }) => value) });
    } else
      predicates.push(
        { column: field.name, op: '>=', values: [range.low] },
        { column: field.name, op: '<=', values: [range.high] },
      );
  }
  return predicates;
}
