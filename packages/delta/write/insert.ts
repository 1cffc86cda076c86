import { BoathouseError, invariant, type PrunePredicate } from '@boathouse/contracts';
import type { AddFile, RemoveFile } from '../actions/types.ts';
import { evolved } from '../alter/evolve.ts';
import { metricsOf, removeOf } from '../commit/actions.ts';
import type { Change, Reads } from '../commit/change.ts';
import { commitChange } from '../commit/commit.ts';
import type { DeltaRoom } from '../room.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { discardFiles, given, writeFiles, writerOf } from './files.ts';
import { replaceRows } from './replace-rows.ts';
import { metadataWith } from './shape.ts';
import type { InsertRequest, WriteResult } from './types.ts';

/** INSERT INTO, INSERT OVERWRITE and their kin: rows into files, and one commit. */
export async function insert(room: DeltaRoom, location: string, request: InsertRequest): Promise<WriteResult> {
  if (request.mode === 'replaceWhere' || request.mode === 'replaceOn') return replaceRows(room, location, request);
  const read =
    request.readVersion === undefined
      ? await room.cache.current(location)
      : await room.cache.atVersion(location, request.readVersion);
  const { shape, metadata, protocol } = evolved(room, read, request);
  const written = await writeFiles(writerOf(room, request.engine), shape, request.rows, {
    fill: true,
    ...given(request),
  });
  // Nothing came and nothing changes: no commit. A named transaction is noted even so.
  const changesTable = metadata !== undefined || protocol !== undefined || request.txn !== undefined;
  if (request.mode !== 'overwrite' && !written.adds.length && !changesTable)
    return { version: read.version, unchanged: true, metrics: { numFiles: 0, numOutputRows: 0, numOutputBytes: 0 } };
  const removes = await removedBy(room, read, request.mode, written.adds);
  const metrics = metricsOf(written.adds, removes, request.operationMetrics);
  const finalMetadata = written.fields ? metadataWith(metadata ?? read.metadata, written.fields) : metadata;
  const change: Change = {
    operation: request.operation ?? 'WRITE',
    operationParameters: { mode: request.mode === 'append' ? 'Append' : 'Overwrite', partitionBy: '[]' },
    operationMetrics: metrics,
    reads: readsOf(read, request, written.adds),
    adds: written.adds,
    removes,
    ...(finalMetadata ? { metadata: finalMetadata } : {}),
    ...(protocol ? { protocol } : {}),
    ...(request.txn ? { txn: request.txn } : {}),
  };
  return commitWritten(room, read, change, request);
}

/** Commits; where that is refused or was done before, the files go, because no log names them. */
export async function commitWritten(
  room: DeltaRoom,
  read: ReplayedSnapshot,
  change: Change,
  request: Pick<InsertRequest, 'txnId'>,
): Promise<WriteResult> {
  const metrics = Object.fromEntries(
    Object.entries(change.operationMetrics).map(([name, value]) => [name, Number(value)]),
  );
  try {
    const { version, alreadyApplied } = await commitChange(room, read, change, request);
    if (!alreadyApplied) return { version, metrics };
    await discardFiles(room.reader.store, read.location, change.adds ?? []);
    return { version, alreadyApplied, metrics: {} };
  } catch (error) {
    // Any other failure may have committed: a log could name the files.
    if (error instanceof BoathouseError && error.code.startsWith('DELTA_'))
      await discardFiles(room.reader.store, read.location, change.adds ?? []);
    throw error;
  }
}

const partitionKey = (read: ReplayedSnapshot, file: AddFile): string => {
  const mode = mappingMode(read.metadata.configuration);
  return JSON.stringify(
    read.metadata.partitionColumns.map((name) => {
      const field = read.fields.find((one) => one.name === name);
      return file.partitionValues[field ? physicalName(field, mode) : name] ?? null;
    }),
  );
};

async function removedBy(
  room: DeltaRoom,
  read: ReplayedSnapshot,
  mode: InsertRequest['mode'],
  adds: readonly AddFile[],
): Promise<RemoveFile[]> {
  if (mode === 'append') return [];
  const files = await read.files();
  const written = new Set(adds.map((file) => partitionKey(read, file)));
  const isWhole = mode === 'overwrite' || !read.metadata.partitionColumns.length;
  const timestamp = room.clock();
  return files
    .filter((file) => isWhole || written.has(partitionKey(read, file)))
    .map((file) => removeOf(file, timestamp));
}

/** What others may not change meanwhile: for overwritten partitions, rows of those. */
function readsOf(read: ReplayedSnapshot, request: InsertRequest, adds: readonly AddFile[]): Reads {
  if (request.readVersion !== undefined) return { kind: 'table' };
  if (request.mode === 'append') return { kind: 'nothing' };
  if (request.mode === 'overwrite' || !read.metadata.partitionColumns.length) return { kind: 'table' };
  const mode = mappingMode(read.metadata.configuration);
  const predicates = read.metadata.partitionColumns.flatMap((name): PrunePredicate[] => {
    const field = read.fields.find((one) => one.name === name);
    invariant(field, 'a partition column is a column');
    const values = new Set(adds.map((file) => file.partitionValues[physicalName(field, mode)] ?? null));
    const texts = [...values].filter((value) => value !== null);
    // NULL is in no list of values: then any value may be meant.
    return texts.length === values.size ? [{ column: name, op: 'in', values: texts }] : [];
  });
  return { kind: 'rows', predicates, paths: new Set() };
}
