import type { Column, PrunePredicate, TableEngine } from '@boathouse/contracts';
import type { CommitProvenance, TableDefinition } from '../types.ts';

interface RowsRequest extends Partial<CommitProvenance> {
  /** A SELECT, or a parenthesised relation, with columns by the table's names. Those it lacks are filled. */
  rows: string;
  /** Names of the rows' columns, where the caller knows them: saves a question to the engine. */
  given?: readonly string[];
  /** A session's own connection, where the rows name its temporary views or the work is to be interrupted. */
  engine?: TableEngine;
  txn?: { appId: string; version: number };
}

export interface InsertRequest extends RowsRequest {
  /**
   * append: adds only. overwrite: every live row goes. dynamic: the rows of those partitions go that new rows lie in.
   * replaceWhere: the rows go that fulfil a condition, which every new row must fulfil. replaceOn: the rows go that match a
   * new row (REPLACE ON, REPLACE USING).
   */
  mode: 'append' | 'overwrite' | 'dynamic' | 'replaceWhere' | 'replaceOn';
  replaceWhere?: {
    /** Engine text over `target."c"`. */
    condition: string;
    /** Conjuncts of it that may leave files out. */
    prune?: readonly PrunePredicate[];
    /** The condition as people wrote it. */
    text: string;
  };
  /** As `replaceWhere`; the condition is over `target."c"` and the new rows as `source."c"`. */
  replaceOn?: InsertRequest['replaceWhere'];
  /** Schema evolution: columns that the table gets with these rows. */
  addColumns?: readonly Column[];
  /** Schema evolution: wider types of top-level columns (needs type widening). */
  changeTypes?: readonly { column: string; type: string }[];
  /** The rows rest on this version of the table itself; absent where they do not depend on it. */
  readVersion?: number;
  timeZone?: string;
}

export interface CreateAsRequest extends RowsRequest, TableDefinition {
  /** replace: a table that is there gets a new version with this definition and these rows alone. */
  mode: 'create' | 'replace';
  /** Table id of the log; a fresh one by default. */
  id?: string;
}

export interface WriteResult {
  version: number;
  /** The `txn` was committed before: nothing was written; `version` is the table's latest. */
  alreadyApplied?: boolean;
  /** There was nothing to write: `version` is the one that was read. */
  unchanged?: boolean;
  /** Under Spark's names: numFiles, numOutputRows, numOutputBytes, … */
  metrics: Record<string, number>;
}

export interface WriteOperations {
  /** Writes rows and commits them. Throws what rules of the table they break, DELTA_REPLACE_WHERE_MISMATCH, DELTA_CONCURRENT_…. */
  insert(location: string, request: InsertRequest): Promise<WriteResult>;
  /** Makes a table of rows, in one version. Throws DELTA_TABLE_ALREADY_EXISTS where one is there and `mode` is create. */
  createAs(location: string, request: CreateAsRequest): Promise<WriteResult>;
}
