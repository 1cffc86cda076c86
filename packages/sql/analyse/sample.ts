import type { Sample } from '../ast/index.ts';
import { join, type Splice, sql } from '../emit/text.ts';
import { fail, unsupported } from './errors.ts';
import type { FromRelation } from './from.ts';
import { limitPart } from './limit.ts';
import type { QueryContext } from './query.ts';
import type { PlanState } from './state.ts';

/**
 * TABLESAMPLE: all rows, none, or a number of rows. Any other share is drawn at random, and no second engine draws the
 * rows that Spark draws.
 */
export function sampled(relation: FromRelation, sample: Sample, context: QueryContext): FromRelation {
  if (sample.method === 'system') {
    throw fail(
      'UNSUPPORTED_FEATURE.TABLESAMPLE_SYSTEM_NO_SCAN',
      'TABLESAMPLE SYSTEM needs a source that samples by blocks. Use TABLESAMPLE (n PERCENT).',
      sample.range,
    );
  }
  const { size } = sample;
  if (size.unit === 'rows') return selectedAgain(relation, context.state, limitPart(size.rows, 'LIMIT', context));
  if (size.share === 1) return relation;
  if (size.share === 0) return selectedAgain(relation, context.state, ' WHERE false');
  throw unsupported('A random sample', sample.range, 'Use (n ROWS), (0 PERCENT) or (100 PERCENT).');
}

/** The columns of a relation selected again with a clause behind: they keep their names and qualifiers. */
export function selectedAgain(relation: FromRelation, state: PlanState, clause: Splice): FromRelation {
  const alias = state.alias('t');
  const items = relation.columns.map((column, index) => {
    column.use?.();
    return sql`${column.sql} AS c${index}`;
  });
  return {
    sql: sql`(SELECT ${items.length ? join(items, ', ') : '1 AS c'} FROM ${relation.sql}${clause}) AS ${alias}`,
    columns: relation.columns.map(({ use: _use, base: _base, ...column }, index) => ({
      ...column,
      sql: sql`${alias}.c${index}`,
    })),
  };
}
