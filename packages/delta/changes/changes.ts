import type { Action, AddFile, RemoveFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { commitTimes } from '../history/times.ts';
import { deletionVectorId } from '../log/identity.ts';
import { canonicalPath } from '../log/paths.ts';
import { readCommits } from '../log/read.ts';
import type { DeltaRoom } from '../room.ts';
import { scanOf } from '../scan/relation.ts';
import { parseSchema } from '../schema/json.ts';
import { inCommitTimestamp } from '../snapshot/cache.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { feedColumns } from './columns.ts';
import { incompatibleColumn } from './compatible.ts';
import { changeErrors } from './errors.ts';
import { changesOf, type VersionChanges } from './plan.ts';
import { type ChangeRange, rangeOf } from './range.ts';
import { feedRelation } from './relation.ts';
import type { ChangeFeed, ChangeOperations, ChangesRequest } from './types.ts';

/** Commits before the range whose times may push those inside it, when file times are made to rise. */
const TIMES_BEFORE = 100;

export const createChangeOperations = (room: DeltaRoom): ChangeOperations => ({
  changes: (location, request) => changes(room, location, request),
});

async function changes(room: DeltaRoom, location: string, request: ChangesRequest): Promise<ChangeFeed> {
  const latest = await room.cache.current(location);
  const range = await rangeOf(room.reader, latest, request);
  const isEmpty = range.toVersion < range.fromVersion;
  const end =
    isEmpty || range.toVersion === latest.version ? latest : await room.cache.atVersion(location, range.toVersion);
  const found = isEmpty ? { stored: [], whole: [], rewritten: [] } : await changesIn(room, end, range);
  const columns = feedColumns(end);
  const needed = request.needed ?? columns.map(({ name }) => name);
  const scan = scanOf(room);
  const files = [...found.stored, ...found.whole, ...found.rewritten.map(({ after }) => after)];
  return {
    relation: await feedRelation(scan, end, found, needed, { timeZone: request.timeZone }),
    columns,
    ...range,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
  };
}

async function changesIn(room: DeltaRoom, end: ReplayedSnapshot, range: ChangeRange): Promise<VersionChanges> {
  const { location } = end;
  const { fromVersion, toVersion } = range;
  const start = fromVersion === toVersion ? end : await room.cache.atVersion(location, fromVersion);
  const commits = await commitsOf(room, end, range);
  const root = room.reader.store.uri(location);
  const canonical = (path: string) => canonicalPath(path, root);
  const off: Span[] = [];
  let isOn = recordsChanges(start.metadata.configuration);
  const found: VersionChanges = { stored: [], whole: [], rewritten: [] };
  checkSchema(start.metadata.schemaString, start.metadata.configuration, start.version, end, fromVersion);
  for await (const { version, timestampMs, actions } of readCommits(room.reader, commits)) {
    const metadata = actions.find((action) => 'metaData' in action)?.metaData;
    if (metadata) {
      isOn = recordsChanges(metadata.configuration);
      if (version > fromVersion) checkSchema(metadata.schemaString, metadata.configuration, version, end, fromVersion);
    }
    if (!isOn) {
      extend(off, version);
      continue;
    }
    const known = end.metadata.partitionColumns.length
      ? await withPartitionValues(room, location, version, actions, canonical)
      : actions;
    const own = changesOf(version, inCommitTimestamp(actions) ?? timestampMs, known, canonical);
    found.stored.push(...own.stored);
    found.whole.push(...own.whole);
    found.rewritten.push(...own.rewritten);
  }
  if (off.length) throw changeErrors.notRecorded(location, fromVersion, toVersion, off.map(spanText));
  return found;
}

const recordsChanges = (configuration: Readonly<Record<string, string>>): boolean =>
  configuration['delta.enableChangeDataFeed']?.toLowerCase() === 'true';

/** Commits of a range without a gap. Throws DELTA_VERSION_NOT_FOUND where the log was cleaned up. */
async function commitsOf(room: DeltaRoom, end: ReplayedSnapshot, { fromVersion, toVersion }: ChangeRange) {
  const times = await commitTimes(room.reader, end, Math.max(0, fromVersion - TIMES_BEFORE));
  const commits = times.filter(({ version }) => version >= fromVersion && version <= toVersion);
  for (let index = 0; index <= toVersion - fromVersion; index++) {
    if (commits[index]?.version === fromVersion + index) continue;
    const first = commits[0]?.version;
    if (index === 0) throw deltaErrors.versionNotFound(end.location, fromVersion, first ?? toVersion, toVersion);
    throw deltaErrors.notContiguous(end.location, fromVersion + index);
  }
  return commits;
}

function checkSchema(
  schemaString: string,
  configuration: Readonly<Record<string, string>>,
  version: number,
  end: ReplayedSnapshot,
  fromVersion: number,
): void {
  if (schemaString === end.metadata.schemaString) return;
  const older = { fields: parseSchema(schemaString, end.location), configuration };
  const column = incompatibleColumn(older, { fields: end.fields, configuration: end.metadata.configuration });
  if (column !== null) throw changeErrors.schemaChanged(fromVersion, end.version, version, column);
}

/** Writers may leave the partition values of a removed file out: the version before has them. */
async function withPartitionValues(
  room: DeltaRoom,
  location: string,
  version: number,
  actions: readonly Action[],
  canonical: (path: string) => string,
): Promise<readonly Action[]> {
  const isBare = (action: Action) => 'remove' in action && action.remove.dataChange && !action.remove.partitionValues;
  if (version === 0 || !actions.some(isBare) || actions.some((action) => 'cdc' in action)) return actions;
  const before = await (await room.cache.atVersion(location, version - 1)).files();
  const keyOf = (file: AddFile | RemoveFile) =>
    `${canonical(file.path)}\0${file.deletionVector ? deletionVectorId(file.deletionVector) : ''}`;
  const known = new Map(before.map((file) => [keyOf(file), file]));
  return actions.map((action) => {
    if (!('remove' in action) || action.remove.partitionValues) return action;
    const file = known.get(keyOf(action.remove));
    return file ? { remove: { ...action.remove, partitionValues: file.partitionValues } } : action;
  });
}

interface Span {
  from: number;
  to: number;
}

function extend(spans: Span[], version: number): void {
  const last = spans.at(-1);
  if (last?.to === version - 1) last.to = version;
  else spans.push({ from: version, to: version });
}

const spanText = ({ from, to }: Span): string => (from === to ? `version ${from}` : `versions ${from} to ${to}`);
