import type { BoathouseError } from '@boathouse/contracts';
import type { Action, AddFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import type { Change } from './change.ts';

/** How much of what others do in the meantime may be overlooked: Spark's levels. */
export type Isolation = 'Serializable' | 'WriteSerializable' | 'SnapshotIsolation';

/** What a commit rests on, ready to be held against what others committed. Paths are canonical. */
export interface Intent {
  operation: string;
  isolation: Isolation;
  /** Whether the work read a row that the file may hold. */
  readsRowsOf(file: AddFile): boolean;
  /** Whether the work read the file itself. */
  readsFile(path: string): boolean;
  removes: ReadonlySet<string>;
  revives: boolean;
  changesMetadata: boolean;
  domains: ReadonlySet<string>;
  appId?: string;
}

export interface Winner {
  version: number;
  actions: readonly Action[];
}

/** Domains whose values a later commit can work out anew from the winner's. */
const RESOLVABLE_DOMAINS = new Set(['delta.rowTracking']);

/** Isolation of a commit: rows that only move disturb nobody, else the table's own level; by default Serializable, as in Delta Lake. */
export function isolationOf(
  change: Pick<Change, 'dataChange'>,
  configuration: Readonly<Record<string, string>>,
): Isolation {
  if (change.dataChange === false) return 'SnapshotIsolation';
  const level = configuration['delta.isolationLevel']?.toLowerCase();
  return level === 'writeserializable' ? 'WriteSerializable' : 'Serializable';
}

/** The rule of Spark's `isBlindAppend`: only adds, and nothing was read for them. */
export const isBlindAppend = (change: Change): boolean => change.reads.kind === 'nothing' && !change.removes?.length;

export function intentOf(
  change: Change,
  isolation: Isolation,
  tools: { canonical(path: string): string; mayMatch(file: AddFile): boolean },
): Intent {
  const { reads } = change;
  const paths = 'paths' in reads ? new Set([...reads.paths].map(tools.canonical)) : null;
  return {
    operation: change.operation,
    isolation,
    readsRowsOf: (file) => reads.kind === 'table' || (reads.kind === 'rows' && tools.mayMatch(file)),
    readsFile: (path) => reads.kind === 'table' || (paths?.has(path) ?? false),
    removes: new Set((change.removes ?? []).map(({ path }) => tools.canonical(path))),
    revives: change.revives ?? false,
    changesMetadata: change.metadata !== undefined || change.protocol !== undefined,
    domains: new Set((change.domains ?? []).map(({ domain }) => domain)),
    ...(change.txn ? { appId: change.txn.appId } : {}),
  };
}

/**
 * Spark's conflict checker, in its order. Null: the work may be committed on top of the winner. Blind appends of others
 * disturb only at Serializable, or where this commit changes the table's metadata.
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

  if (intent.revives && info?.operation?.startsWith('VACUUM'))
    return fail('DELTA_CONCURRENT_DELETE_READ', 'may have removed files that this operation brings back');

  const isBlind = info?.isBlindAppend === true && !has('remove');
  const ignoresAdds =
    intent.isolation === 'SnapshotIsolation' ||
    (intent.isolation === 'WriteSerializable' && isBlind && !intent.changesMetadata);
  for (const action of ignoresAdds ? [] : winner.actions) {
    if ('add' in action && action.add.dataChange && intent.readsRowsOf(action.add))
      return fail('DELTA_CONCURRENT_APPEND', 'added rows that this operation should have read');
  }
  for (const action of winner.actions) {
    if (!('remove' in action)) continue;
    const path = canonical(action.remove.path);
    if (intent.removes.has(path))
      return fail('DELTA_CONCURRENT_DELETE_DELETE', 'removed files that this operation removes too');
    if (intent.readsFile(path)) return fail('DELTA_CONCURRENT_DELETE_READ', 'removed rows that this operation read');
  }
  for (const action of winner.actions) {
    if ('txn' in action && action.txn.appId === intent.appId)
      return fail('DELTA_CONCURRENT_TRANSACTION', `is a transaction of the same application (${intent.appId})`);
    if ('domainMetadata' in action && !RESOLVABLE_DOMAINS.has(action.domainMetadata.domain)) {
      if (intent.domains.has(action.domainMetadata.domain))
        return fail('DELTA_METADATA_CHANGED', `changed the same metadata domain (${action.domainMetadata.domain})`);
    }
  }
  return null;
}
