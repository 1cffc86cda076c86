import { invariant } from '@boathouse/contracts';
import { serializeCommit } from '../actions/schemas.ts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { canonicalPath } from '../log/paths.ts';
import { commitKeys, readCommits } from '../log/read.ts';
import { checkWritable } from '../protocol/check.ts';
import { fileTest } from '../scan/prune.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { CommitProvenance } from '../types.ts';
import { assemble } from './assemble.ts';
import type { Change, Committed } from './change.ts';
import { conflictWith, type Intent, intentOf, isolationOf } from './conflict.ts';
import { type CommitRoom, committerOf, publish } from './publish.ts';

const MAX_ATTEMPTS = 200;
/** From this attempt on a writer waits a moment, so that many at once do not all try the same version again. */
const CALM_ATTEMPTS = 3;
const MAX_WAIT_MS = 40;

/**
 * Optimistic commit of a change to the table as `read`: check, try the next version; where somebody was first, check what
 * they did and try again on top, without reading any data again. Durable when it returns, exactly once by `txn` or `txnId`.
 * Throws DELTA_CONCURRENT_…, DELTA_METADATA_CHANGED and DELTA_PROTOCOL_CHANGED naming both operations,
 * DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, DELTA_CANNOT_MODIFY_APPEND_ONLY; then nothing is committed.
 */
export async function commitChange(
  room: CommitRoom,
  read: ReplayedSnapshot,
  change: Change,
  provenance: Partial<CommitProvenance> = {},
): Promise<Committed> {
  const { location } = read;
  const txnId = provenance.txnId ?? room.ids();
  const root = room.reader.store.uri(location);
  const canonical = (path: string) => canonicalPath(path, root);
  const isolation = isolationOf(change, read.metadata.configuration);
  const predicates = change.reads.kind === 'rows' ? change.reads.predicates : [];
  const intent = intentOf(change, isolation, { canonical, mayMatch: fileTest(read, predicates) });
  checkAllowed(read, change);
  committerOf(room, location, change.protocol ?? read.protocol);
  let base = await room.cache.current(location);
  if (base.version < read.version) throw deltaErrors.versionNotFound(location, read.version, 0, base.version);
  let checked = read.version;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const last = change.txn ? base.txnVersion(change.txn.appId) : null;
    if (change.txn && last !== null && last >= change.txn.version)
      return { version: base.version, alreadyApplied: true };
    if (base.version > checked) {
      const mine = await checkWinners(room, base, checked, intent, txnId);
      if (mine !== null) return { version: mine };
      checked = base.version;
    }
    const version = base.version + 1;
    const actions = assemble({
      location,
      change,
      base,
      provenance,
      isolation,
      txnId,
      timestamp: room.clock(),
    });
    const committer = committerOf(room, location, base.protocol);
    const outcome = await publish(room, committer, location, version, serializeCommit(actions), txnId);
    if (outcome === 'won') {
      const { configuration } = change.metadata ?? base.metadata;
      room.committed({ location, version, base, actions, txnId }, configuration);
    }
    if (outcome !== 'lost') return { version };
    if (attempt >= CALM_ATTEMPTS) await room.pause(MAX_WAIT_MS);
    base = await room.cache.current(location);
  }
  throw deltaErrors.tooManyRetries(change.operation, MAX_ATTEMPTS);
}

/** Checked once: a winner that changed protocol or metadata is a conflict anyway. */
function checkAllowed(read: ReplayedSnapshot, change: Change): void {
  checkWritable(read.location, change.protocol ?? read.protocol);
  const removesRows = change.removes?.some(({ dataChange }) => dataChange) ?? false;
  if (removesRows && read.metadata.configuration['delta.appendOnly'] === 'true')
    throw deltaErrors.appendOnly(read.location);
}

/** Commits in order; those that brought the snapshot up to date are at hand. */
async function* commitsOf(
  room: CommitRoom,
  location: string,
  versions: readonly number[],
): AsyncIterable<{ version: number; actions: readonly Action[] }> {
  const known = versions.map((version) => ({ version, actions: room.cache.commitOf(location, version) }));
  const missing = known.flatMap(({ version, actions }) => (actions ? [] : [version]));
  const read = readCommits(room.reader, await commitKeys(room.reader, location, missing))[Symbol.asyncIterator]();
  for (const { version, actions } of known) {
    if (actions) yield { version, actions };
    else {
      const next = await read.next();
      invariant(!next.done, 'every missing commit is read');
      yield { version, actions: next.value.actions };
    }
  }
}

/** Checks the commits (after, base]. Gives the version that turns out to be this very transaction, else null. */
async function checkWinners(
  room: CommitRoom,
  base: ReplayedSnapshot,
  after: number,
  intent: Intent,
  txnId: string,
): Promise<number | null> {
  const root = room.reader.store.uri(base.location);
  const versions = Array.from({ length: base.version - after }, (_, index) => after + 1 + index);
  for await (const { version, actions } of commitsOf(room, base.location, versions)) {
    if (actions.some((action) => 'commitInfo' in action && action.commitInfo.txnId === txnId)) return version;
    const conflict = conflictWith(intent, { version, actions }, (path) => canonicalPath(path, root));
    if (conflict) throw conflict;
  }
  return null;
}
