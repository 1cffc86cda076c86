import type { AddFile } from '../actions/types.ts';
import { removeOf } from '../commit/actions.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { indexedColumns } from '../stats/indexed.ts';
import { byPartition, together } from './bins.ts';
import { CLUSTERING_PROVIDER, curveOf } from './clustering.ts';
import { fileSizes, rewriteMetrics } from './metrics.ts';
import { partitionNames, plainPartitionTest } from './partitions.ts';
import { commitOrDiscard, rewrite, rewritePartitions, writeAll } from './rewrite.ts';
import type { ClusteringStats, MaintenanceRequest, OptimizeMetrics, OptimizeResult, ZOrderStats } from './types.ts';

/** Files that are written anew, those of one bin together. */
export interface Job {
  bins: AddFile[][];
  /** Bytes. */
  targetFileSize: number;
  /** Paths of columns by which rows are laid out; none: rows keep their order. */
  layoutBy: string[][];
  /** Tags of the files of one bin. */
  tagsOf?: () => Record<string, string>;
  operation: 'OPTIMIZE' | 'REORG';
  parameters: Record<string, unknown>;
  considered: number;
  zOrderStats: ZOrderStats | null;
  clusteringStats: ClusteringStats | null;
  startTimeMs: number;
}

/** Writes every bin anew and commits all of them together. */
export async function runJob(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  job: Job,
  request: MaintenanceRequest,
): Promise<OptimizeResult> {
  const { location } = snapshot;
  const removed = job.bins.flat();
  const names = partitionNames(snapshot);
  const isPlain = plainPartitionTest(snapshot);
  // Rows that are laid out along a curve are written one partition after another, because files keep their order.
  const isApart = (bin: readonly AddFile[]) =>
    !names.length || job.layoutBy.length > 0 || job.tagsOf !== undefined || !isPlain(bin[0]!);
  const batches = together(
    job.bins,
    job.targetFileSize,
    ({ partitionValues }) => JSON.stringify(names.map((name) => partitionValues[name] ?? null)),
    isApart,
  );
  const added = await writeAll(room, location, batches, (batch) =>
    batch.length > 1
      ? rewritePartitions(room, snapshot, batch.flat(), request.engine)
      : rewrite(room, snapshot, batch[0] ?? [], {
          engine: request.engine,
          targetFileSize: job.targetFileSize,
          layoutBy: job.layoutBy,
          ...(job.tagsOf ? { curve: curveOf(job.layoutBy) } : {}),
          ...(job.tagsOf ? { tags: job.tagsOf(), clusteringProvider: CLUSTERING_PROVIDER } : {}),
        }),
  );
  let version: number | null = null;
  if (removed.length) {
    const timestamp = room.clock();
    version = await commitOrDiscard(
      room,
      snapshot,
      {
        operation: job.operation,
        operationParameters: job.parameters,
        operationMetrics: rewriteMetrics(added, removed),
        reads: { kind: 'files', paths: new Set(removed.map(({ path }) => path)) },
        removes: removed.map((file) => ({ ...removeOf(file, timestamp), dataChange: false })),
        adds: added,
        dataChange: false,
      },
      request,
    );
  }
  return { version, metrics: metricsOf(room, snapshot, job, added) };
}

function metricsOf(room: DeltaRoom, snapshot: ReplayedSnapshot, job: Job, added: readonly AddFile[]): OptimizeMetrics {
  const removed = job.bins.flat();
  const vectors = removed.flatMap(({ deletionVector }) => deletionVector ?? []);
  const { count, named } = indexedColumns({ configuration: snapshot.metadata.configuration });
  const columns = snapshot.fields.length;
  return {
    numFilesAdded: added.length,
    numFilesRemoved: removed.length,
    filesAdded: fileSizes(added),
    filesRemoved: fileSizes(removed),
    partitionsOptimized: byPartition(removed, partitionNames(snapshot)).length,
    zOrderStats: job.zOrderStats,
    clusteringStats: job.clusteringStats,
    numBins: 0,
    numBatches: job.bins.length,
    totalConsideredFiles: job.considered,
    totalFilesSkipped: job.considered - removed.length,
    preserveInsertionOrder: job.layoutBy.length === 0,
    numFilesSkippedToReduceWriteAmplification: 0,
    numBytesSkippedToReduceWriteAmplification: 0,
    startTimeMs: job.startTimeMs,
    endTimeMs: room.clock(),
    totalClusterParallelism: 1,
    totalScheduledTasks: job.bins.length,
    autoCompactParallelismStats: null,
    deletionVectorStats: vectors.length
      ? {
          numDeletionVectorsRemoved: vectors.length,
          numDeletionVectorRowsRemoved: vectors.reduce((sum, { cardinality }) => sum + cardinality, 0),
        }
      : null,
    numTableColumns: columns,
    numTableColumnsWithStats: Math.min(columns, named ? named.size : count),
  };
}
