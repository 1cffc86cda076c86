import { z } from 'zod';
import { SIZE_BINS, sizeBin } from './histogram.ts';
import { emptySummary, type Summary } from './summary.ts';

/** `deletedBin` in the engine. */
const deletedBinSql =
  'CASE WHEN coalesce(deleted, 0) <= 0 THEN 0 WHEN deleted >= 2147483647 THEN 9 ELSE least(length(deleted::VARCHAR), 8) END';

/** SELECT that sums a relation of files (`size, live, deleted`), a row a bin: some hundred rows at most. */
export const summarySql = (files: string): string =>
  `SELECT bins."from" AS "atLeast", ${deletedBinSql} AS "deletedBin", count(*) AS files, sum(size) AS bytes,
     count(live) AS counted, coalesce(sum(live), 0) AS "rows", count(deleted) AS vectors, coalesce(sum(deleted), 0) AS deleted
   FROM (${files}) AS files ASOF JOIN (SELECT unnest([${SIZE_BINS.join(', ')}])::BIGINT AS "from") AS bins ON files.size >= bins."from"
   GROUP BY 1, 2`;

const wide = z.union([z.bigint(), z.number()]).transform(Number);
const Bins = z.array(
  z.object({
    atLeast: wide,
    deletedBin: wide,
    files: wide,
    bytes: wide,
    counted: wide,
    rows: wide,
    vectors: wide,
    deleted: wide,
  }),
);

export function summaryOfRows(rows: unknown): Summary {
  const summary = emptySummary();
  for (const row of Bins.parse(rows)) {
    const bin = sizeBin(row.atLeast);
    summary.numFiles += row.files;
    summary.sizeBytes += row.bytes;
    summary.numRows = summary.numRows === null || row.counted < row.files ? null : summary.numRows + row.rows;
    summary.deletedRows += row.deleted;
    summary.vectors += row.vectors;
    summary.fileCounts[bin]! += row.files;
    summary.totalBytes[bin]! += row.bytes;
    summary.deletedCounts[row.deletedBin]! += row.files;
  }
  return summary;
}
