import type { AddFile } from '../actions/types.ts';
import { isWhole, type TouchedFile } from './outcome.ts';
import type { Work } from './work.ts';

/** What DELETE and UPDATE tell of files in Spark's metrics, before anything is done. */
export const noFileMetrics = () => ({
  numCopiedRows: 0,
  numRemovedFiles: 0,
  numRemovedBytes: 0,
  numAddedFiles: 0,
  numAddedBytes: 0,
  numAddedChangeFiles: 0,
  numDeletionVectorsAdded: 0,
  numDeletionVectorsUpdated: 0,
  numDeletionVectorsRemoved: 0,
  scanTimeMs: 0,
  rewriteTimeMs: 0,
});

export const affectedRows = (touched: readonly TouchedFile[]): number =>
  touched.reduce((sum, { count }) => sum + count, 0);

/** Rows that are written again as they were, because their files go; none where vectors mark what goes. */
export const copiedRows = (work: Work, touched: readonly TouchedFile[]): number =>
  work.usesVectors ? 0 : touched.reduce((sum, { count, live }) => sum + live - count, 0);

/** Notes the files that went and came. With vectors a file goes only where all of its rows do. */
export function noteFiles(
  metrics: ReturnType<typeof noFileMetrics>,
  work: Work,
  touched: readonly TouchedFile[],
  added: readonly AddFile[],
): void {
  const gone = work.usesVectors ? touched.filter(isWhole) : touched;
  metrics.numCopiedRows = copiedRows(work, touched);
  metrics.numRemovedFiles = gone.length;
  metrics.numRemovedBytes = gone.reduce((sum, { file }) => sum + file.size, 0);
  metrics.numAddedFiles = added.length;
  metrics.numAddedBytes = added.reduce((sum, { size }) => sum + size, 0);
  metrics.numAddedChangeFiles = work.cdcs.length;
}
