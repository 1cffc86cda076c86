import { BoathouseError } from '@boathouse/contracts';
import { serializeCommit } from '../actions/schemas.ts';
import { assemble } from '../commit/assemble.ts';
import type { Change } from '../commit/change.ts';
import { isolationOf } from '../commit/conflict.ts';
import { publish } from '../commit/publish.ts';
import { deltaErrors } from '../errors.ts';
import { checkWritable } from '../protocol/check.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { CommitProvenance } from '../types.ts';

/** The table at a location, or null where none is. */
export async function tableAt(room: DeltaRoom, location: string): Promise<ReplayedSnapshot | null> {
  try {
    return await room.cache.current(location);
  } catch (error) {
    if (error instanceof BoathouseError && error.code === 'DELTA_TABLE_NOT_FOUND') return null;
    throw error;
  }
}

/** Commits version 0 of a table that is made of files which are there. Throws DELTA_TABLE_ALREADY_EXISTS. */
export async function commitFirst(
  room: DeltaRoom,
  location: string,
  change: Change,
  provenance: Partial<CommitProvenance>,
): Promise<void> {
  if (change.protocol) checkWritable(location, change.protocol);
  const txnId = provenance.txnId ?? room.ids();
  const isolation = isolationOf(change, change.metadata?.configuration ?? {});
  const timestamp = room.clock();
  const actions = assemble({ location, change, base: null, provenance, isolation, txnId, timestamp });
  if ((await publish(room, room.committer, location, 0, serializeCommit(actions), txnId)) === 'lost')
    throw deltaErrors.alreadyExists(location);
}
