import type { Committer } from '@boathouse/contracts';
import type { Protocol } from '../actions/types.ts';
import type { CommittedVersion } from '../checksum/background.ts';
import { deltaErrors } from '../errors.ts';
import { isManaged } from '../log/managed.ts';
import { commitKey, logFolder } from '../log/names.ts';
import { commitKeys, type LogReader, readCommit } from '../log/read.ts';
import type { SnapshotCache } from '../snapshot/cache.ts';

/** What committing needs. */
export interface CommitRoom {
  reader: LogReader;
  committer: Committer;
  /** Commits of catalog-managed tables; null where no catalog is there. */
  catalogCommitter: Committer | null;
  cache: SnapshotCache;
  clock: () => number;
  ids: () => string;
  /** Waits for some time up to the maximum, before another try. */
  pause: (maximumMs: number) => Promise<void>;
  /** Told after every version that this room committed, just these actions, with the table's configuration as it is then. */
  committed(done: CommittedVersion, configuration: Readonly<Record<string, string>>): void;
  /** Whether a version was committed by the transaction. */
  isMine(location: string, version: number, txnId: string): Promise<boolean>;
}

export async function committedBy(reader: LogReader, location: string, version: number): Promise<string | null> {
  const [found] = await commitKeys(reader, location, [version]);
  const key = found?.key ?? commitKey(location, version);
  if (!(await reader.store.head(key)) && !(await reader.store.head(commitKey(location, version)))) return null;
  const info = (await readCommit(reader, key)).find((action) => 'commitInfo' in action)?.commitInfo;
  return info?.txnId ?? '';
}

/** Who gives out the versions of a table. Throws DELTA_UNSUPPORTED_FEATURES_FOR_WRITE where it is a catalog that is not here. */
export function committerOf(room: CommitRoom, location: string, protocol: Protocol): Committer {
  if (!isManaged(protocol)) return room.committer;
  if (!room.catalogCommitter) throw deltaErrors.managedElsewhere(location);
  return room.catalogCommitter;
}

/** `found`: the version is this transaction's, by a try whose answer was lost or which another process made. */
export type Outcome = 'won' | 'found' | 'lost';

/**
 * One try for a version. A committer that fails may still have committed (a lost answer), and one that says "taken" may
 * mean our own earlier try: the log itself tells, by the transaction's id.
 */
export async function publish(
  room: CommitRoom,
  committer: Committer,
  location: string,
  version: number,
  body: string,
  txnId: string,
): Promise<Outcome> {
  try {
    if (await committer.commit(logFolder(location).slice(0, -1), version, Buffer.from(body))) return 'won';
  } catch (error) {
    const owner = await committedBy(room.reader, location, version);
    if (owner === null) throw error;
    return owner === txnId ? 'found' : 'lost';
  }
  return (await room.isMine(location, version, txnId)) ? 'found' : 'lost';
}
