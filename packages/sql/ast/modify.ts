import type { Expression } from './expression.ts';
import type { Identifier, Name } from './name.ts';
import type { Relation, TableAlias } from './query.ts';
import type { Node } from './range.ts';

/** DELETE FROM t [AS alias] [WHERE condition]. */
export interface Delete extends Node {
  kind: 'delete';
  table: Name;
  alias?: TableAlias;
  where?: Expression;
}

/** `a.b = value` of UPDATE and MERGE; the value may be the word DEFAULT, which is a column reference of that name. */
export interface Assignment extends Node {
  target: Name;
  value: Expression;
}

/** UPDATE t [AS alias] SET a = 1, … [WHERE condition]. */
export interface Update extends Node {
  kind: 'update';
  table: Name;
  alias?: TableAlias;
  assignments: Assignment[];
  where?: Expression;
}

/** `*` or a list. */
export type MergeSet = { star: true } | { star: false; assignments: Assignment[] };
export type MergeValues = { star: true } | { star: false; columns: Name[]; values: Expression[] };

/** One WHEN of MERGE. */
export interface MergeWhen extends Node {
  when: 'matched' | 'notMatched' | 'notMatchedBySource';
  condition?: Expression;
  action: { kind: 'delete' } | { kind: 'update'; set: MergeSet } | { kind: 'insert'; values: MergeValues };
}

/** MERGE [WITH SCHEMA EVOLUTION] INTO t USING source ON condition WHEN …. */
export interface Merge extends Node {
  kind: 'merge';
  schemaEvolution: boolean;
  table: Name;
  alias?: TableAlias;
  source: Relation;
  on: Expression;
  clauses: MergeWhen[];
}

/** TRUNCATE TABLE t. */
export interface Truncate extends Node {
  kind: 'truncate';
  table: Name;
  partition: { column: Identifier; value?: Expression }[];
}
