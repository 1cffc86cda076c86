import { setTimeout as wait } from 'node:timers/promises';
import { invariant } from '@boathouse/contracts';
import { serializeCommit } from '../actions/schemas.ts';
import type { Action, RemoveFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { hasInCommitTimestamps } from '../history/times.ts';
import { commitKey } from '../log/names.ts';
import { canonicalPath } from '../log/paths.ts';
import { readCommits } from '../log/read.ts';
import { checkWritable } from '../protocol/check.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { CommitRequest, CommitResult } from '../types.ts';
import { commitInfoOf, definedTable, metricsOf, removeOf } from './actions.ts';
import { conflictWith, type Intent } from './conflict.ts';
import { type CommitRoom, publish } from './publish.ts';

const MAX_ATTEMPTS = 200;
/** From this attempt on a writer waits a moment, so that many at once do not all try the same version again. */
const CALM_ATTEMPTS = 3;
const MAX_WAIT_MS = 40;

/**
 * Optimistic commit: read, check, try the next version; where somebody was first, check what they did and try again on top.
 * Throws DELTA_CONCURRENT_… and DELTA_METADATA_CHANGED naming both operations, DELTA_UNSUPPORTED_FEATURES_FOR_WRITE.
 */
export async function commitTo(room: CommitRoom, location: string, request: CommitRequest): Promise<CommitResult> {
  const txnId = request.txnId ?? room.ids();
  let base = await room.cache.current(location);
  const read =
    request.readVersion === undefined || request.readVersion >= base.version
      ? base
      : await room.cache.atVersion(location, request.readVersion);
  const plan = await planOf(room, read, request);
  let checked = read.version;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    if (alreadyCommitted(base, request)) return { version: base.version, alreadyApplied: true };
    checkWritable(location, base.protocol, { configuration: base.metadata.configuration, fields: base.fields });
    if (base.version > checked) {
      const mine = await checkWinners(room, base, checked, plan.intent, txnId);
      if (mine !== null) return { version: mine };
      checked = base.version;
    }
    const version = base.version + 1;
    const timestamp = room.clock();
    const info = commitInfoOf({
      operation: request.operation,
      parameters: { ...plan.parameters, ...request.operationParameters },
      metrics: metricsOf(request.adds, plan.removes, request.operationMetrics),
      provenance: request,
      txnId,
      timestamp,
      inCommitTimestamp: hasInCommitTimestamps(base) ? Math.max(timestamp, base.timestampMs + 1) : null,
      readVersion: base.version,
      blindAppend: plan.intent.blindAppend,
    });
    const txn: Action[] = request.txn ? [{ txn: { ...request.txn, lastUpdated: timestamp } }] : [];
    const body = serializeCommit([
      info,
      ...plan.table,
      ...txn,
      ...plan.removes.map((remove) => ({ remove })),
      ...request.adds.map((add) => ({ add })),
    ]);
    if ((await publish(room, location, version, body, txnId)) === 'won') {
      room.committed(location, version, base.metadata.configuration);
      return { version };
    }
    if (attempt >= CALM_ATTEMPTS) await wait(Math.random() * MAX_WAIT_MS);
    base = await room.cache.current(location);
  }
  throw deltaErrors.tooManyRetries(request.operation, MAX_ATTEMPTS);
}

interface Plan {
  intent: Intent;
  removes: RemoveFile[];
  /** Protocol and metadata of a replaced table. */
  table: Action[];
  parameters: Record<string, unknown>;
}

async function planOf(room: CommitRoom, read: ReplayedSnapshot, request: CommitRequest): Promise<Plan> {
  const isAppend = request.mode === 'append';
  const blindAppend = isAppend && (request.blindAppend ?? true);
  const removes = isAppend ? [] : (await read.files()).map((file) => removeOf(file, room.clock()));
  if (removes.length && read.metadata.configuration['delta.appendOnly'] === 'true')
    throw deltaErrors.appendOnly(read.location);
  const table: Action[] = [];
  if (request.mode === 'replace') {
    invariant(request.definition, 'a replace has a definition');
    const identity = { id: read.metadata.id, createdTime: read.metadata.createdTime ?? room.clock() };
    const { metadata, protocol } = definedTable(request.definition, identity, read.protocol);
    if (protocol !== read.protocol) table.push({ protocol });
    table.push({ metaData: metadata });
  }
  const root = room.reader.store.engineUri(read.location);
  return {
    removes,
    table,
    intent: {
      operation: request.operation,
      blindAppend,
      readsTable: !blindAppend,
      removes: new Set(removes.map(({ path }) => canonicalPath(path, root))),
      changesMetadata: table.length > 0,
      ...(request.txn ? { appId: request.txn.appId } : {}),
    },
    // A replaced table is described as a created one is.
    parameters: isAppend ? { mode: 'Append' } : request.mode === 'replace' ? {} : { mode: 'Overwrite' },
  };
}

const alreadyCommitted = (base: ReplayedSnapshot, request: CommitRequest): boolean => {
  const last = request.txn ? base.txnVersion(request.txn.appId) : null;
  return last !== null && request.txn !== undefined && last >= request.txn.version;
};

/** Checks the commits (after, base]. Gives the version that turns out to be this very transaction, else null. */
async function checkWinners(
  room: CommitRoom,
  base: ReplayedSnapshot,
  after: number,
  intent: Intent,
  txnId: string,
): Promise<number | null> {
  const root = room.reader.store.engineUri(base.location);
  const versions = Array.from({ length: base.version - after }, (_, index) => after + 1 + index);
  const commits = versions.map((version) => ({ version, key: commitKey(base.location, version) }));
  for await (const { version, actions } of readCommits(room.reader, commits)) {
    if (actions.some((action) => 'commitInfo' in action && action.commitInfo.txnId === txnId)) return version;
    const conflict = conflictWith(intent, { version, actions }, (path) => canonicalPath(path, root));
    if (conflict) throw conflict;
  }
  return null;
}
