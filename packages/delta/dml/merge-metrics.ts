/** Counts of a merge under Spark's names. */
class MergeMetrics {
  numSourceRows = 0;
  numOutputRows = 0;
  numTargetRowsCopied = 0;
  numTargetRowsInserted = 0;
  numTargetRowsUpdated = 0;
  numTargetRowsMatchedUpdated = 0;
  numTargetRowsNotMatchedBySourceUpdated = 0;
  numTargetRowsDeleted = 0;
  numTargetRowsMatchedDeleted = 0;
  numTargetRowsNotMatchedBySourceDeleted = 0;
  numTargetFilesAdded = 0;
  numTargetFilesRemoved = 0;
  numTargetBytesAdded = 0;
  numTargetBytesRemoved = 0;
  numTargetChangeFilesAdded = 0;
  numTargetDeletionVectorsAdded = 0;
  numTargetDeletionVectorsUpdated = 0;
  numTargetDeletionVectorsRemoved = 0;
  materializeSourceTimeMs = 0;
  scanTimeMs = 0;
  rewriteTimeMs = 0;

  /** Rows that one clause changed. */
  changed(kind: 'update' | 'delete', isMatched: boolean, rows: number): void {
    const what = kind === 'update' ? 'Updated' : 'Deleted';
    this[`numTargetRows${what}`] += rows;
    this[`numTargetRows${isMatched ? 'Matched' : 'NotMatchedBySource'}${what}`] += rows;
  }
}

export const mergeMetrics = (): MergeMetrics => new MergeMetrics();
