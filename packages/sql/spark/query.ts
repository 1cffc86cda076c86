import { BoathouseError, type Column, type PlanQuery } from '@boathouse/contracts';
import { unsupported } from '../analyse/errors.ts';
import { analyseQuery } from '../analyse/query.ts';
import { wireColumn } from '../analyse/relation.ts';
import { PlanState } from '../analyse/state.ts';
import type { Query } from '../ast/index.ts';
import { join, type Sql, sql } from '../emit/text.ts';
import { sparkName } from './literal.ts';
import type { Place } from './relation.ts';
import { sparkText } from './rewrite.ts';

/**
 * The plan of a query for an attached Spark: its text, the tables that it names, and its columns. Where only the embedded
 * engine does not carry the query, the columns are Spark's to tell (none here). `engineText` is empty: such a plan runs on
 * Spark or not at all.
 */
export function sparkQuery(query: Query, text: string, state: PlanState): PlanQuery {
  const known = analysed(query, state);
  const { pieces, tables } = written(query, {
    text,
    state,
    environment: state.environment,
    ...(known ? { columns: known.columns.map(({ name }) => name), notColumns: state.notColumns } : {}),
  });
  return {
    engineText: [],
    tables,
    columns: known?.columns ?? [],
    ordered: known?.ordered ?? (query.orderBy.length > 0 || query.orderByAll !== undefined),
    sparkText: pieces,
  };
}

/** A query and the columns of a table that it fills: `sources[i]` is the index of the query's column for column i. */
export interface SparkAssignment {
  query: Query;
  /** Of the query's own columns. */
  width: number;
  columns: readonly Column[];
  sources: readonly number[];
  /** Columns with one value for every row, as expressions of Spark. */
  fixed: readonly { column: Column; value: Sql }[];
  /** Texts of the words DEFAULT, by their offsets. */
  defaults: ReadonlyMap<number, Sql>;
}

/** The rows that a statement writes, computed by Spark in the types of the table's columns. */
export function sparkRows(assignment: SparkAssignment, text: string, state: PlanState): PlanQuery {
  const { query, width, columns, sources, fixed, defaults } = assignment;
  const all = [...columns, ...fixed.map(({ column }) => column)];
  const limited = all.find(({ type }) => /\b(?:var)?char\(/.test(type));
  if (limited)
    throw unsupported(
      `Writing the column ${limited.name} of the type ${limited.type} from an attached Spark`,
      query.range,
      'Run the statement on the embedded engine.',
    );
  const place = { text, state, environment: state.environment, instead: defaults, notColumns: state.notColumns };
  const { pieces, tables } = written(query, place);
  const items = [
    ...columns.map(({ name, type }, index) => sql`CAST(c${sources[index]!} AS ${type}) AS ${sparkName(name)}`),
    ...fixed.map(({ column, value }) => sql`CAST(${value} AS ${column.type}) AS ${sparkName(column.name)}`),
  ];
  const names = Array.from({ length: width }, (_, index) => `c${index}`).join(', ');
  return {
    engineText: [],
    tables,
    columns: all.map(({ name, type, nullable }) => ({ name, type, nullable })),
    ordered: false,
    sparkText: sql`SELECT ${join(items, ', ')} FROM (${pieces}) AS s(${names})`,
  };
}

function written(query: Query, place: Place): { pieces: Sql; tables: PlanQuery['tables'] } {
  const state = new PlanState(place.state.options);
  const pieces = sparkText(query, { ...place, state });
  place.state.absorb(state);
  return { pieces, tables: state.planTables() };
}

/** What the embedded analysis tells of the result; undefined where it refuses the query only for its engine. */
function analysed(query: Query, state: PlanState): Pick<PlanQuery, 'columns' | 'ordered'> | undefined {
  try {
    const { columns, ordered } = analyseQuery(query, { state, environment: state.environment, ctes: new Map() });
    return { columns: columns.map(wireColumn), ordered };
  } catch (error) {
    if (error instanceof BoathouseError && /^UNSUPPORTED_(FUNCTION|FEATURE|DATATYPE)\b/.test(error.code))
      return undefined;
    throw error;
  }
}
