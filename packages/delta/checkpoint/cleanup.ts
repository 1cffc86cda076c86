import { isManaged } from '../log/managed.ts';
import { commitKey, logFolder } from '../log/names.ts';
import { listLog } from '../log/read.ts';
import { completeCheckpoints, type ListedFile } from '../log/segment.ts';
import { retentionMs } from '../protocol/properties.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { sidecarsOf } from './read.ts';
import type { CheckpointRoom } from './write.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const LOG_RETENTION_MS = 30 * DAY_MS;

/** Files that may go, oldest first, and the version of the checkpoint that replaces them. */
export interface Expendable {
  keys: string[];
  checkpoint: number;
}

/**
 * PROTOCOL.md "Metadata Cleanup", pure: everything before the newest checkpoint from which each version that is still
 * within the retention can be built. Times of commits rise by at least 1 ms a version, as for time travel; the limit is cut
 * to the day, as Spark cuts it. Null: nothing may go.
 */
export function expendable(files: readonly ListedFile[], nowMs: number, retentionForMs: number): Expendable | null {
  const limit = Math.floor((nowMs - retentionForMs) / DAY_MS) * DAY_MS;
  let previous = Number.NEGATIVE_INFINITY;
  let oldest = -1;
  const commits = files
    .flatMap(({ modifiedMs, file }) => (file.kind === 'commit' ? [{ version: file.version, modifiedMs }] : []))
    .sort((left, right) => left.version - right.version);
  for (const { version, modifiedMs } of commits) {
    previous = Math.max(modifiedMs, previous + 1);
    if (previous > limit) break;
    oldest = version;
  }
  const checkpoint = completeCheckpoints(files).findLast(({ version }) => version <= oldest)?.version;
  if (checkpoint === undefined) return null;
  const keys = files
    .filter(({ file }) => file.version < checkpoint)
    .sort((left, right) => left.file.version - right.file.version)
    .map(({ key }) => key);
  return keys.length ? { keys, checkpoint } : null;
}

/** Removes what `delta.logRetentionDuration` lets go, unless the table's properties or features forbid it. */
export async function cleanLog({ store, engine, clock }: CheckpointRoom, snapshot: ReplayedSnapshot): Promise<number> {
  const { location, metadata, protocol } = snapshot;
  const { configuration } = metadata;
  if (configuration['delta.enableExpiredLogCleanup'] === 'false') return 0;
  const features = protocol.writerFeatures ?? [];
  // Its log belongs to the catalog; only what lost its race and was left behind is nobody's.
  if (isManaged(protocol)) return cleanStaged({ store, clock }, snapshot);
  const retention = retentionMs(configuration, 'delta.logRetentionDuration', LOG_RETENTION_MS);
  const reader = { store, engine };
  const found = expendable(await listLog(reader, location, 0), clock(), retention);
  if (!found) return 0;
  // PROTOCOL.md "Checkpoint Protection": history before that version goes as a whole or not at all.
  const protectedBefore = Number(configuration['delta.requireCheckpointProtectionBeforeVersion'] ?? 0);
  if (features.includes('checkpointProtection') && found.checkpoint < protectedBefore) return 0;
  for (const key of found.keys) await store.delete(key);
  if (features.includes('v2Checkpoint')) await cleanSidecars({ store, engine, clock }, location);
  return found.keys.length;
}

/** Staged commits older than a day whose version is published: by them, or by the one that won. */
async function cleanStaged(
  { store, clock }: Pick<CheckpointRoom, 'store' | 'clock'>,
  { location }: ReplayedSnapshot,
): Promise<number> {
  let removed = 0;
  const folder = `${logFolder(location)}_staged_commits/`;
  for await (const { key, modifiedMs } of store.list(folder)) {
    const version = Number(key.slice(folder.length, folder.length + 20));
    if (modifiedMs >= clock() - DAY_MS || !(await store.head(commitKey(location, version)))) continue;
    await store.delete(key);
    removed++;
  }
  return removed;
}

/** Sidecars that no checkpoint names, older than a day: younger ones may be of a checkpoint that is being written. */
async function cleanSidecars({ store, engine, clock }: CheckpointRoom, location: string): Promise<void> {
  const reader = { store, engine };
  const named = new Set<string>();
  for (const checkpoint of completeCheckpoints(await listLog(reader, location, 0))) {
    for (const key of await sidecarsOf(reader, location, checkpoint)) named.add(key);
  }
  for await (const { key, modifiedMs } of store.list(`${logFolder(location)}_sidecars/`)) {
    if (!named.has(key) && modifiedMs < clock() - DAY_MS) await store.delete(key);
  }
}
