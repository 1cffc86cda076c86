import type { PrunePredicate, TableEngine } from '@boathouse/contracts';
import type { CommitProvenance } from '../types.ts';
import type { FsckRequest, FsckResult } from './fsck-types.ts';

/** Common to all operations of maintenance. */
export interface MaintenanceRequest extends Partial<CommitProvenance> {
  /** A session's own connection, where the work is to be interruptible. */
  engine?: TableEngine;
}

export interface OptimizeRequest extends MaintenanceRequest {
  /** Engine text over partition columns (`target."p"`): only partitions where it is TRUE are worked on. */
  where?: string | null;
  /** Conjuncts of the same condition, to leave partitions out without asking the engine. */
  prune?: readonly PrunePredicate[];
  /** The condition as the user wrote it, for the history. */
  predicates?: readonly string[];
  /** Columns (paths such as `a.b`) by which rows are to lie together; not with a clustered table. */
  zOrderBy?: readonly string[];
  /** Cluster all files anew, also those that are well clustered (OPTIMIZE … FULL; clustered tables only). */
  full?: boolean;
  /** Bytes: smaller files are put together. By default the target size. */
  minFileSize?: number;
  /** Bytes: the target size. By default `delta.targetFileSize`, else 256 MB. */
  maxFileSize?: number;
  /** Files with a greater part of deleted rows are written anew, 0 to 1. Default 0.05. */
  maxDeletedRowsRatio?: number;
}

/** Sizes in bytes. */
export interface FileSizeMetrics {
  min: number | null;
  max: number | null;
  avg: number;
  totalFiles: number;
  totalSize: number;
}

/** Spark's result of OPTIMIZE: the struct `metrics`. */
export interface OptimizeMetrics {
  numFilesAdded: number;
  numFilesRemoved: number;
  filesAdded: FileSizeMetrics;
  filesRemoved: FileSizeMetrics;
  partitionsOptimized: number;
  zOrderStats: ZOrderStats | null;
  clusteringStats: ClusteringStats | null;
  numBins: number;
  numBatches: number;
  totalConsideredFiles: number;
  totalFilesSkipped: number;
  preserveInsertionOrder: boolean;
  numFilesSkippedToReduceWriteAmplification: number;
  numBytesSkippedToReduceWriteAmplification: number;
  startTimeMs: number;
  endTimeMs: number;
  totalClusterParallelism: number;
  totalScheduledTasks: number;
  autoCompactParallelismStats: null;
  deletionVectorStats: { numDeletionVectorsRemoved: number; numDeletionVectorRowsRemoved: number } | null;
  numTableColumns: number;
  numTableColumnsWithStats: number;
}

interface CubeFiles {
  num: number;
  size: number;
}

export interface ZOrderStats {
  strategyName: string;
  inputCubeFiles: CubeFiles;
  inputOtherFiles: CubeFiles;
  inputNumCubes: number;
  mergedFiles: CubeFiles;
  numOutputCubes: number;
  mergedNumCubes: number | null;
}

interface ClusteredFiles {
  numFiles: number;
  size: number;
}

export interface ClusteringStats {
  inputZCubeFiles: ClusteredFiles;
  inputOtherFiles: ClusteredFiles;
  inputNumZCubes: number;
  mergedFiles: ClusteredFiles;
  numOutputZCubes: number;
}

export interface OptimizeResult {
  /** Null: there was nothing to do, and nothing was committed. */
  version: number | null;
  metrics: OptimizeMetrics;
}

export interface ReorgRequest extends MaintenanceRequest {
  where?: string | null;
  prune?: readonly PrunePredicate[];
  predicates?: readonly string[];
}

export interface VacuumRequest extends MaintenanceRequest {
  /** Files that went before this time ago are removed. By default `delta.deletedFileRetentionDuration`, else 7 days. */
  retentionMs?: number;
  /** full: everything in the folder that no retained version needs. lite: only what the log says was removed. */
  mode?: 'full' | 'lite';
  /** List, and remove nothing. */
  dryRun?: boolean;
  /** Allow a retention shorter than the table's own: readers and writers at work may lose files. */
  force?: boolean;
}

export interface VacuumResult {
  /** Of the commit that says that it is done; null for a dry run. */
  version: number | null;
  /** Relative to the table, decoded; cut at 1,000 unless it is a dry run. */
  files: string[];
  metrics: {
    numFilesToDelete: number;
    sizeOfDataToDelete: number;
    numDeletedFiles: number;
    numVacuumedDirectories: number;
  };
}

export interface RestoreRequest extends MaintenanceRequest {
  /** One of both. */
  toVersion?: number;
  toTimestampMs?: number;
  /** Restore what is left where data files were vacuumed. Default: DELTA_MISSING_FILES_UNEXPECTED_VERSION. */
  ignoreMissingFiles?: boolean;
}

export interface RestoreResult {
  /** Null: the table is at that version. */
  version: number | null;
  metrics: {
    tableSizeAfterRestore: number;
    numOfFilesAfterRestore: number;
    numRemovedFiles: number;
    numRestoredFiles: number;
    removedFilesSize: number;
    restoredFilesSize: number;
  };
}

export interface CloneRequest extends MaintenanceRequest {
  /** shallow: the clone refers to the source's files. deep: it has copies of its own; repeated, only what is new is copied. */
  mode: 'shallow' | 'deep';
  /** Version of the source; by default the latest. */
  sourceVersion?: number;
  sourceTimestampMs?: number;
  /** Replace what is at the target. A deep clone's repetition needs none of it. */
  replace?: boolean;
  /** Properties of the clone beside or instead of the source's. */
  properties?: Readonly<Record<string, string>>;
  /** What the history calls the source; by default its location. */
  sourceName?: string;
}

export interface CloneResult {
  /** Null: the clone was up to date. */
  version: number | null;
  metrics: {
    sourceTableSize: number;
    sourceNumOfFiles: number;
    numRemovedFiles: number;
    numCopiedFiles: number;
    removedFilesSize: number;
    copiedFilesSize: number;
  };
}

export interface ConvertRequest extends MaintenanceRequest {
  /** Partition columns with their types, in the order of the folders. Without them the folder must not be partitioned. */
  partitionSchema?: readonly { name: string; type: string }[];
  /** Read every file for statistics. Default true. */
  collectStatistics?: boolean;
  properties?: Readonly<Record<string, string>>;
  /** What the history calls the table. */
  name?: string;
}

export interface ConvertResult {
  /** Null: it is a Delta table already. */
  version: number | null;
  metrics: { numConvertedFiles: number };
}

export interface AnalyzeRequest extends MaintenanceRequest {
  prune?: readonly PrunePredicate[];
}

export interface AnalyzeResult {
  /** Null: there were no files. */
  version: number | null;
  metrics: { numFiles: number };
}

export interface ManifestResult {
  /** Manifests written, one a partition. */
  manifests: number;
}

export interface MaintenanceOperations {
  /**
   * OPTIMIZE: puts small files together, leaves out what deletion vectors delete, and lays rows out by Z-order or by the
   * table's clustering columns. Rows stay as they are. Throws DELTA_ZORDERING_…, DELTA_CLUSTERING_WITH_…,
   * DELTA_NON_PARTITION_COLUMN_REFERENCE, DELTA_OPTIMIZE_FULL_NOT_SUPPORTED, DELTA_CONCURRENT_….
   */
  optimize(location: string, request?: OptimizeRequest): Promise<OptimizeResult>;
  /** REORG TABLE … APPLY (PURGE): writes files with deletion vectors, or with columns that were dropped, anew. */
  reorg(location: string, request?: ReorgRequest): Promise<OptimizeResult>;
  /** VACUUM. Throws DELTA_VACUUM_RETENTION_PERIOD_TOO_SHORT, DELTA_UNSUPPORTED_VACUUM_ON_MANAGED_TABLE. */
  vacuum(location: string, request?: VacuumRequest): Promise<VacuumResult>;
  /** RESTORE. Throws DELTA_CANNOT_RESTORE_TABLE_VERSION, DELTA_CANNOT_RESTORE_TIMESTAMP_…, DELTA_MISSING_FILES_UNEXPECTED_VERSION. */
  restore(location: string, request: RestoreRequest): Promise<RestoreResult>;
  /** CLONE of a table to another location. Throws DELTA_TABLE_ALREADY_EXISTS, DELTA_CLONE_INCOMPATIBLE_TARGET. */
  clone(source: string, location: string, request: CloneRequest): Promise<CloneResult>;
  /** CONVERT TO DELTA of a folder of Parquet files. Throws DELTA_CONVERSION_…, DELTA_MISSING_PARTITION_COLUMN. */
  convert(location: string, request?: ConvertRequest): Promise<ConvertResult>;
  /** ANALYZE TABLE … COMPUTE DELTA STATISTICS: statistics of every file anew. */
  analyze(location: string, request?: AnalyzeRequest): Promise<AnalyzeResult>;
  /** GENERATE symlink_format_manifest, for engines that read lists of files. */
  generateManifest(location: string): Promise<ManifestResult>;
  /** FSCK REPAIR TABLE: finds what is missing or damaged, and mends what can be mended where that is asked. */
  fsck(location: string, request?: FsckRequest): Promise<FsckResult>;
}
