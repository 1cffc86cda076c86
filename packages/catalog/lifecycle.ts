import type { MissingPrivilege } from './access.ts';

/** How long an unfinished creation, or somebody's work on a removal, holds without news. */
export const leaseMs = 30_000;

/**
 * A table is reserved (its name is taken, nobody sees it) before version 0 is in its log, and published after. Dropping
 * takes the row away at once and leaves its folder to the list of removals.
 */
export type TableState = 'reserved' | 'published';

export interface LeaseFacts {
  leaseUntilMs: number | null;
  nowMs: number;
  /** The run that makes the table has not ended. */
  runAlive: boolean;
  /** The log holds version 0. */
  versionZero: boolean;
}

export type LeaseAction =
  /** The lease still holds, or nobody asked for one. */
  | { action: 'wait' }
  /** The run is at work: another lease. */
  | { action: 'renew'; leaseUntilMs: number }
  /** The commit was made and its news lost. */
  | { action: 'publish' }
  /** Nothing was made: the name becomes free, the folder goes. */
  | { action: 'undo' };

/** What the sweeper does with a reserved table. */
export function sweepReserved(facts: LeaseFacts): LeaseAction {
  if (facts.leaseUntilMs !== null && facts.leaseUntilMs > facts.nowMs) return { action: 'wait' };
  // A living run reports its commit itself; publishing under it would only race with that.
  if (facts.runAlive) return { action: 'renew', leaseUntilMs: facts.nowMs + leaseMs };
  return facts.versionZero ? { action: 'publish' } : { action: 'undo' };
}

/**
 * Storage keys of managed objects carry ids and never names, so that a rename moves nothing. A table's is the key of its
 * folder, a volume's the prefix of its files with '/' at its end.
 */
export const tableLocation = (workspaceId: string, tableId: string): string => `tables/${workspaceId}/${tableId}`;
export const volumeLocation = (workspaceId: string, volumeId: string): string => `volumes/${workspaceId}/${volumeId}/`;

/** Says what is missing and who can give it. */
export function askMessage(lacking: MissingPrivilege, owner: string): string {
  const { securable, privilege } = lacking;
  const what = securable.kind === 'metastore' ? 'this workspace' : `${securable.kind} ${securable.fullName}`;
  const whom =
    securable.kind === 'metastore'
      ? 'an administrator'
      : owner === ''
        ? 'an administrator'
        : `its owner ${owner}, or an administrator,`;
  return `You need ${privilege} on ${what}. Ask ${whom} to grant it.`;
}
