import type { CatalogTable, Column, PlannedStatement, PlanQuery, SessionState } from '@boathouse/contracts';
import { type AnalysedQuery, engineColumn, wireColumn } from '../analyse/relation.ts';
import type { PlanState } from '../analyse/state.ts';
import type { Typed } from '../analyse/typed.ts';
import { join, sql } from '../emit/text.ts';
import { toResult } from '../types/index.ts';

/** What a handler makes of a statement; requirements and reads are added where it was gathered. */
export type Planned = PlannedStatement;

/** An answer that the server has already: rows as wire values. */
export function local(state: PlanState, columns: Column[], rows: unknown[][], session?: SessionState): Planned {
  return {
    kind: 'plan',
    body: { kind: 'local', columns, rows },
    requires: state.ownRequirements(),
    reads: [...state.reads],
    ...(session ? { session } : {}),
  };
}

export const nothing = (state: PlanState, session?: SessionState): Planned => local(state, [], [], session);

export const stringColumn = (name: string): Column => ({ name, type: 'string', nullable: true });

/** The last layer of a statement: every column as the engine hands it out. */
export function resultQuery(query: AnalysedQuery, state: PlanState): PlanQuery {
  const session = state.expressionSession(state.environment);
  const alias = state.alias('r');
  const values = query.columns.map((column, index) => {
    const value: Typed = { ...column, sql: sql`${alias}.${engineColumn(index)}` };
    return sql`${toResult(value, session).sql} AS ${engineColumn(index)}`;
  });
  return {
    engineText: sql`SELECT ${join(values, ', ')} FROM (${query.sql}) AS ${alias}`,
    tables: state.planTables(),
    columns: query.columns.map(wireColumn),
    ordered: query.ordered,
  };
}

export const tableName = (table: CatalogTable): string => `${table.catalog}.${table.schema}.${table.name}`;
