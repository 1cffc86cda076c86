import type { Column, PlanQuery } from '@boathouse/contracts';
import { parseType } from '@boathouse/contracts';
import type { Range } from '../analyse/errors.ts';
import { placed } from '../analyse/library.ts';
import { type AnalysedQuery, engineColumn, type QueryColumn } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { engineType } from '../types/index.ts';
import { stored } from './stored.ts';

/** For each column of the table the index of the query's column that fills it; undefined where it gets no value. */
export type Sources = (number | undefined)[];

/** A column with the one value that every new row gets. */
export interface FixedValue {
  column: Column;
  value: Sql;
  /** As Spark prints the value. */
  text: string;
}

/** The query's columns as the table's columns store them. */
export function assigned(
  query: AnalysedQuery,
  columns: readonly Column[],
  sources: Sources,
  state: PlanState,
  range: Range,
  fixed: readonly FixedValue[] = [],
): PlanQuery {
  const alias = state.alias('i');
  const session = state.expressionSession(state.environment);
  const items = columns.map((column, index): Sql => {
    const type = parseType(column.type);
    const at = sources[index];
    if (at === undefined) return sql`CAST(NULL AS ${engineType(type)}) AS ${engineColumn(index)}`;
    const source: QueryColumn = query.columns[at]!;
    const value = placed(range, () =>
      stored({ ...source, sql: sql`${alias}.${engineColumn(at)}` }, type, column.name, { session }),
    );
    return sql`CAST(${value.sql} AS ${engineType(type)}) AS ${engineColumn(index)}`;
  });
  const constants = fixed.map(({ value }, index) => sql`${value} AS ${engineColumn(columns.length + index)}`);
  const all = [...columns, ...fixed.map(({ column }) => column)];
  return {
    engineText: sql`SELECT ${join([...items, ...constants], ', ')} FROM (${query.sql}) AS ${alias}`,
    tables: state.planTables(),
    columns: all.map((column) => ({ name: column.name, type: column.type, nullable: column.nullable })),
    ordered: query.ordered,
  };
}
