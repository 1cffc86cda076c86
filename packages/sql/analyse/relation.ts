import type { Column, DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import type { Sql } from '../emit/text.ts';

/** A column of a query's result. In engine text column n is named `c<n>`. */
export interface QueryColumn {
  name: string;
  type: DataType;
  nullable: boolean;
  /** The literal 0 in every row: Spark carries it outward and divides by it before it reads a row. */
  zero?: boolean;
  /** The relation that a column passed on unchanged comes from: ORDER BY and pipe operators may still name it. */
  qualifier?: readonly string[];
  /** The same object in columns that pass on one column twice: a name that they share is not ambiguous. */
  attribute?: object;
}

/** An analysed query: engine text of a full SELECT whose columns are c0, c1, …, and what it gives. */
export interface AnalysedQuery {
  sql: Sql;
  columns: QueryColumn[];
  /** Its own ORDER BY decides the order. */
  ordered: boolean;
}

export const engineColumn = (index: number): string => `c${index}`;

export const wireColumn = (column: QueryColumn): Column => ({
  name: column.name,
  type: typeText(column.type),
  nullable: column.nullable,
});
