import type { TableDetail } from '@boathouse/contracts';
import { CLUSTERING, clusteringColumns } from '../alter/clustering.ts';
import { decodePath } from '../log/paths.ts';
import { writerFeatures } from '../protocol/check.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { liveRows } from '../stats/file-stats.ts';

/** What the catalog page shows of a table; everything comes from the log. */
export async function detail(snapshot: ReplayedSnapshot, maxFiles: number): Promise<TableDetail> {
  const { protocol, metadata } = snapshot;
  const [files, totals] = [await snapshot.someFiles(maxFiles), await snapshot.totals()];
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
    id: metadata.id,
    name: metadata.name ?? null,
    description: metadata.description ?? null,
    clusteringColumns: clusteringColumns(snapshot.domain(CLUSTERING), snapshot.fields, metadata.configuration),
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
