import type { PrunePredicate } from '@boathouse/contracts';
import type { AddFile, CdcFile, DomainMetadata, Metadata, Protocol, RemoveFile } from '../actions/types.ts';

/**
 * What a piece of work read of the table, so what others may not have changed meanwhile. Spark's conflict matrix is decided
 * from it.
 */
export type Reads =
  /** Nothing: an append of rows that do not depend on the table. */
  | { kind: 'nothing' }
  /** Every row of the table. */
  | { kind: 'table' }
  /** Only these files, by `add.path` (compaction): rows that others add do not matter. */
  | { kind: 'files'; paths: ReadonlySet<string> }
  /** Every row that fulfils all predicates, which lie in the files of `paths` (by `add.path`); files that others add are tested against them. */
  | { kind: 'rows'; predicates: readonly PrunePredicate[]; paths: ReadonlySet<string> };

/**
 * One commit as an operation wants it, relative to the snapshot that it read. What depends on the version that is finally
 * won (row ids, commit versions, in-commit timestamps, the high-water mark of row ids) is filled in by the commit itself.
 */
export interface Change {
  /** Spark's operation name: WRITE, DELETE, UPDATE, MERGE, OPTIMIZE, … */
  operation: string;
  operationParameters: Record<string, unknown>;
  operationMetrics: Record<string, string | number>;
  reads: Reads;
  adds?: readonly AddFile[];
  removes?: readonly RemoveFile[];
  cdcs?: readonly CdcFile[];
  metadata?: Metadata;
  protocol?: Protocol;
  domains?: readonly DomainMetadata[];
  txn?: { appId: string; version: number };
  /** Brings back files that the table did not have any more: a vacuum in the meantime may have removed them. */
  revives?: boolean;
  /**
   * Spark's `dataChange` of the commit: false where rows stay as they are (OPTIMIZE), so that it disturbs nobody. Default true.
   */
  dataChange?: boolean;
}

export interface Committed {
  version: number;
  /** The `txn` was committed before: nothing was written, and files written for this change may be discarded. */
  alreadyApplied?: boolean;
}
