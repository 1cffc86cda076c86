import type { Privilege, SecurableKind } from '@boathouse/contracts';

interface PrivilegeRow {
  /** Kinds on which the privilege says something by itself. */
  appliesTo: readonly SecurableKind[];
  /** Kinds on which it may be granted: where it applies, and above, where it holds for all that lies below. */
  grantableOn: readonly SecurableKind[];
  /** False: `ALL PRIVILEGES` does not imply it. */
  inAll: boolean;
}

const everywhere = ['metastore', 'catalog', 'schema', 'table', 'volume'] as const;
const containers = ['catalog', 'schema'] as const;

/** Unity Catalog's privileges. A privilege that is missing here is a compile error. */
export const privilegeTable: Record<Privilege, PrivilegeRow> = {
  'ALL PRIVILEGES': { appliesTo: everywhere, grantableOn: ['catalog', 'schema', 'table', 'volume'], inAll: true },
  BROWSE: { appliesTo: ['catalog', 'schema', 'table', 'volume'], grantableOn: ['catalog'], inAll: true },
  'USE CATALOG': { appliesTo: ['catalog'], grantableOn: ['catalog'], inAll: true },
  'USE SCHEMA': { appliesTo: ['schema'], grantableOn: containers, inAll: true },
  'CREATE CATALOG': { appliesTo: ['metastore'], grantableOn: ['metastore'], inAll: true },
  'CREATE SCHEMA': { appliesTo: ['catalog'], grantableOn: ['catalog'], inAll: true },
  'CREATE TABLE': { appliesTo: ['schema'], grantableOn: containers, inAll: true },
  'CREATE VOLUME': { appliesTo: ['schema'], grantableOn: containers, inAll: true },
  'CREATE FUNCTION': { appliesTo: ['schema'], grantableOn: containers, inAll: true },
  EXECUTE: { appliesTo: ['schema'], grantableOn: containers, inAll: true },
  SELECT: { appliesTo: ['table'], grantableOn: ['catalog', 'schema', 'table'], inAll: true },
  MODIFY: { appliesTo: ['table'], grantableOn: ['catalog', 'schema', 'table'], inAll: true },
  'READ VOLUME': { appliesTo: ['volume'], grantableOn: ['catalog', 'schema', 'volume'], inAll: true },
  'WRITE VOLUME': { appliesTo: ['volume'], grantableOn: ['catalog', 'schema', 'volume'], inAll: true },
  MANAGE: {
    appliesTo: ['catalog', 'schema', 'table', 'volume'],
    grantableOn: ['catalog', 'schema', 'table', 'volume'],
    inAll: false,
  },
};

const all = Object.keys(privilegeTable) as Privilege[];

/** Privileges that may be granted on a kind, in the order in which pages list them. */
export const grantablePrivileges = (kind: SecurableKind): Privilege[] =>
  all.filter((it) => privilegeTable[it].grantableOn.includes(kind));

export const isGrantable = (privilege: Privilege, kind: SecurableKind): boolean =>
  privilegeTable[privilege].grantableOn.includes(kind);

/** True where holding `held` gives `wanted`. */
export const implies = (held: Privilege, wanted: Privilege): boolean =>
  held === wanted || (held === 'ALL PRIVILEGES' && privilegeTable[wanted].inAll);
