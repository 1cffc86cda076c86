import type { Column, PrunePredicate, TableEngine } from '@boathouse/contracts';
import type { CommitProvenance } from '../types.ts';

/**
 * Requests of DELETE, UPDATE and MERGE. Expressions are engine text and must be deterministic: they may be evaluated more
 * than once. They name columns of the table as `target."c"`, in a merge also those of the source as `source."c"`.
 */
export interface DmlRequest extends Partial<CommitProvenance> {
  /**
   * Predicates that every affected row of the table fulfils, by which files are left out. In a merge: every row that
   * matches the source; not used where rows without a match are affected.
   */
  prune?: readonly PrunePredicate[];
  /** A session's own connection, where the request names its temporary views or is to be interrupted. */
  engine?: TableEngine;
  /** `TimeZone` of that connection, as in `RelationOptions`. */
  timeZone?: string;
  txn?: { appId: string; version: number };
}

export interface DeleteRequest extends DmlRequest {
  /** Rows go where this is TRUE; null: all rows. */
  where: string | null;
}

/** The new value of a whole top-level column. */
export interface Assignment {
  column: string;
  value: string;
}

export interface UpdateRequest extends DmlRequest {
  /** Rows change where this is TRUE; null: all rows. */
  where: string | null;
  set: readonly Assignment[];
}

export interface MergeClause {
  condition: string | null;
  action: { kind: 'delete' } | { kind: 'update'; set: readonly Assignment[] };
}

export interface InsertClause {
  condition: string | null;
  values: readonly Assignment[];
}

/** Of each kind of clause the first whose condition is TRUE acts on a row. */
export interface MergeRequest extends DmlRequest {
  /** A parenthesised relation. It is read once. */
  source: string;
  /** Which rows match. By equalities of columns at its top, files without the source's values are left out. */
  on: string;
  matched: readonly MergeClause[];
  notMatched: readonly InsertClause[];
  /** Conditions and values name `target` alone. */
  notMatchedBySource: readonly MergeClause[];
  /** New columns of the table (schema evolution); clauses may name them. */
  addColumns?: readonly Column[];
  /** Columns that get a wider type, where the table has type widening. */
  changeTypes?: readonly { column: string; type: string }[];
}

export interface DmlResult {
  /** Null: no row was affected, and nothing was committed. */
  version: number | null;
  /** The `txn` was committed before: nothing was done; `version` is the table's latest. */
  alreadyApplied?: boolean;
  /** Under Spark's names. */
  metrics: Record<string, number>;
}

export interface DmlOperations {
  /** Throws DELTA_CONCURRENT_…, DELTA_CANNOT_MODIFY_APPEND_ONLY. */
  delete(location: string, request: DeleteRequest): Promise<DmlResult>;
  /** As delete, and what constraints throw. */
  update(location: string, request: UpdateRequest): Promise<DmlResult>;
  /** As update, and DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE. */
  merge(location: string, request: MergeRequest): Promise<DmlResult>;
}
