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

const READ_AT_ONCE = 16;

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

/** PROTOCOL.md "In-Commit Timestamps": from which version on commits carry their own time, and the time of that version. */
function enablement({ metadata: { configuration } }: ReplayedSnapshot): { version: number; timestampMs: number } {
  const version = Number(configuration['delta.inCommitTimestampEnablementVersion']);
  const timestampMs = Number(configuration['delta.inCommitTimestampEnablementTimestamp']);
  // Without these properties the table has had them from its first commit on.
  if (!Number.isInteger(version) || !Number.isFinite(timestampMs))
    return { version: 0, timestampMs: Number.NEGATIVE_INFINITY };
  return { version, timestampMs };
}

/**
 * The version that was the latest at a time. Where commits carry their own times those count, from their enablement on;
 * before it, and without them, the times of files do. Throws DELTA_TIMESTAMP_EARLIER_THAN_COMMIT_RETENTION or
 * DELTA_TIMESTAMP_GREATER_THAN_COMMIT, as Spark does.
 */
export async function versionAt(reader: LogReader, snapshot: ReplayedSnapshot, wantedMs: number): Promise<number> {
  const files = await listLog(reader, snapshot.location, 0);
  const times = await commitTimes(reader, snapshot);
  // Without the commits from 0 on, only versions from the first checkpoint on can be built.
  const firstReadable = times[0]?.version === 0 ? 0 : (completeCheckpoints(files)[0]?.version ?? 0);
  let readable = times.filter(({ version }) => version >= firstReadable);
  const timeOf = timesBySource(reader, snapshot);
  if (hasInCommitTimestamps(snapshot)) {
    const since = enablement(snapshot);
    const own = wantedMs >= since.timestampMs;
    const part = readable.filter(({ version }) => version >= since.version === own);
    // Asked for a time before the enablement, and nothing of that age is left.
    if (part.length) readable = part;
  }
  const [first, last] = [readable[0], readable.at(-1)];
  if (!first || !last) throw deltaErrors.tableNotFound(snapshot.location);
  const [firstMs, lastMs] = [await timeOf(first), await timeOf(last)];
  if (wantedMs < firstMs) throw deltaErrors.timestampTooEarly(wantedMs, firstMs);
  if (wantedMs > lastMs) {
    // Between the last time of a file and the first time of a commit's own, the last of the files was the latest.
    if (last.version < snapshot.version) return last.version;
    throw deltaErrors.timestampTooLate(wantedMs, lastMs);
  }
  // Times rise with versions, so that few commits are read.
  let [low, high] = [0, readable.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((await timeOf(readable[middle]!)) <= wantedMs) low = middle;
    else high = middle - 1;
  }
  return readable[low]!.version;
}

/** Times of commits, oldest first: their own where they carry one, from the enablement on. */
export async function ownTimes(reader: LogReader, snapshot: ReplayedSnapshot): Promise<CommitTime[]> {
  const times = await commitTimes(reader, snapshot);
  const timeOf = timesBySource(reader, snapshot);
  const found: CommitTime[] = [];
  for (let start = 0; start < times.length; start += READ_AT_ONCE) {
    const some = times.slice(start, start + READ_AT_ONCE);
    found.push(...(await Promise.all(some.map(async (entry) => ({ ...entry, timestampMs: await timeOf(entry) })))));
  }
  return found;
}

/** A commit's time: its own from the enablement on, else its file's. */
function timesBySource(reader: LogReader, snapshot: ReplayedSnapshot): (entry: CommitTime) => Promise<number> {
  if (!hasInCommitTimestamps(snapshot)) return async ({ timestampMs }) => timestampMs;
  const since = enablement(snapshot).version;
  return async ({ version, key, timestampMs }) =>
    version < since ? timestampMs : (inCommitTimestamp(await readCommit(reader, key)) ?? timestampMs);
}
