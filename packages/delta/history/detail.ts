import type { TableDetail } from '@boathouse/contracts';
import { decodePath } from '../log/paths.ts';
import { writerFeatures } from '../protocol/check.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { liveRows } from '../stats/file-stats.ts';

/** What the catalog page shows of a table; everything comes from the log. */
export function detail(snapshot: ReplayedSnapshot, maxFiles: number): TableDetail {
  const { protocol, metadata } = snapshot;
  return {
    version: snapshot.version,
    fileCount: snapshot.numFiles,
    sizeBytes: snapshot.sizeBytes,
    rowCount: snapshot.numRows,
    columns: snapshot.columns,
    partitionColumns: [...metadata.partitionColumns],
    properties: { ...metadata.configuration },
    minReaderVersion: protocol.minReaderVersion,
    minWriterVersion: protocol.minWriterVersion,
    features: [...new Set([...(protocol.readerFeatures ?? []), ...writerFeatures(protocol)])].sort(),
    createdAtMs: metadata.createdTime ?? null,
    lastModifiedMs: snapshot.timestampMs || null,
    files: snapshot.files.slice(0, maxFiles).map((file) => ({
      path: decodePath(file.path),
      sizeBytes: file.size,
      rows: liveRows(file),
      modifiedMs: file.modificationTime,
    })),
  };
}
