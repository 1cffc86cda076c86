import type { AddFile, DomainMetadata, Metadata, Protocol } from '../actions/types.ts';
import { removeOf } from '../commit/actions.ts';
import type { Change } from '../commit/change.ts';
import { commitChange } from '../commit/commit.ts';
import { deltaErrors } from '../errors.ts';
import { history } from '../history/history.ts';
import { versionAt } from '../history/times.ts';
import { identityOf } from '../log/identity.ts';
import { MANAGED } from '../log/managed.ts';
import { encodePath, fileKey } from '../log/paths.ts';
import { configurationOf } from '../protocol/properties.ts';
import { featuresOf, protocolOf } from '../protocol/protocol.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { copiedPath, copiedVector, copyObject, referred } from './copy.ts';
import { maintenanceErrors } from './errors.ts';
import { commitFirst, tableAt } from './first.ts';
import { sizeOf } from './metrics.ts';
import type { CloneRequest, CloneResult } from './types.ts';

/** A clone starts its own history: since when the source had these says nothing about it. */
const OF_ONE_HISTORY = ['delta.inCommitTimestampEnablementVersion', 'delta.inCommitTimestampEnablementTimestamp'];
const CLONES_LOOKED_FOR = 1000;

/** Makes a table of the same rows, schema, properties and features as another one is, or was, in one commit. */
export async function clone(
  room: DeltaRoom,
  source: string,
  location: string,
  request: CloneRequest,
): Promise<CloneResult> {
  if (source === location) throw maintenanceErrors.cloneIntoItself(location);
  const from = await sourceAt(room, source, request);
  const target = await tableAt(room, location);
  const sourceName = request.sourceName ?? source;
  if (target && !request.replace && !(request.mode === 'deep' && (await isCloneOf(room, target, sourceName))))
    throw deltaErrors.alreadyExists(location);

  const root = room.reader.store.uri(location);
  const sourceFiles = await from.files();
  const files = sourceFiles.map((file) =>
    request.mode === 'shallow' ? referred(room.reader.store, source, file) : moved(room, source, file),
  );
  const present = new Map((target ? await target.files() : []).map((file) => [identityOf(file, root), file]));
  const isSame = (file: AddFile) => present.get(identityOf(file, root))?.size === file.size;
  const fresh = files.flatMap((file, index) => (isSame(file) ? [] : [{ file, original: sourceFiles[index]! }]));
  const wanted = new Set(files.map((file) => identityOf(file, root)));
  const removed = [...present].flatMap(([identity, file]) => (wanted.has(identity) ? [] : [file]));
  const adds: AddFile[] = [];
  for (const { file, original } of fresh)
    adds.push(request.mode === 'shallow' ? file : await copied(room, source, original, location, file));

  const isCopy = request.mode === 'deep';
  const metrics = {
    sourceTableSize: (await from.totals()).sizeBytes,
    sourceNumOfFiles: sourceFiles.length,
    numRemovedFiles: removed.length,
    numCopiedFiles: isCopy ? adds.length : 0,
    removedFilesSize: sizeOf(removed),
    copiedFilesSize: isCopy ? sizeOf(adds) : 0,
  };
  const metadata = metadataOf(room, from, target, request);
  const protocol = protocolFor(from.protocol, target?.protocol);
  const domains = domainsOf(from, target);
  const change: Change = {
    operation: 'CLONE',
    operationParameters: {
      source: sourceName,
      sourceVersion: String(from.version),
      isShallow: String(!isCopy),
    },
    operationMetrics: metrics,
    reads: { kind: 'table' },
    adds: adds.map((file) => ({ ...file, dataChange: true })),
    metadata,
    protocol,
    domains,
  };
  if (!target) {
    await commitFirst(room, location, change, request);
    return { version: 0, metrics };
  }
  const isUpToDate =
    adds.length + removed.length + domains.length === 0 &&
    metadata.schemaString === target.metadata.schemaString &&
    JSON.stringify(metadata.configuration) === JSON.stringify(target.metadata.configuration);
  if (isUpToDate) return { version: null, metrics };
  const timestamp = room.clock();
  const removes = removed.map((file) => removeOf(file, timestamp));
  const { version } = await commitChange(room, target, { ...change, removes }, request);
  return { version, metrics };
}

async function sourceAt(room: DeltaRoom, source: string, request: CloneRequest): Promise<ReplayedSnapshot> {
  if (request.sourceVersion !== undefined) return room.cache.atVersion(source, request.sourceVersion);
  const latest = await room.cache.current(source);
  if (request.sourceTimestampMs === undefined) return latest;
  return room.cache.atVersion(source, await versionAt(room.reader, latest, request.sourceTimestampMs));
}

async function isCloneOf(room: DeltaRoom, target: ReplayedSnapshot, sourceName: string): Promise<boolean> {
  const entries = await history(room.reader, target, CLONES_LOOKED_FOR);
  return entries.find(({ operation }) => operation === 'CLONE')?.operationParameters.source === sourceName;
}

/** The file by its path in a copy of the table; its deletion vector is still named as in the source. */
const moved = (room: DeltaRoom, source: string, file: AddFile): AddFile => ({
  ...file,
  path: encodePath(copiedPath(room.reader.store, source, file.path)),
});

async function copied(
  room: DeltaRoom,
  source: string,
  original: AddFile,
  location: string,
  file: AddFile,
): Promise<AddFile> {
  const { store } = room.reader;
  await copyObject(
    store,
    fileKey(source, original.path, store.uri(source), store),
    fileKey(location, file.path, store.uri(location)),
  );
  if (!original.deletionVector) return file;
  return { ...file, deletionVector: await copiedVector(store, source, original.deletionVector, location) };
}

function metadataOf(
  room: DeltaRoom,
  from: ReplayedSnapshot,
  target: ReplayedSnapshot | null,
  request: CloneRequest,
): Metadata {
  const own = Object.entries(from.metadata.configuration).filter(([name]) => !OF_ONE_HISTORY.includes(name));
  return {
    ...from.metadata,
    id: target?.metadata.id ?? room.ids(),
    createdTime: target?.metadata.createdTime ?? room.clock(),
    configuration: { ...Object.fromEntries(own), ...configurationOf(request.properties ?? {}) },
  };
}

/** A target keeps the features that its older versions need. */
function protocolFor(source: Protocol, target: Protocol | undefined): Protocol {
  const names = new Set([...featuresOf(source), ...(target ? featuresOf(target) : [])]);
  const managed = MANAGED.filter((name) => names.delete(name));
  if (!target && !managed.length) return source;
  return protocolOf(names, [...(source.readerFeatures ?? []), ...(target?.readerFeatures ?? [])]);
}

/** Domains of the source (clustering, row ids) become the target's; those that only the target has are removed. */
function domainsOf(from: ReplayedSnapshot, target: ReplayedSnapshot | null): DomainMetadata[] {
  const wanted = [...from.state.domains.values()].filter(
    ({ domain, configuration }) => target?.domain(domain) !== configuration,
  );
  const gone = [...(target?.state.domains.values() ?? [])].filter(({ domain }) => from.domain(domain) === null);
  return [...wanted, ...gone.map((entry) => ({ ...entry, removed: true }))];
}
