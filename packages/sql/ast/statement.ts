import type { AlterTable, AlterViewQuery } from './alter.ts';
import type { ColumnDefinition, Expectation, TableClauses, TableConstraint } from './definition.ts';
import type { Expression } from './expression.ts';
import type { Analyze, Optimize, Reorg, Restore, Vacuum } from './maintain.ts';
import type { Delete, Merge, Truncate, Update } from './modify.ts';
import type { Identifier, Name, Property } from './name.ts';
import type { Query, TimeTravel } from './query.ts';
import type { Node } from './range.ts';
import type {
  CreateFunction,
  DeclareVariable,
  DropFunction,
  DropVariable,
  ExecuteImmediate,
  Script,
  SetVariable,
} from './routine.ts';

export interface QueryStatement extends Node {
  kind: 'queryStatement';
  query: Query;
}
export interface Insert extends Node {
  kind: 'insert';
  /** `replaceWhere`: INSERT INTO t REPLACE WHERE condition. */
  mode: 'into' | 'overwrite' | 'replaceWhere' | 'replaceOn' | 'replaceUsing';
  /** INSERT WITH SCHEMA EVOLUTION: columns that the table lacks are added to it. */
  schemaEvolution: boolean;
  table: Name;
  /** Alias of the table, for REPLACE ON. */
  alias?: Identifier;
  /** PARTITION (a = 1, b): value absent where dynamic. */
  partition: { column: Identifier; value?: Expression }[];
  partitionIfNotExists: boolean;
  columns?: Identifier[];
  byName: boolean;
  replaceWhere?: Expression;
  /** REPLACE ON condition. */
  replaceOn?: Expression;
  /** REPLACE USING (columns). */
  replaceUsing?: Identifier[];
  query: Query;
}
export interface CreateTable extends Node {
  kind: 'createTable';
  name: Name;
  orReplace: boolean;
  ifNotExists: boolean;
  /** CREATE EXTERNAL TABLE. */
  external: boolean;
  /** CREATE TEMPORARY TABLE. */
  temporary: boolean;
  columns: ColumnDefinition[];
  constraints: TableConstraint[];
  clauses: TableClauses;
  /** AS query. */
  query?: Query;
  /** CREATE TABLE t LIKE source. */
  like?: Name;
  /** [DEEP | SHALLOW] CLONE source. */
  clone?: { source: Name; shallow: boolean; timeTravel?: TimeTravel };
}
export interface CreateView extends Node {
  kind: 'createView';
  name: Name;
  orReplace: boolean;
  ifNotExists: boolean;
  temporary: boolean;
  global: boolean;
  /** Names with comments, never types. */
  columns: ColumnDefinition[];
  /** Expectations, on a temporary view of a pipeline. */
  expectations: Expectation[];
  clauses: TableClauses;
  query: Query;
}
/** CREATE [OR REFRESH] [PRIVATE] STREAMING TABLE or MATERIALIZED VIEW. */
export interface CreateDataset extends Node {
  kind: 'createDataset';
  dataset: 'streamingTable' | 'materializedView';
  name: Name;
  /** Written `OR REFRESH`; `orReplace` where written `OR REPLACE`. */
  orRefresh: boolean;
  orReplace: boolean;
  private: boolean;
  ifNotExists: boolean;
  columns: ColumnDefinition[];
  expectations: Expectation[];
  constraints: TableConstraint[];
  clauses: TableClauses;
  refreshPolicy?: 'auto' | 'incremental' | 'incrementalStrict' | 'full';
  /** SCHEDULE …, TRIGGER … as written. */
  schedule?: string;
  /** Absent for a streaming table that only CREATE FLOW fills. */
  query?: Query;
  /** `FLOW INSERT [ONCE] BY NAME query` instead of AS query. */
  flow?: { once: boolean; byName: boolean };
}
/** CREATE FLOW name AS INSERT INTO [ONCE] target [BY NAME] query. */
export interface CreateFlow extends Node {
  kind: 'createFlow';
  name: Name;
  ifNotExists: boolean;
  comment?: string;
  target: Name;
  once: boolean;
  byName: boolean;
  query: Query;
}
/** REFRESH {MATERIALIZED VIEW | STREAMING TABLE | TABLE} name [FULL] [SYNC | ASYNC]. */
export interface Refresh extends Node {
  kind: 'refresh';
  what: 'materializedView' | 'streamingTable' | 'table';
  name: Name;
  full: boolean;
}
export interface CreateSchema extends Node {
  kind: 'createSchema';
  name: Name;
  ifNotExists: boolean;
  comment?: string;
  location?: string;
  managedLocation?: string;
  properties: Property[];
}
export interface CreateCatalog extends Node {
  kind: 'createCatalog';
  name: Name;
  ifNotExists: boolean;
  comment?: string;
  managedLocation?: string;
}
export interface CreateVolume extends Node {
  kind: 'createVolume';
  name: Name;
  ifNotExists: boolean;
  external: boolean;
  location?: string;
  comment?: string;
}
export interface Drop extends Node {
  kind: 'drop';
  what: 'catalog' | 'schema' | 'volume' | 'table' | 'view' | 'materializedView' | 'streamingTable';
  name: Name;
  ifExists: boolean;
  cascade: boolean;
  /** DROP TABLE … PURGE. */
  purge: boolean;
}
export interface Describe extends Node {
  kind: 'describe';
  target: /** `column` for DESCRIBE t col. */
    | { what: 'table'; name: Name; extended: boolean; asJson: boolean; partition: boolean; column?: Name }
    | { what: 'schema' | 'catalog' | 'volume'; name: Name; extended: boolean }
    | { what: 'history' | 'detail'; name: Name; limit?: Expression }
    | { what: 'query'; query: Query }
    | { what: 'function'; name: string; extended: boolean };
}
export interface Show extends Node {
  kind: 'show';
  target:
    | { what: 'catalogs'; like?: string }
    | { what: 'schemas'; in?: Name; like?: string }
    | { what: 'tables' | 'views' | 'volumes'; in?: Name; like?: string }
    | { what: 'tableExtended'; in?: Name; like: string }
    | { what: 'columns'; table: Name; in?: Name }
    | { what: 'functions'; scope?: 'all' | 'system' | 'user'; in?: Name; like?: string }
    | { what: 'tblproperties'; table: Name; key?: string }
    | { what: 'createTable'; table: Name }
    | { what: 'partitions'; table: Name }
    | { what: 'grants'; principal?: string; on: SecurableRef };
}
/** USE x, USE SCHEMA x, USE CATALOG x. */
export interface Use extends Node {
  kind: 'use';
  what: 'catalog' | 'schema' | 'any';
  name: Name;
}
/** SET, SET key, SET key = value, SET TIME ZONE …, RESET [key]. */
export interface SetStatement extends Node {
  kind: 'set';
  target:
    | { what: 'all' }
    | { what: 'key'; key: string }
    | { what: 'assign'; key: string; value: string }
    /** `value` is the zone's text, LOCAL, or an interval. */
    | { what: 'timeZone'; value: string | 'LOCAL' | Expression }
    | { what: 'reset'; key?: string };
}
export interface SecurableRef extends Node {
  /** `any` where the kind was not written (a table or view). */
  what:
    | 'metastore'
    | 'catalog'
    | 'schema'
    | 'table'
    | 'view'
    | 'volume'
    | 'function'
    | 'materializedView'
    | 'streamingTable'
    | 'any'
    | 'other';
  /** The kind as written, upper case. */
  written: string;
  /** Absent for METASTORE. */
  name?: Name;
}
export interface GrantOrRevoke extends Node {
  kind: 'grant' | 'revoke';
  /** Upper case, words joined by one space: `SELECT`, `USE CATALOG`, `ALL PRIVILEGES`. */
  privileges: string[];
  on: SecurableRef;
  principal: string;
}
/** COMMENT ON kind name IS 'text' | NULL. */
export interface CommentOn extends Node {
  kind: 'commentOn';
  on: SecurableRef | (Node & { what: 'column'; written: string; name: Name });
  comment: string | null;
}
export interface Explain extends Node {
  kind: 'explain';
  mode: 'simple' | 'extended' | 'codegen' | 'cost' | 'formatted';
  statement: Statement;
}
/** A statement that is recognised by its head but that the workspace does not run; `construct` names it: `MERGE INTO`. */
export interface UnsupportedStatement extends Node {
  kind: 'unsupported';
  construct: string;
}

export type Statement =
  | QueryStatement
  | Insert
  | CreateTable
  | CreateView
  | CreateDataset
  | CreateFlow
  | Refresh
  | CreateSchema
  | CreateCatalog
  | CreateVolume
  | Drop
  | Describe
  | Show
  | Use
  | SetStatement
  | GrantOrRevoke
  | CommentOn
  | Delete
  | Update
  | Merge
  | Truncate
  | AlterTable
  | AlterViewQuery
  | Optimize
  | Vacuum
  | Restore
  | Reorg
  | Analyze
  | Explain
  | DeclareVariable
  | SetVariable
  | DropVariable
  | ExecuteImmediate
  | CreateFunction
  | DropFunction
  | Script
  | UnsupportedStatement;
