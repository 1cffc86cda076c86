import type { TableDetail } from '@boathouse/contracts';
import { decodePath } from '../log/paths.ts';
import { writerFeatures } from '../protocol/check.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { liveRows } from '../stats/file-stats.ts';

/** What the catalog page shows of a table; everything comes from the log. */
export async function detail(snapshot: ReplayedSnapshot, maxFiles: number): Promise<TableDetail> {
  const { protocol, metadata } = snapshot;
  const [files, totals] = await Promise.all([snapshot.files(), snapshot.totals()]);
  return {
    version: snapshot.version,
    fileCount: totals.numFiles,
    sizeBytes: totals.sizeBytes,
    rowCount: totals.numRows,
    columns: snapshot.columns,
    partitionColumns: [...metadata.partitionColumns],
    properties: { ...metadata.configuration },
    minReaderVersion: protocol.minReaderVersion,
    minWriterVersion: protocol.minWriterVersion,
    features: [...new Set([...(protocol.readerFeatures ?? []), ...writerFeatures(protocol)])].sort(),
    createdAtMs: metadata.createdTime ?? null,
    lastModifiedMs: snapshot.timestampMs || null,
    files: files.slice(0, maxFiles).map((file) => ({
      path: decodePath(file.path),
      sizeBytes: file.size,
      rows: liveRows(file),
      modifiedMs: file.modificationTime,
    })),
  };
}
