import type {
  BoathouseError,
  Column,
  CommitCatalog,
  Committer,
  ExpressionCompiler,
  ObjectStore,
  PrunePredicate,
  TableDetail,
  TableEngine,
  TableHistoryEntry,
} from '@boathouse/contracts';
import type { AddFile, Protocol } from './actions/types.ts';
import type { AlterOperations } from './alter/types.ts';
import type { ChangeOperations } from './changes/types.ts';
import type { CheckpointResult } from './checkpoint/write.ts';
import type { DmlOperations } from './dml/types.ts';
import type { MaintenanceOperations } from './maintenance/types.ts';
import type { RowMetadata } from './scan/row-metadata.ts';
import type { DeltaField } from './schema/types.ts';
import type { TableShape } from './write/shape.ts';
import type { WriteOperations } from './write/types.ts';

export interface DeltaLogger {
  warn(fields: Record<string, unknown>, message: string): void;
}

export interface DeltaOptions {
  store: ObjectStore;
  /** Runs SQL on files: log checkpoints, data files. Its sessions see the store's `engineUri` paths. */
  engine: TableEngine;
  /** Publishes commits; by default put-if-absent on the store. */
  committer?: Committer;
  /** Gives out the versions of catalog-managed tables; without one such tables are read as far as published, not written. */
  catalog?: CommitCatalog;
  /** Spark SQL of constraints, generated columns and defaults → engine text; without it tables that have them are not written. */
  compiler?: ExpressionCompiler;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Fresh unique ids (UUID text). */
  ids?: () => string;
  /** Waits for some time up to the maximum before a lost race is run again; by default a random part of it. */
  pause?: (maximumMs: number) => Promise<void>;
  /** A checkpoint of more files than this is left to the engine, and only files that survive pruning come into memory. Default 5,000. */
  filesInMemory?: number;
  /** Whether a file outside of a table's folder, but in the same store, may be read for it (shallow clones). By default none. */
  allowOutside?: (uri: string) => boolean;
  logger?: DeltaLogger;
}

/** A table at one version: immutable. `location` is the storage key of the table's folder, without a trailing '/'. */
export interface Snapshot {
  readonly location: string;
  readonly version: number;
  /** Commit time: in-commit timestamp where the table has them, else the modification time of the log file. */
  readonly timestampMs: number;
  readonly metadata: {
    readonly id: string;
    readonly name?: string;
    readonly description?: string;
    readonly createdTime?: number;
    readonly configuration: Readonly<Record<string, string>>;
    readonly partitionColumns: readonly string[];
  };
  readonly protocol: Protocol;
  /** Logical columns with DDL types. */
  readonly columns: Column[];
  /** The same with what only Delta knows: field metadata, physical names. */
  readonly fields: readonly DeltaField[];
  /** Every live data file. A table may have millions: ask `prune` where a part is enough. */
  files(): Promise<readonly AddFile[]>;
  totals(): Promise<SnapshotTotals>;
  /** Last version that the application committed, or null. */
  txnVersion(appId: string): number | null;
  /** PROTOCOL.md "Domain Metadata": configuration of a domain, or null. */
  domain(name: string): string | null;
}

export interface SnapshotTotals {
  readonly numFiles: number;
  readonly sizeBytes: number;
  /** Rows by statistics (deleted ones taken off); null where a file has none. */
  readonly numRows: number | null;
}

export interface PruneResult {
  files: AddFile[];
  filesTotal: number;
  bytesTotal: number;
  /** Bytes of the files that are left. */
  bytes: number;
}

/** A table that is being defined: for one that is there, `shapeOf(snapshot)` says more. */
export interface WriteFilesTarget {
  location: string;
  columns: Column[];
  partitionColumns: readonly string[];
  /** Table properties that rule file contents (`delta.dataSkippingNumIndexedCols`). */
  properties?: Readonly<Record<string, string>>;
}

export interface WriteFilesOptions {
  /** Runs the query: a session's own connection, where it has temporary views or is to be interrupted. */
  engine?: TableEngine;
}

export interface RelationOptions {
  /**
   * `TimeZone` of the session that will run the relation. With 'UTC' the footers of files by other writers need no look
   * for naive timestamps; without it they are inspected once, so that the rows are right in any session. Partition values
   * of type timestamp that say no zone are read in this one (by default UTC), as Spark does.
   */
  timeZone?: string;
  /** Columns beside the needed ones, about the rows themselves, under these names. */
  metadata?: RowMetadata;
  /** What `metadata.file` calls the files; by default their indexes. */
  fileNumbers?: readonly number[];
}

/** Provenance for `commitInfo`. */
export interface CommitProvenance {
  /** Spark's name: WRITE, CREATE TABLE, CREATE TABLE AS SELECT, STREAMING UPDATE, … */
  operation: string;
  operationParameters?: Record<string, unknown>;
  /** Spark's names (numFiles, numOutputRows, numOutputBytes, …); filled from the files where absent. */
  operationMetrics?: Record<string, string | number>;
  userName?: string;
  userId?: string;
  runId?: string;
  /** The transaction's unique id: give the same on a retry of the same work, so that it is not doubled. */
  txnId?: string;
}

export interface TableDefinition {
  columns: Column[];
  /** CLUSTER BY: column paths. */
  clusterBy?: readonly string[];
  partitionColumns?: readonly string[];
  properties?: Record<string, string>;
  comment?: string;
  name?: string;
}

export interface CreateRequest extends TableDefinition, Partial<CommitProvenance> {
  files?: AddFile[];
  txn?: { appId: string; version: number };
  /** Table id of the log; a fresh one by default. */
  id?: string;
}

export interface CommitRequest extends CommitProvenance {
  /** append: adds only. overwrite: every live file goes, schema stays. replace: overwrite with a new definition. */
  mode: 'append' | 'overwrite' | 'replace';
  adds: AddFile[];
  /** Needed for `replace`. */
  definition?: TableDefinition;
  txn?: { appId: string; version: number };
  /** Version of the snapshot that the work read; the latest by default. */
  readVersion?: number;
  /** True where the adds do not depend on what the table held. Default: true for append. */
  blindAppend?: boolean;
}

export interface CommitResult {
  version: number;
  /** The `txn` was committed before: nothing was written; `version` is the table's latest. */
  alreadyApplied?: boolean;
}

export interface Delta
  extends AlterOperations,
    ChangeOperations,
    DmlOperations,
    MaintenanceOperations,
    WriteOperations {
  /** Throws DELTA_TABLE_NOT_FOUND, DELTA_VERSION_NOT_FOUND, DELTA_UNSUPPORTED_FEATURES_FOR_READ, DELTA_LOG_CORRUPT… */
  snapshot(location: string, at?: { version?: number; timestampMs?: number }): Promise<Snapshot>;
  /** Whether a table (a commit or a checkpoint) is at the location. */
  exists(location: string): Promise<boolean>;
  latestVersion(location: string): Promise<number>;
  /** Commits after a version, oldest first: for watchers. */
  listNew(location: string, afterVersion: number): Promise<{ version: number; timestampMs: number }[]>;
  prune(snapshot: Snapshot, predicates: readonly PrunePredicate[]): Promise<PruneResult>;
  /**
   * A parenthesised SELECT with exactly the needed columns in that order, typed by the Delta schema. Without any needed
   * column it has one row a row of the table and one column of no meaning.
   */
  relation(
    snapshot: Snapshot,
    files: readonly AddFile[],
    needed: readonly string[],
    options?: RelationOptions,
  ): Promise<string>;
  /**
   * Runs `relationSql` (a SELECT or a parenthesised relation with the target's columns by name) into data files. Nothing is
   * committed. Throws DELTA_NOT_NULL_CONSTRAINT_VIOLATED naming the column. An unused result should be given to `discardFiles`.
   */
  writeFiles(
    target: WriteFilesTarget | TableShape,
    relationSql: string,
    options?: WriteFilesOptions,
  ): Promise<AddFile[]>;
  /** Removes data files of a write that was not committed. */
  discardFiles(location: string, files: readonly AddFile[]): Promise<void>;
  /** Version 0. Throws DELTA_TABLE_ALREADY_EXISTS. */
  create(location: string, request: CreateRequest): Promise<CommitResult>;
  /** Throws DELTA_CONCURRENT_… naming both operations where a winner changed what the work rests on. */
  commit(location: string, request: CommitRequest): Promise<CommitResult>;
  /** Newest first. */
  history(location: string, limit: number): Promise<TableHistoryEntry[]>;
  /** The list of files is cut at `maxFiles` (default 1,000); `fileCount` says how many there are. */
  detail(location: string, options?: { maxFiles?: number }): Promise<TableDetail>;
  /** Writes a checkpoint of the latest version, as `delta.checkpointPolicy` says, and cleans the log. Null: it has one. */
  checkpoint(location: string): Promise<CheckpointResult | null>;
  /**
   * Why reading a table failed, where one of its files is to blame: DELTA_FILE_NOT_FOUND, DELTA_FILE_DAMAGED or
   * DELTA_FILE_SCHEMA_MISMATCH with table, version, file and the way out. Null: its files are sound.
   */
  fileFailure(location: string, at: { version?: number }, error: unknown): Promise<BoathouseError | null>;
  /** Drops what is cached of a location (after its folder was deleted). */
  forget(location: string): void;
  /** Resolves when nothing is written in the background (checkpoints): to be awaited before the engine is closed. */
  idle(): Promise<void>;
}
