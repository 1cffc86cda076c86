import type { Grant, Principal, Privilege, SecurableKind } from '@boathouse/contracts';
import { implies, privilegeTable } from './privileges.ts';

/** The group of all members of the workspace. */
export const everybody = 'account users';

/** One securable on the way from the metastore down. `fullName` of the metastore is `metastore`. */
export interface Securable {
  kind: SecurableKind;
  id: string;
  fullName: string;
  ownerId: string;
}

export interface GrantEntry {
  kind: SecurableKind;
  securableId: string;
  principalId: string;
  privilege: Privilege;
}

/**
 * Securables from the outside in: metastore, catalog, schema, and last the table or volume asked about. `grants` are those
 * made on any of them, of whomever; entries on other securables are ignored.
 */
export interface Chain {
  securables: readonly Securable[];
  grants: readonly GrantEntry[];
}

const target = (chain: Chain): Securable => {
  const last = chain.securables.at(-1);
  if (!last) throw new Error('Invariant broken: a chain has at least the metastore');
  return last;
};

const isOf = (grant: GrantEntry, who: Principal): boolean =>
  grant.principalId === who.userId || grant.principalId === everybody;

/** True where a grant to the principal, on the securable or above it, gives the privilege. */
function granted(who: Principal, chain: Chain, privilege: Privilege): boolean {
  const ids = new Set(chain.securables.map((it) => it.id));
  return chain.grants.some(
    (grant) => ids.has(grant.securableId) && isOf(grant, who) && implies(grant.privilege, privilege),
  );
}

/**
 * The rule for one privilege on the last securable of the chain, without the USE privileges above it. Administrators hold
 * everything. An owner holds everything on what they own; on what lies inside it only MANAGE, with which they can grant
 * themselves more. A grant holds for everything below.
 */
export function holds(who: Principal, chain: Chain, privilege: Privilege): boolean {
  if (who.admin) return true;
  if (target(chain).ownerId === who.userId) return true;
  if (privilege === 'MANAGE' && chain.securables.some((it) => it.ownerId === who.userId)) return true;
  return granted(who, chain, privilege);
}

export interface MissingPrivilege {
  privilege: Privilege;
  securable: Securable;
}

const upTo = (chain: Chain, count: number): Chain => ({
  securables: chain.securables.slice(0, count),
  grants: chain.grants,
});

/**
 * The first privilege that is missing for doing what `privilege` allows, from the outside in: USE CATALOG, USE SCHEMA, then
 * the privilege itself. Null where nothing is missing. MANAGE and BROWSE need no USE: they open metadata only.
 */
export function missing(who: Principal, chain: Chain, privilege: Privilege): MissingPrivilege | null {
  if (who.admin) return null;
  if (privilege !== 'MANAGE' && privilege !== 'BROWSE') {
    for (const [index, securable] of chain.securables.entries()) {
      const use = securable.kind === 'catalog' ? 'USE CATALOG' : securable.kind === 'schema' ? 'USE SCHEMA' : null;
      if (use && !holds(who, upTo(chain, index + 1), use)) return { privilege: use, securable };
    }
  }
  return holds(who, chain, privilege) ? null : { privilege, securable: target(chain) };
}

/**
 * True where the principal may know of the last securable: an owner of it or of what it lies in, or a holder of any privilege
 * that says something on it or, granted above it, on what lies in it. What lies inside may make a container visible too: the caller adds that.
 */
export function visible(who: Principal, chain: Chain): boolean {
  if (who.admin) return true;
  if (chain.securables.some((it) => it.ownerId === who.userId)) return true;
  const { kind } = target(chain);
  const ids = new Set(chain.securables.map((it) => it.id));
  return chain.grants.some(
    (grant) =>
      ids.has(grant.securableId) &&
      isOf(grant, who) &&
      (grant.securableId === target(chain).id || appliesBelow(grant.privilege, kind)),
  );
}

/** The grants in force on the last securable, each with the securable that it was made on. */
export function effectiveGrants(chain: Chain, nameOf: (principalId: string) => string): Grant[] {
  const self = target(chain);
  const byId = new Map(chain.securables.map((it) => [it.id, it]));
  return chain.grants.flatMap((grant): Grant[] => {
    const made = byId.get(grant.securableId);
    if (!made) return [];
    const own = made.id === self.id;
    if (!own && !appliesBelow(grant.privilege, self.kind)) return [];
    return [
      {
        principal: nameOf(grant.principalId),
        privilege: grant.privilege,
        kind: made.kind,
        fullName: made.fullName,
        ...(own ? {} : { inheritedFrom: made.fullName }),
      },
    ];
  });
}

// What a grant above means on this kind or on what lies in it: SELECT on a catalog is in force on its schemas too.
const inside: Record<SecurableKind, readonly SecurableKind[]> = {
  metastore: ['metastore', 'catalog', 'schema', 'table', 'volume'],
  catalog: ['catalog', 'schema', 'table', 'volume'],
  schema: ['schema', 'table', 'volume'],
  table: ['table'],
  volume: ['volume'],
};
const appliesBelow = (privilege: Privilege, kind: SecurableKind): boolean =>
  inside[kind].some((it) => privilegeTable[privilege].appliesTo.includes(it));
