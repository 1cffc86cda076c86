import { BoathouseError } from '@boathouse/contracts';
import type { AddFile, DomainMetadata, Protocol } from '../actions/types.ts';
import { removeOf } from '../commit/actions.ts';
import { commitChange } from '../commit/commit.ts';
import { versionAt } from '../history/times.ts';
import { identityOf } from '../log/identity.ts';
import { fileKey } from '../log/paths.ts';
import { featuresOf, protocolOf } from '../protocol/protocol.ts';
import type { DeltaRoom } from '../room.ts';
import { vectorKey } from '../scan/deletion-vector.ts';
import { identityOf as identityColumnOf, withMark } from '../schema/identity.ts';
import { schemaJson } from '../schema/json.ts';
import type { DeltaField } from '../schema/types.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { maintenanceErrors } from './errors.ts';
import { sizeOf } from './metrics.ts';
import { checkNoVacuum } from './revive.ts';
import type { RestoreRequest, RestoreResult } from './types.ts';

const ASKED_AT_ONCE = 16;
const FILES_NAMED = 5;
/** Its high-water mark only goes up: ids of rows that a restore takes away are never given out again. */
const ROW_TRACKING = 'delta.rowTracking';

/** Makes the table what it was at a version, as a new version: files, schema, properties, metadata domains. */
export async function restore(room: DeltaRoom, location: string, request: RestoreRequest): Promise<RestoreResult> {
  const latest = await room.cache.current(location);
  const version = await wantedVersion(room, latest, request);
  if (version === latest.version) return { version: null, metrics: metricsOf(await latest.totals(), [], []) };
  const wanted = await snapshotAt(room, latest, version);
  const root = room.reader.store.uri(location);
  const [now, then] = [await latest.files(), await wanted.files()];
  const added = without(then, now, root);
  const removed = without(now, then, root);
  await checkNoVacuum(room, latest, added);
  const kept = await present(room, location, version, added, request.ignoreMissingFiles ?? false);
  const timestamp = room.clock();
  const metrics = metricsOf(await wanted.totals(), removed, kept);
  const { version: committed } = await commitChange(
    room,
    latest,
    {
      operation: 'RESTORE',
      operationParameters: {
        version: request.toVersion === undefined ? null : String(request.toVersion),
        timestamp: request.toTimestampMs === undefined ? null : new Date(request.toTimestampMs).toISOString(),
      },
      operationMetrics: { ...metrics },
      reads: { kind: 'table' },
      revives: kept.length > 0,
      removes: removed.map((file) => removeOf(file, timestamp)),
      adds: kept.map((file) => ({ ...file, dataChange: true })),
      metadata: { ...wanted.metadata, schemaString: schemaJson(withMarks(wanted.fields, latest.fields)) },
      ...protocolChange(wanted.protocol, latest.protocol),
      domains: domainsOf(wanted, latest),
    },
    request,
  );
  return { version: committed, metrics };
}

function metricsOf(
  after: { sizeBytes: number; numFiles: number },
  removed: readonly AddFile[],
  restored: readonly AddFile[],
): RestoreResult['metrics'] {
  return {
    tableSizeAfterRestore: after.sizeBytes,
    numOfFilesAfterRestore: after.numFiles,
    numRemovedFiles: removed.length,
    numRestoredFiles: restored.length,
    removedFilesSize: sizeOf(removed),
    restoredFilesSize: sizeOf(restored),
  };
}

async function wantedVersion(room: DeltaRoom, latest: ReplayedSnapshot, request: RestoreRequest): Promise<number> {
  if (request.toVersion !== undefined) return request.toVersion;
  if (request.toTimestampMs === undefined) throw maintenanceErrors.restoreNoTarget();
  const wanted = new Date(request.toTimestampMs).toISOString();
  try {
    return await versionAt(room.reader, latest, request.toTimestampMs);
  } catch (error) {
    if (!(error instanceof BoathouseError)) throw error;
    if (error.code === 'DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION')
      throw maintenanceErrors.restoreEarlier(wanted, error.message);
    if (error.code === 'DELTA_TIMESTAMP_GREATER_THAN_COMMIT')
      throw maintenanceErrors.restoreGreater(wanted, new Date(latest.timestampMs).toISOString());
    throw error;
  }
}

async function snapshotAt(room: DeltaRoom, latest: ReplayedSnapshot, version: number): Promise<ReplayedSnapshot> {
  try {
    return await room.cache.atVersion(latest.location, version);
  } catch (error) {
    if (error instanceof BoathouseError && error.code === 'DELTA_VERSION_NOT_FOUND')
      throw maintenanceErrors.restoreVersion(version, error.message);
    throw error;
  }
}

/** Logical files (path and deletion vector) of the first list that are not in the second. */
function without(files: readonly AddFile[], others: readonly AddFile[], root: string): AddFile[] {
  const known = new Set(others.map((file) => identityOf(file, root)));
  return files.filter((file) => !known.has(identityOf(file, root)));
}

/** Those of the files that are still in the store, with their deletion vectors. Throws DELTA_MISSING_FILES_UNEXPECTED_VERSION. */
async function present(
  room: DeltaRoom,
  location: string,
  version: number,
  files: readonly AddFile[],
  ignoreMissing: boolean,
): Promise<AddFile[]> {
  const { store } = room.reader;
  const root = store.uri(location);
  const isThere = async (file: AddFile): Promise<boolean> => {
    const vector = file.deletionVector;
    const keys = [
      fileKey(location, file.path, root, store),
      ...(vector && vector.storageType !== 'i' ? [vectorKey(store, location, vector)] : []),
    ];
    return (await Promise.all(keys.map((key) => store.head(key)))).every((head) => head !== null);
  };
  const found: AddFile[] = [];
  const missing: string[] = [];
  for (let start = 0; start < files.length; start += ASKED_AT_ONCE) {
    const some = files.slice(start, start + ASKED_AT_ONCE);
    const there = await Promise.all(some.map(isThere));
    for (const [index, file] of some.entries()) {
      if (there[index]) found.push(file);
      else missing.push(file.path);
    }
  }
  if (missing.length && !ignoreMissing)
    throw maintenanceErrors.missingFiles(version, missing.slice(0, FILES_NAMED), missing.length - FILES_NAMED);
  return found;
}

/** A protocol never loses features by a restore: other versions of the table may need them. */
function protocolChange(wanted: Protocol, latest: Protocol): { protocol?: Protocol } {
  const now = featuresOf(latest);
  const both = new Set([...featuresOf(wanted), ...now]);
  if (both.size === now.size) return {};
  return { protocol: protocolOf(both, [...(wanted.readerFeatures ?? []), ...(latest.readerFeatures ?? [])]) };
}

/** Domains as they were; one that came since is removed. */
function domainsOf(wanted: ReplayedSnapshot, latest: ReplayedSnapshot): DomainMetadata[] {
  const changed: DomainMetadata[] = [];
  const then = wanted.state.domains;
  const now = latest.state.domains;
  for (const [domain, entry] of then)
    if (domain !== ROW_TRACKING && now.get(domain)?.configuration !== entry.configuration) changed.push(entry);
  for (const [domain, entry] of now)
    if (domain !== ROW_TRACKING && !then.has(domain)) changed.push({ ...entry, removed: true });
  return changed;
}

/** Identity columns go on from the furthest value ever given out. */
function withMarks(fields: readonly DeltaField[], latest: readonly DeltaField[]): DeltaField[] {
  return fields.map((field) => {
    const identity = identityColumnOf(field);
    const other = latest.find(({ name }) => name === field.name);
    const mark = other ? (identityColumnOf(other)?.highWaterMark ?? null) : null;
    if (!identity || mark === null) return field;
    return withMark(field, identity, mark);
  });
}
