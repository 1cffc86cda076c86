import type { BoathouseError } from '@boathouse/contracts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';

/** What a commit rests on. `removes` holds canonical paths. */
export interface Intent {
  operation: string;
  blindAppend: boolean;
  /** Whether the work read the table's rows. */
  readsTable: boolean;
  removes: ReadonlySet<string>;
  changesMetadata: boolean;
  appId?: string;
}

export interface Winner {
  version: number;
  actions: readonly Action[];
}

/**
 * Spark's conflict checker, in its order, at its default isolation (WriteSerializable): blind appends of others never
 * disturb, unless this commit changes the table's metadata. Null: the work may be committed on top of the winner.
 */
export function conflictWith(
  intent: Intent,
  winner: Winner,
  canonical: (path: string) => string,
): BoathouseError | null {
  const info = winner.actions.find((action) => 'commitInfo' in action)?.commitInfo;
  const theirs = info?.operation ?? 'another writer';
  const fail = (code: string, why: string) => deltaErrors.conflict(code, intent.operation, theirs, winner.version, why);
  const has = (kind: string) => winner.actions.some((action) => kind in action);

  if (has('protocol')) return fail('DELTA_PROTOCOL_CHANGED', "changed the table's protocol");
  if (has('metaData'))
    return fail('DELTA_METADATA_CHANGED', "changed the table's metadata (schema, partitioning or properties)");
  const appId = intent.appId;
  if (appId !== undefined && winner.actions.some((action) => 'txn' in action && action.txn.appId === appId)) {
    return fail('DELTA_CONCURRENT_TRANSACTION', `is a transaction of the same application (${appId})`);
  }
  const isBlind = info?.isBlindAppend === true && !has('remove');
  const adds = winner.actions.some((action) => 'add' in action && action.add.dataChange);
  if (adds && intent.readsTable && (!isBlind || intent.changesMetadata)) {
    return fail('DELTA_CONCURRENT_APPEND', 'added rows that this operation should have read');
  }
  const removed = winner.actions.flatMap((action) => ('remove' in action ? [canonical(action.remove.path)] : []));
  if (removed.some((path) => intent.removes.has(path)))
    return fail('DELTA_CONCURRENT_DELETE_DELETE', 'removed files that this operation removes too');
  if (removed.length && intent.readsTable)
    return fail('DELTA_CONCURRENT_DELETE_READ', 'removed rows that this operation read');
  return null;
}
