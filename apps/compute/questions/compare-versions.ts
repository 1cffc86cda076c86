import type { VersionComparison, VersionSide } from '@boathouse/contracts';
import { type AddFile, type Delta, liveRows, type Snapshot } from '@boathouse/delta';

/** What differs between two versions of a table, by the log alone. Throws what `delta.snapshot` throws. */
export async function compareVersions(
  delta: Delta,
  location: string,
  from: number,
  to: number,
): Promise<VersionComparison> {
  const [older, newer] = await bothVersions(delta, location, from, to);
  const { added, removed } = await changedFiles(older, newer);
  return { from: await sideOf(older), to: await sideOf(newer), filesAdded: sumOf(added), filesRemoved: sumOf(removed) };
}

export async function bothVersions(
  delta: Delta,
  location: string,
  from: number,
  to: number,
): Promise<[Snapshot, Snapshot]> {
  const newer = await delta.snapshot(location, { version: to });
  return [await delta.snapshot(location, { version: from }), newer];
}

/** Files that only one of the snapshots has. A file whose deletion vector changed is another one: it holds other rows. */
export async function changedFiles(
  older: Snapshot,
  newer: Snapshot,
): Promise<{ added: AddFile[]; removed: AddFile[] }> {
  const [before, after] = [await older.files(), await newer.files()];
  return { added: without(after, before), removed: without(before, after) };
}

function without(files: readonly AddFile[], others: readonly AddFile[]): AddFile[] {
  const known = new Set(others.map(identity));
  return files.filter((file) => !known.has(identity(file)));
}

const identity = ({ path, deletionVector: vector }: AddFile): string =>
  vector ? `${path}\0${vector.storageType}${vector.pathOrInlineDv}@${vector.offset ?? ''}` : path;

async function sideOf(snapshot: Snapshot): Promise<VersionSide> {
  const { version, timestampMs, columns, metadata } = snapshot;
  const { numRows, numFiles, sizeBytes } = await snapshot.totals();
  return {
    version,
    timestampMs,
    rowCount: numRows,
    fileCount: numFiles,
    sizeBytes,
    columns,
    partitionColumns: [...metadata.partitionColumns],
    properties: { ...metadata.configuration },
    comment: metadata.description ?? null,
  };
}

function sumOf(files: readonly AddFile[]): VersionComparison['filesAdded'] {
  let rows: number | null = 0;
  let sizeBytes = 0;
  for (const file of files) {
    const own = liveRows(file);
    rows = rows === null || own === null ? null : rows + own;
    sizeBytes += file.size;
  }
  return { count: files.length, sizeBytes, rows };
}
