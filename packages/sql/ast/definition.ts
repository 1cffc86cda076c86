import type { DataType } from '@boathouse/contracts';
import type { Expression } from './expression.ts';
import type { Identifier, Name, Property, TypeRef } from './name.ts';
import type { Node } from './range.ts';

/** A column of CREATE TABLE. */
export interface ColumnDefinition extends Node {
  name: Identifier;
  /** Absent in views and materialized views, where only names (and comments) may be given. */
  type?: TypeRef;
  notNull: boolean;
  comment?: string;
  default?: Expression;
  /** GENERATED ALWAYS AS (expression). */
  generated?: Expression;
  /** GENERATED {ALWAYS | BY DEFAULT} AS IDENTITY (START WITH n INCREMENT BY n); values as text. */
  identity?: { always: boolean; start?: string; step?: string };
  /** PRIMARY KEY, UNIQUE, REFERENCES or CHECK beside the column. */
  constraints: TableConstraint[];
  /** MASK f USING COLUMNS (…). */
  mask?: Name;
}

export interface TableConstraint extends Node {
  kind: 'primaryKey' | 'unique' | 'foreignKey' | 'check';
  name?: Identifier;
  columns: Identifier[];
  references?: { table: Name; columns: Identifier[] };
  check?: Expression;
}

/** CONSTRAINT name EXPECT (condition) [ON VIOLATION …] of a pipeline's dataset. */
export interface Expectation extends Node {
  name: Identifier;
  condition: Expression;
  /** `warn` where no violation clause was written. */
  onViolation: 'warn' | 'drop' | 'fail';
}

/** PARTITIONED BY: a column, a column with type (Hive), or a transform such as `years(ts)`. */
export type PartitionField =
  | (Node & { kind: 'column'; name: Name })
  | (Node & { kind: 'typedColumn'; name: Identifier; type: DataType })
  | (Node & { kind: 'transform'; function: string; args: Expression[] });

/** The clauses after the columns of a table or dataset, in any order, each at most once. */
export interface TableClauses {
  using?: Name;
  partitionedBy: PartitionField[];
  /** CLUSTER BY (a, b), AUTO or NONE. */
  clusterBy?: { columns: Name[]; auto: boolean; none: boolean };
  location?: string;
  comment?: string;
  properties: Property[];
  options: Property[];
  /** Clauses that are recognised by name but mean nothing to us: the planner refuses them by this name. */
  unsupported: string[];
}
