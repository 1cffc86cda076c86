import type { AddFile } from '../actions/types.ts';
import { fileStats } from '../stats/file-stats.ts';

/** Pure: which files OPTIMIZE writes anew, and which of them together. Sizes in bytes. */

export interface Selection {
  minFileSize: number;
  maxDeletedRowsRatio: number;
}

/** Small files, and files of which too many rows are deleted or of which nobody knows how many. */
export const needsCompaction = (file: AddFile, { minFileSize, maxDeletedRowsRatio }: Selection): boolean =>
  file.size < minFileSize || hasManyDeleted(file, maxDeletedRowsRatio);

export function hasManyDeleted(file: AddFile, maxDeletedRowsRatio: number): boolean {
  if (!file.deletionVector) return false;
  const { numRecords } = fileStats(file);
  return numRecords === null || file.deletionVector.cardinality > maxDeletedRowsRatio * numRecords;
}

/** Files by partition, in the order of the first file of each. */
export function byPartition(files: readonly AddFile[], columns: readonly string[]): AddFile[][] {
  const groups = new Map<string, AddFile[]>();
  for (const file of files) {
    const key = JSON.stringify(columns.map((name) => file.partitionValues[name] ?? null));
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  return [...groups.values()];
}

/** Packs files, smallest first as Spark does, into bins that hold at most `maxSize` (a greater file is a bin of its own). */
export function pack(files: readonly AddFile[], maxSize: number): AddFile[][] {
  const bins: AddFile[][] = [];
  let bin: AddFile[] = [];
  let size = 0;
  for (const file of files) {
    if (bin.length && size + file.size > maxSize) {
      bins.push(bin);
      bin = [];
      size = 0;
    }
    bin.push(file);
    size += file.size;
  }
  if (bin.length) bins.push(bin);
  return bins;
}

/** Partitions whose files are written by one statement: the engine holds a file open for each. */
const PARTITIONS_AT_ONCE = 64;

/**
 * Bins that may be written by one statement, because each is of another partition; together they hold at most `maxSize`
 * bytes, or one bin. Bins of which `isApart` is true stay alone.
 */
export function together(
  bins: readonly AddFile[][],
  maxSize: number,
  partitionOf: (file: AddFile) => string,
  isApart: (bin: readonly AddFile[]) => boolean,
): AddFile[][][] {
  const batches: AddFile[][][] = [];
  let batch: AddFile[][] = [];
  let size = 0;
  let partitions = new Set<string>();
  const close = () => {
    if (batch.length) batches.push(batch);
    batch = [];
    size = 0;
    partitions = new Set();
  };
  for (const bin of bins) {
    const first = bin[0];
    if (!first || isApart(bin)) {
      batches.push([bin]);
      continue;
    }
    const bytes = bin.reduce((sum, file) => sum + file.size, 0);
    const partition = partitionOf(first);
    if (partitions.has(partition) || size + bytes > maxSize || batch.length === PARTITIONS_AT_ONCE) close();
    batch.push(bin);
    size += bytes;
    partitions.add(partition);
  }
  close();
  return batches;
}

export const bySize = (files: readonly AddFile[]): AddFile[] =>
  [...files].sort((left, right) => left.size - right.size || (left.path < right.path ? -1 : 1));
