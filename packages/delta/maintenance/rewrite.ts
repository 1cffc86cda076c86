import { BoathouseError, type TableEngine } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import type { Change } from '../commit/change.ts';
import { commitChange } from '../commit/commit.ts';
import { materializesPartitions } from '../protocol/compat.ts';
import type { DeltaRoom } from '../room.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { metadataType, ROW_COMMIT_VERSION_COLUMN, ROW_ID_COLUMN } from '../scan/row-metadata.ts';
import { engineType, identifier } from '../schema/engine.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { CommitProvenance } from '../types.ts';
import { discardFiles, writeFiles, writerOf } from '../write/files.ts';
import { partitionFolder } from '../write/partition-path.ts';
import { shapeOf } from '../write/shape.ts';
import { boundsQuery, type Curve, type CurveColumn, orderedByPlace } from './curve.ts';

export interface Rewrite {
  engine?: TableEngine;
  /** Bytes. */
  targetFileSize: number;
  /** Paths of columns by which rows are laid out; none: rows keep their order. */
  layoutBy: readonly (readonly string[])[];
  /** By default Z-order. */
  curve?: Curve;
  tags?: Readonly<Record<string, string>>;
  clusteringProvider?: string;
}

/**
 * Writes the live rows of files of one partition into new files. Rows keep their values, and their ids where the table tracks
 * them. Nothing is committed.
 */
export async function rewrite(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  { engine, targetFileSize, layoutBy, curve, tags, clusteringProvider }: Rewrite,
): Promise<AddFile[]> {
  const mode = mappingMode(snapshot.metadata.configuration);
  const partitions = snapshot.metadata.partitionColumns;
  const isPartition = ({ name }: { name: string }) => partitions.includes(name);
  // Where readers of Iceberg are to find partition values in the files, those stay there, after the other columns.
  const inFile = materializesPartitions(snapshot.metadata.configuration, snapshot.protocol);
  const stored = [
    ...snapshot.fields.filter((field) => !isPartition(field)),
    ...(inFile ? snapshot.fields.filter(isPartition) : []),
  ];
  const kept = keptColumns(snapshot.metadata.configuration);
  const columns = stored.map(({ name }) => name);
  const rows = await relation(scanOf(room), snapshot, files, columns, {
    ...(kept ? { metadata: { rowId: kept.rowId, rowCommitVersion: kept.rowCommitVersion } } : {}),
  });
  const names = [...columns, ...(kept ? [kept.rowId, kept.rowCommitVersion] : [])];
  const ordered = layoutBy.length
    ? await layout(engine ?? room.reader.engine, snapshot, rows, names, layoutBy, curve)
    : rows;
  const values = partitions.map((name): [string, string | null] => {
    const field = snapshot.fields.find((candidate) => candidate.name === name);
    const physical = field ? physicalName(field, mode) : name;
    return [physical, files[0]?.partitionValues[physical] ?? null];
  });
  // The partition is the same for all rows: as a table without partitions, its files get the target size.
  const shape = { ...shapeOf(snapshot), fields: stored, partitionColumns: [] };
  const written = await writeFiles(writerOf(room, engine), shape, ordered, {
    check: false,
    fill: false,
    folder: partitionFolder(values),
    targetFileSize,
    ...(kept
      ? { extraColumns: [kept.rowId, kept.rowCommitVersion].map((name) => ({ name, type: metadataType })) }
      : {}),
  });
  return written.adds.map((add) => ({
    ...add,
    partitionValues: Object.fromEntries(values),
    dataChange: false,
    ...(tags ? { tags: { ...add.tags, ...tags } } : {}),
    ...(clusteringProvider === undefined ? {} : { clusteringProvider }),
  }));
}

/** As `rewrite`, for files of several partitions whose rows are little enough for one file a partition, in one statement. */
export async function rewritePartitions(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  engine: TableEngine | undefined,
): Promise<AddFile[]> {
  const kept = keptColumns(snapshot.metadata.configuration);
  const columns = snapshot.fields.map(({ name }) => name);
  const rows = await relation(scanOf(room), snapshot, files, columns, {
    ...(kept ? { metadata: { rowId: kept.rowId, rowCommitVersion: kept.rowCommitVersion } } : {}),
  });
  const { adds } = await writeFiles(writerOf(room, engine), shapeOf(snapshot), rows, {
    check: false,
    fill: false,
    ...(kept
      ? { extraColumns: [kept.rowId, kept.rowCommitVersion].map((name) => ({ name, type: metadataType })) }
      : {}),
  });
  return adds.map((add) => ({ ...add, dataChange: false }));
}

/**
 * PROTOCOL.md "Row Tracking": columns outside of the schema in which rewritten files keep the ids and versions that their rows
 * had. Null where the table does not track rows.
 */
function keptColumns(
  configuration: Readonly<Record<string, string>>,
): { rowId: string; rowCommitVersion: string } | null {
  const rowId = configuration[ROW_ID_COLUMN];
  const rowCommitVersion = configuration[ROW_COMMIT_VERSION_COLUMN];
  const isOn = configuration['delta.enableRowTracking'] === 'true';
  return isOn && rowId !== undefined && rowCommitVersion !== undefined ? { rowId, rowCommitVersion } : null;
}

/** The relation in the order of the curve through the columns. */
async function layout(
  engine: TableEngine,
  snapshot: ReplayedSnapshot,
  rows: string,
  names: readonly string[],
  paths: readonly (readonly string[])[],
  curve: Curve | undefined,
): Promise<string> {
  const columns = paths.map((path) => curveColumn(snapshot, path));
  const [found] = await engine.rows(boundsQuery(rows, columns));
  const bounds = columns.map((_, index) => {
    const list = found?.[`b${index}`];
    const texts = Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string') : [];
    return texts.filter((text, position) => position === 0 || text !== texts[position - 1]);
  });
  return orderedByPlace(rows, names, columns, bounds, curve);
}

function curveColumn({ fields }: ReplayedSnapshot, path: readonly string[]): CurveColumn {
  const name = path.join('.');
  let inside: readonly (typeof fields)[number][] = fields;
  let found: (typeof fields)[number] | undefined;
  for (const part of path) {
    found = inside.find((field) => field.name === part);
    inside = found?.type.kind === 'struct' ? found.type.fields : [];
  }
  const value = path.map(identifier).join('.');
  const type = found ? engineType(found.type, name) : 'VARCHAR';
  return type === 'BOOLEAN' ? { value: `CAST(${value} AS TINYINT)`, type: 'TINYINT' } : { value, type };
}

/** Commits a change whose files were written for it; where it is refused they go, because nothing will ever name them. */
export async function commitOrDiscard(
  room: DeltaRoom,
  read: ReplayedSnapshot,
  change: Change,
  provenance: Partial<CommitProvenance>,
): Promise<number> {
  try {
    return (await commitChange(room, read, change, provenance)).version;
  } catch (error) {
    // Any other failure may have committed: a log could name the files.
    if (error instanceof BoathouseError && error.code.startsWith('DELTA_'))
      await discardFiles(room.reader.store, read.location, change.adds ?? []);
    throw error;
  }
}

/** Runs pieces of work that write files, one after another; where one fails, the files of all go. */
export async function writeAll<T>(
  room: DeltaRoom,
  location: string,
  pieces: readonly T[],
  write: (piece: T) => Promise<AddFile[]>,
): Promise<AddFile[]> {
  const adds: AddFile[] = [];
  try {
    for (const piece of pieces) adds.push(...(await write(piece)));
    return adds;
  } catch (error) {
    await discardFiles(room.reader.store, location, adds);
    throw error;
  }
}
