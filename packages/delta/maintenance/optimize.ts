import type { AddFile } from '../actions/types.ts';
import { writerFeatures } from '../protocol/check.ts';
import type { DeltaRoom } from '../room.ts';
import { joinPath, splitPath } from '../schema/path.ts';
import type { DeltaField } from '../schema/types.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { indexedColumns, isIndexed } from '../stats/indexed.ts';
import { byPartition, bySize, needsCompaction, pack, type Selection } from './bins.ts';
import { type Cubes, clusteringColumns, cubeTags, selectCubes } from './clustering.ts';
import { maintenanceErrors } from './errors.ts';
import { type Job, runJob } from './job.ts';
import { sizeOf } from './metrics.ts';
import { filesWhere, partitionNames } from './partitions.ts';
import type { ClusteringStats, OptimizeRequest, OptimizeResult, ZOrderStats } from './types.ts';

/**
 * Spark's OPTIMIZE makes files of 1 GB. Ours have the size that every write here aims at: a second OPTIMIZE then finds nothing
 * to do, and a change of few rows does not rewrite a gigabyte.
 */
const TARGET_FILE_SIZE = 256 * 2 ** 20;
const MAX_DELETED_ROWS_RATIO = 0.05;

export async function optimize(room: DeltaRoom, location: string, request: OptimizeRequest): Promise<OptimizeResult> {
  const startTimeMs = room.clock();
  const snapshot = await room.cache.current(location);
  const isClustered = writerFeatures(snapshot.protocol).includes('clustering');
  const zOrderBy = (request.zOrderBy ?? []).map(splitPath);
  if (isClustered && zOrderBy.length) throw maintenanceErrors.clusteredZOrder(zOrderBy.map(joinPath));
  if (isClustered && request.where) throw maintenanceErrors.clusteredWhere();
  const clusterBy = isClustered ? clusteringColumns(snapshot) : [];
  if (request.full && !clusterBy.length) throw maintenanceErrors.fullNotClustered();
  const layoutBy = zOrderBy.length ? checkedColumns(snapshot, zOrderBy) : clusterBy;

  const target = request.maxFileSize ?? targetSize(snapshot);
  const engine = request.engine ?? room.reader.engine;
  const candidates = await filesWhere(engine, snapshot, request);
  const selection = {
    minFileSize: request.minFileSize ?? target,
    maxDeletedRowsRatio: request.maxDeletedRowsRatio ?? MAX_DELETED_ROWS_RATIO,
  };
  const parameters = {
    predicate: request.predicates ?? (request.where ? [request.where] : []),
    zOrderBy: zOrderBy.map(joinPath),
    clusterBy: clusterBy.map(joinPath),
    auto: 'false',
    ...(clusterBy.length ? { isFull: String(request.full ?? false) } : {}),
  };
  const isFull = request.full ?? false;
  const choice = { layoutBy, isClustered: clusterBy.length > 0, full: isFull, target, selection };
  const job: Job = {
    ...choose(room, snapshot, candidates, choice),
    targetFileSize: target,
    layoutBy,
    operation: 'OPTIMIZE',
    parameters,
    considered: candidates.length,
    startTimeMs,
  };
  return runJob(room, snapshot, job, request);
}

/** The size of files that a table asks for, in bytes. */
export function targetSize(snapshot: ReplayedSnapshot): number {
  const match = /^(\d+)\s*([kmgt]?)i?b?$/i.exec(snapshot.metadata.configuration['delta.targetFileSize']?.trim() ?? '');
  const unit = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }[match?.[2]?.toLowerCase() ?? ''] ?? 1;
  const bytes = match ? Number(match[1]) * unit : 0;
  return bytes > 0 ? bytes : TARGET_FILE_SIZE;
}

interface Choice {
  layoutBy: readonly string[][];
  isClustered: boolean;
  full: boolean;
  target: number;
  selection: Selection;
}

function choose(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  { layoutBy, isClustered, full, target, selection }: Choice,
): Pick<Job, 'bins' | 'tagsOf' | 'zOrderStats' | 'clusteringStats'> {
  if (isClustered) {
    const cubes = selectCubes(files, layoutBy, full);
    return {
      bins: cubes.bins,
      tagsOf: () => cubeTags(room.ids(), layoutBy),
      zOrderStats: null,
      clusteringStats: statsOfCubes(cubes),
    };
  }
  const partitions = byPartition(files, partitionNames(snapshot));
  if (layoutBy.length)
    return { bins: partitions, zOrderStats: zOrderStats(files, partitions.length), clusteringStats: null };
  const bins = partitions
    .flatMap((partition) => pack(bySize(partition.filter((file) => needsCompaction(file, selection))), target))
    .filter(
      (bin) =>
        bin.length > 1 ||
        bin.some((file) => file.deletionVector && needsCompaction(file, { ...selection, minFileSize: 0 })),
    );
  return { bins, zOrderStats: null, clusteringStats: null };
}

/** Columns of ZORDER BY in the schema's spelling. Throws DELTA_ZORDERING_…. */
function checkedColumns(snapshot: ReplayedSnapshot, paths: readonly string[][]): string[][] {
  const indexed = indexedColumns({ configuration: snapshot.metadata.configuration });
  const partitions = snapshot.metadata.partitionColumns;
  const withStatistics = new Set(
    leaves(snapshot.fields.filter(({ name }) => !partitions.includes(name)))
      .slice(0, indexed.count)
      .filter((path) => isIndexed(indexed, path))
      .map((path) => path.join('\0')),
  );
  const without: string[] = [];
  const checked = paths.map((path) => {
    const text = joinPath(path);
    let fields: readonly DeltaField[] = snapshot.fields;
    const found: DeltaField[] = [];
    for (const part of path) {
      const field = fields.find(({ name }) => name.toLowerCase() === part.toLowerCase());
      if (!field)
        throw maintenanceErrors.zOrderMissing(
          text,
          snapshot.fields.map(({ name }) => name),
        );
      found.push(field);
      fields = field.type.kind === 'struct' ? field.type.fields : [];
    }
    const names = found.map(({ name }) => name);
    if (partitions.includes(names[0]!)) throw maintenanceErrors.zOrderPartition(text);
    const type = found.at(-1)!.type;
    const kind = type.kind === 'leaf' ? type.type.kind : type.kind;
    if (['array', 'map', 'struct', 'binary', 'variant', 'void'].includes(kind))
      throw maintenanceErrors.zOrderType(text, kind);
    if (!withStatistics.has(names.join('\0'))) without.push(text);
    return names;
  });
  if (without.length) throw maintenanceErrors.zOrderNoStatistics(without);
  return checked;
}

const leaves = (fields: readonly DeltaField[], path: readonly string[] = []): string[][] =>
  fields.flatMap(({ name, type }) =>
    type.kind === 'struct' ? leaves(type.fields, [...path, name]) : [[...path, name]],
  );

function zOrderStats(files: readonly AddFile[], partitions: number): ZOrderStats {
  const all = { num: files.length, size: sizeOf(files) };
  return {
    strategyName: 'all',
    inputCubeFiles: { num: 0, size: 0 },
    inputOtherFiles: all,
    inputNumCubes: 0,
    mergedFiles: all,
    numOutputCubes: partitions,
    mergedNumCubes: null,
  };
}

function statsOfCubes({ bins, inputCubes, inputCubeFiles, inputOtherFiles }: Cubes): ClusteringStats {
  const counted = (files: readonly AddFile[]) => ({ numFiles: files.length, size: sizeOf(files) });
  return {
    inputZCubeFiles: counted(inputCubeFiles),
    inputOtherFiles: counted(inputOtherFiles),
    inputNumZCubes: inputCubes,
    mergedFiles: counted(bins.flat()),
    numOutputZCubes: bins.length,
  };
}
