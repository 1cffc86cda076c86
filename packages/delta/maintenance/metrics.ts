import type { AddFile } from '../actions/types.ts';
import type { FileSizeMetrics } from './types.ts';

export const sizeOf = (files: readonly { size: number }[]): number => files.reduce((sum, file) => sum + file.size, 0);

export function fileSizes(files: readonly AddFile[]): FileSizeMetrics {
  const totalSize = sizeOf(files);
  const sizes = files.map(({ size }) => size);
  return {
    min: sizes.length ? sizes.reduce((least, size) => Math.min(least, size)) : null,
    max: sizes.length ? sizes.reduce((most, size) => Math.max(most, size)) : null,
    avg: sizes.length ? totalSize / sizes.length : 0,
    totalFiles: sizes.length,
    totalSize,
  };
}

/** `operationMetrics` of OPTIMIZE and REORG in the history, by Spark's names. */
export function rewriteMetrics(added: readonly AddFile[], removed: readonly AddFile[]): Record<string, number> {
  const sizes = added.map(({ size }) => size).sort((left, right) => left - right);
  const at = (part: number) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * part))] ?? 0;
  return {
    numAddedFiles: added.length,
    numAddedBytes: sizeOf(added),
    numRemovedFiles: removed.length,
    numRemovedBytes: sizeOf(removed),
    minFileSize: sizes[0] ?? 0,
    p25FileSize: at(0.25),
    p50FileSize: at(0.5),
    p75FileSize: at(0.75),
    maxFileSize: sizes.at(-1) ?? 0,
    numDeletionVectorsRemoved: removed.filter(({ deletionVector }) => deletionVector).length,
  };
}
