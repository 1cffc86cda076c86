import { deltaErrors } from '../errors.ts';
import { ownTimes } from '../history/times.ts';
import type { LogReader } from '../log/read.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { changeErrors } from './errors.ts';
import type { ChangesRequest } from './types.ts';

export interface ChangeRange {
  fromVersion: number;
  /** One less than `fromVersion`: nothing was committed between the two times. */
  toVersion: number;
}

interface Time {
  version: number;
  timestampMs: number;
}

/** Versions of a request against the latest snapshot, with the checks that Spark makes. */
export async function rangeOf(
  reader: LogReader,
  latest: ReplayedSnapshot,
  request: ChangesRequest,
): Promise<ChangeRange> {
  const { fromVersion, fromTimestampMs, toVersion, toTimestampMs } = request;
  if (fromVersion !== undefined && fromTimestampMs !== undefined) throw changeErrors.twoBounds('start');
  if (toVersion !== undefined && toTimestampMs !== undefined) throw changeErrors.twoBounds('end');
  const byTime = fromTimestampMs !== undefined || toTimestampMs !== undefined;
  const times = byTime ? await ownTimes(reader, latest) : [];
  const from = fromVersion ?? (fromTimestampMs === undefined ? null : firstFrom(times, fromTimestampMs));
  if (from === null) throw changeErrors.noStart();
  if (from > latest.version) throw changeErrors.startAfterLatest(from, latest.version);
  const to = Math.min(toVersion ?? latest.version, latest.version);
  const last = toTimestampMs === undefined ? to : lastUpTo(times, toTimestampMs);
  const isBetween =
    fromTimestampMs !== undefined &&
    toTimestampMs !== undefined &&
    fromTimestampMs <= toTimestampMs &&
    last === from - 1;
  // The given end counts, and not the latest version in its place.
  const wantedEnd = toVersion ?? last;
  if (wantedEnd < from && !isBetween) throw changeErrors.endBeforeStart(from, wantedEnd);
  return { fromVersion: from, toVersion: last };
}

function firstFrom(times: readonly Time[], wantedMs: number): number {
  const found = times.find(({ timestampMs }) => timestampMs >= wantedMs);
  if (!found) throw deltaErrors.timestampTooLate(wantedMs, times.at(-1)?.timestampMs ?? 0);
  return found.version;
}

function lastUpTo(times: readonly Time[], wantedMs: number): number {
  const first = times[0]?.timestampMs ?? 0;
  const last = times.at(-1)?.timestampMs ?? 0;
  if (wantedMs > last) throw deltaErrors.timestampTooLate(wantedMs, last);
  const found = times.findLast(({ timestampMs }) => timestampMs <= wantedMs);
  if (!found) throw deltaErrors.timestampTooEarly(wantedMs, first);
  return found.version;
}
