import type { ObjectInfo } from '@boathouse/contracts';
import { commitChange } from '../commit/commit.ts';
import { isManaged } from '../log/managed.ts';
import { checkWritable } from '../protocol/check.ts';
import { retentionMs } from '../protocol/properties.ts';
import type { DeltaRoom } from '../room.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { maintenanceErrors } from './errors.ts';
import { keysOf } from './keys.ts';
import type { VacuumRequest, VacuumResult } from './types.ts';
import { rememberVacuum, removedFiles } from './vacuum-log.ts';

const DAY_MS = 864e5;
const DEFAULT_RETENTION_MS = 7 * DAY_MS;
const DELETED_AT_ONCE = 16;
/** Names in the result of a vacuum that has removed them. */
const FILES_NAMED = 1000;

/**
 * Removes files that no version within the retention needs. A file stays as long as it is live, or was removed within the
 * retention, or was written within it: a writer at work may be about to commit it.
 */
export async function vacuum(room: DeltaRoom, location: string, request: VacuumRequest): Promise<VacuumResult> {
  const snapshot = await room.cache.current(location);
  if (isManaged(snapshot.protocol) && !room.catalogCommitter) throw maintenanceErrors.vacuumManaged(location);
  // PROTOCOL.md "VACUUM Protocol Check": who does not know all features cannot know all files that they need.
  checkWritable(location, snapshot.protocol);
  const safe = retentionMs(snapshot.metadata.configuration, 'delta.deletedFileRetentionDuration', DEFAULT_RETENTION_MS);
  const retention = request.retentionMs ?? safe;
  if (retention < 0 || (retention < safe && !request.force))
    throw maintenanceErrors.retentionTooShort(hoursText(retention), hoursText(safe));
  const before = room.clock() - retention;
  const needed = await neededKeys(room, snapshot, before);
  const mode = request.mode ?? 'full';
  const { found, folders } =
    mode === 'lite'
      ? { found: await removedFiles(room, snapshot, before, (key) => !needed.has(key)), folders: 0 }
      : await unneeded(room, snapshot, before, needed);
  const size = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (request.dryRun) {
    const names = found.map(({ key }) => key.slice(location.length + 1));
    return { version: null, files: names, metrics: metricsOf(found.length, size, 0, folders) };
  }

  await log(room, snapshot, request, {
    operation: 'VACUUM START',
    parameters: {
      retentionCheckEnabled: String(!request.force),
      ...(request.retentionMs === undefined ? {} : { specifiedRetentionMillis: String(request.retentionMs) }),
      defaultRetentionMillis: String(safe),
    },
    metrics: { numFilesToDelete: found.length, sizeOfDataToDelete: size },
  });
  // What came back until the start was committed stays; who brings files back after it sees it (`revive.ts`).
  const now = await room.cache.current(location);
  const live = now === snapshot ? needed : await neededKeys(room, now, before);
  const doomed = found.filter(({ key }) => !live.has(key));
  const gone = doomed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  try {
    for (let start = 0; start < doomed.length; start += DELETED_AT_ONCE)
      await Promise.all(doomed.slice(start, start + DELETED_AT_ONCE).map(({ key }) => room.reader.store.delete(key)));
  } catch (error) {
    await log(room, snapshot, request, { operation: 'VACUUM END', parameters: { status: 'FAILED' }, metrics: {} });
    throw error;
  }
  await rememberVacuum(room, snapshot, before);
  const version = await log(room, snapshot, request, {
    operation: 'VACUUM END',
    parameters: { status: 'COMPLETED' },
    metrics: { numDeletedFiles: doomed.length, numVacuumedDirectories: folders },
  });
  const removed = doomed.slice(0, FILES_NAMED).map(({ key }) => key.slice(location.length + 1));
  return { version, files: removed, metrics: metricsOf(doomed.length, gone, doomed.length, folders) };
}

const metricsOf = (found: number, size: number, deleted: number, folders: number): VacuumResult['metrics'] => ({
  numFilesToDelete: found,
  sizeOfDataToDelete: size,
  numDeletedFiles: deleted,
  numVacuumedDirectories: folders,
});

/** Keys of data files and deletion vectors that are live, or were removed at `before` or later. */
async function neededKeys(room: DeltaRoom, snapshot: ReplayedSnapshot, before: number): Promise<Set<string>> {
  const { location } = snapshot;
  const keys = new Set<string>();
  const keep = (file: Parameters<typeof keysOf>[2]) => {
    for (const key of keysOf(room.reader.store, location, file)) keys.add(key);
  };
  for (const file of await snapshot.files()) keep(file);
  // A tombstone without a time is of the writer's epoch: Spark takes it for expired.
  for (const file of await snapshot.tombstones()) if ((file.deletionTimestamp ?? 0) >= before) keep(file);
  return keys;
}

/** Everything in the folder that is old and not needed; folders counted with the table's own, as Spark does. */
async function unneeded(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  before: number,
  needed: ReadonlySet<string>,
): Promise<{ found: ObjectInfo[]; folders: number }> {
  const prefix = `${snapshot.location}/`;
  const mode = mappingMode(snapshot.metadata.configuration);
  const partitions = snapshot.metadata.partitionColumns.flatMap((name) => {
    const field = snapshot.fields.find((candidate) => candidate.name === name);
    return field ? [name, physicalName(field, mode)] : [name];
  });
  const found: ObjectInfo[] = [];
  const folders = new Set(['']);
  for await (const object of room.reader.store.list(prefix)) {
    const segments = object.key.slice(prefix.length).split('/');
    if (segments.some((segment) => isHidden(segment, partitions))) continue;
    folders.add(segments.slice(0, -1).join('/'));
    if (object.modifiedMs < before && !needed.has(object.key)) found.push(object);
  }
  return { found, folders: folders.size };
}

/** Names that belong to somebody else: the log, other engines' files. A partition column may begin with '_'. */
const isHidden = (segment: string, partitions: readonly string[]): boolean =>
  (segment.startsWith('_') || segment.startsWith('.')) &&
  segment !== '_change_data' &&
  !segment.startsWith('_delta_index') &&
  !partitions.some((name) => segment.startsWith(`${name}=`));

async function log(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  request: VacuumRequest,
  entry: { operation: string; parameters: Record<string, string>; metrics: Record<string, number> },
): Promise<number> {
  const { version } = await commitChange(
    room,
    await room.cache.current(snapshot.location),
    {
      operation: entry.operation,
      operationParameters: entry.parameters,
      operationMetrics: entry.metrics,
      reads: { kind: 'nothing' },
    },
    // Two commits are two transactions: an id given for the whole names the last one.
    entry.operation === 'VACUUM START' ? { ...request, txnId: undefined } : request,
  );
  return version;
}

const hoursText = (ms: number): string => `${Math.ceil(ms / 36e5)} hours`;
