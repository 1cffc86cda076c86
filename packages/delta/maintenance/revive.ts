import type { Action, AddFile, CommitInfo } from '../actions/types.ts';
import { commitTimes } from '../history/times.ts';
import { canonicalPath } from '../log/paths.ts';
import { readCommits } from '../log/read.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { maintenanceErrors } from './errors.ts';

/** A vacuum that has not said its end for so long has died. */
const VACUUM_MS = 24 * 60 * 60 * 1000;

/**
 * VACUUM and RESTORE see each other by the log: a vacuum looks again at what is live once its START is committed, and a restore
 * fails where a vacuum was committed in the meantime. What is left is the vacuum that began before the restore read the table
 * and has not ended: then only files that it does not remove may come back. Throws DELTA_CONCURRENT_DELETE_READ.
 */
export async function checkNoVacuum(
  room: DeltaRoom,
  latest: ReplayedSnapshot,
  files: readonly AddFile[],
): Promise<void> {
  if (!files.length) return;
  const since = room.clock() - VACUUM_MS;
  const times = (await commitTimes(room.reader, latest)).filter(({ timestampMs }) => timestampMs >= since);
  const open: CommitInfo[] = [];
  for await (const { actions } of readCommits(room.reader, times)) {
    const info = infoOf(actions);
    if (info?.operation === 'VACUUM START') open.push(info);
    // Of several at once nobody knows whose end it is: the earliest one is taken to go on.
    if (info?.operation === 'VACUUM END') open.pop();
  }
  if (!open.length) return;
  const before = Math.max(...open.map(limitOf));
  const root = room.reader.store.uri(latest.location);
  const removed = new Map<string, number>();
  for (const { path, deletionTimestamp } of await latest.tombstones())
    removed.set(canonicalPath(path, root), deletionTimestamp ?? 0);
  const endangered = files.find(({ path }) => (removed.get(canonicalPath(path, root)) ?? 0) < before);
  if (endangered) throw maintenanceErrors.vacuumUnderWay(endangered.path);
}

const infoOf = (actions: readonly Action[]): CommitInfo | undefined =>
  actions.find((action) => 'commitInfo' in action)?.commitInfo;

/** Files removed from the table before that time are what the vacuum removes; without a word about it, all. */
function limitOf({ timestamp, operationParameters: told = {} }: CommitInfo): number {
  const retention = Number(told.specifiedRetentionMillis ?? told.defaultRetentionMillis);
  return timestamp !== undefined && Number.isFinite(retention) ? timestamp - retention : Number.POSITIVE_INFINITY;
}
