import { deltaErrors } from '../errors.ts';
import { type LogReader, listLog, readCommit } from '../log/read.ts';
import { completeCheckpoints } from '../log/segment.ts';
import { inCommitTimestamp } from '../snapshot/cache.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';

export interface CommitTime {
  version: number;
  key: string;
  timestampMs: number;
}

/** True where the table's commits carry their own time. */
export const hasInCommitTimestamps = (snapshot: ReplayedSnapshot): boolean =>
  snapshot.metadata.configuration['delta.enableInCommitTimestamps'] === 'true';

/**
 * Commits of a table with their times, oldest first. File times are made to rise by at least 1 ms a version, as Spark does,
 * because copying a table can shuffle them; a listing that starts in the middle keeps what is asked of it.
 */
export async function commitTimes(
  reader: LogReader,
  snapshot: ReplayedSnapshot,
  fromVersion = 0,
): Promise<CommitTime[]> {
  const files = await listLog(reader, snapshot.location, fromVersion);
  let previous = Number.NEGATIVE_INFINITY;
  return files
    .flatMap(({ key, modifiedMs, file }) =>
      file.kind === 'commit' && file.version <= snapshot.version ? [{ version: file.version, key, modifiedMs }] : [],
    )
    .sort((left, right) => left.version - right.version)
    .map(({ version, key, modifiedMs }) => {
      previous = Math.max(modifiedMs, previous + 1);
      return { version, key, timestampMs: previous };
    });
}

/**
 * The version that was the latest at a time. Throws DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION or
 * DELTA_TIMESTAMP_GREATER_THAN_COMMIT, as Spark does.
 */
export async function versionAt(reader: LogReader, snapshot: ReplayedSnapshot, wantedMs: number): Promise<number> {
  const files = await listLog(reader, snapshot.location, 0);
  const times = await commitTimes(reader, snapshot);
  // Without the commits from 0 on, only versions from the first checkpoint on can be built.
  const firstReadable = times[0]?.version === 0 ? 0 : (completeCheckpoints(files)[0]?.version ?? 0);
  const readable = times.filter(({ version }) => version >= firstReadable);
  if (hasInCommitTimestamps(snapshot)) {
    for (const entry of readable)
      entry.timestampMs = inCommitTimestamp(await readCommit(reader, entry.key)) ?? entry.timestampMs;
  }
  const first = readable[0];
  const last = readable.at(-1);
  if (!first || !last) throw deltaErrors.tableNotFound(snapshot.location);
  if (wantedMs < first.timestampMs) throw deltaErrors.timestampTooEarly(wantedMs, first.timestampMs);
  if (wantedMs > last.timestampMs) throw deltaErrors.timestampTooLate(wantedMs, last.timestampMs);
  return readable.findLast(({ timestampMs }) => timestampMs <= wantedMs)?.version ?? first.version;
}
