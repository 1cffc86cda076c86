import { type Chain, everybody, fullNameOf, type GrantEntry, nameKey, type Securable } from '@boathouse/catalog';
import { type Principal, Privilege, SecurableKind } from '@boathouse/contracts';
import { z } from 'zod';
import type { Queryable } from './db.ts';
import { CatalogRecord, SchemaRecord, TableRecord, VolumeRecord } from './records.ts';

/** A securable with what it lies in and the grants on that way. */
export interface LoadedChain extends Chain {
  catalog: CatalogRecord;
  schema: SchemaRecord | null;
  table: TableRecord | null;
  volume: VolumeRecord | null;
  /** E-mail of the owner of the last securable; empty where the person is gone. */
  owner: string;
  /** The same for catalog, schema and what lies in it, as far as the chain goes. */
  owners: string[];
}

/** The chains of what the last securable lies in. */
export function chainsAbove(chain: LoadedChain): { catalog: LoadedChain; schema: LoadedChain } | null {
  if (!chain.schema || (!chain.table && !chain.volume)) return null;
  const cut = (count: number, schema: SchemaRecord | null): LoadedChain => ({
    ...chain,
    schema,
    table: null,
    volume: null,
    owners: chain.owners.slice(0, count),
    owner: chain.owners[count - 1] ?? '',
    // The metastore comes before the catalog.
    securables: chain.securables.slice(0, count + 1),
  });
  return { catalog: cut(1, null), schema: cut(2, chain.schema) };
}

export type NamedKind = Exclude<SecurableKind, 'metastore'>;

interface Row {
  catalog: unknown;
  schema: unknown;
  item: unknown;
  owners: unknown;
  grants: unknown;
}

const GrantRow = z.object({ k: SecurableKind, s: z.string(), p: z.string(), r: Privilege });

const from: Record<NamedKind, { join: string; schema: boolean; item: boolean }> = {
  catalog: { join: '', schema: false, item: false },
  schema: { join: 'JOIN schema s ON s."catalogId" = c.id', schema: true, item: false },
  table: {
    join: `JOIN schema s ON s."catalogId" = c.id JOIN "table" x ON x."schemaId" = s.id AND x.state = 'published'`,
    schema: true,
    item: true,
  },
  volume: {
    join: 'JOIN schema s ON s."catalogId" = c.id JOIN volume x ON x."schemaId" = s.id',
    schema: true,
    item: true,
  },
};

/** $1 workspace, $2 principals whose grants count (null: all), then the condition's own. */
function chainSql(kind: NamedKind, condition: string): string {
  const { join, schema, item } = from[kind];
  const emailOf = (alias: string) => `(SELECT email FROM "user" u WHERE u.id = ${alias}."ownerId")`;
  const owners = `jsonb_build_array(${['c', ...(schema ? ['s'] : []), ...(item ? ['x'] : [])].map(emailOf).join(', ')})`;
  const ids = ['c.id', ...(schema ? ['s.id'] : []), ...(item ? ['x.id'] : []), '$1'].join(', ');
  return `SELECT to_jsonb(c) AS catalog, ${schema ? 'to_jsonb(s)' : 'NULL'} AS schema, ${item ? 'to_jsonb(x)' : 'NULL'} AS item,
      ${owners} AS owners,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('k', g."securableKind", 's', g."securableId", 'p', g."principalId", 'r', g.privilege)
                                 ORDER BY g."createdAt", g.privilege), '[]')
         FROM "grant" g WHERE g."securableId" IN (${ids}) AND ($2::text[] IS NULL OR g."principalId" = ANY($2::text[]))) AS grants
    FROM catalog c ${join}
    WHERE c."workspaceId" = $1 AND ${condition}`;
}

const byName: Record<NamedKind, string> = {
  catalog: chainSql('catalog', 'c."nameKey" = $3'),
  schema: chainSql('schema', 'c."nameKey" = $3 AND s."nameKey" = $4'),
  table: chainSql('table', 'c."nameKey" = $3 AND s."nameKey" = $4 AND x."nameKey" = $5'),
  volume: chainSql('volume', 'c."nameKey" = $3 AND s."nameKey" = $4 AND x."nameKey" = $5'),
};
const byId: Record<NamedKind, string> = {
  catalog: chainSql('catalog', 'c.id = ANY($3::text[])'),
  schema: chainSql('schema', 's.id = ANY($3::text[])'),
  table: chainSql('table', 'x.id = ANY($3::text[])'),
  volume: chainSql('volume', 'x.id = ANY($3::text[])'),
};

/** Grants of these count for a person. */
export const principalsOf = (who: Principal): string[] => [who.userId, everybody];

/** The metastore of a workspace: nobody owns it but its administrators. */
export const metastoreOf = (workspaceId: string): Securable => ({
  kind: 'metastore',
  id: workspaceId,
  fullName: 'metastore',
  ownerId: '',
});

/** The chain of a name (1 to 3 parts), or null where nothing is there. `who` null loads the grants of everybody. */
export async function chainByName(
  db: Queryable,
  workspaceId: string,
  kind: NamedKind,
  names: string[],
  who: Principal | null,
): Promise<LoadedChain | null> {
  // Prepared once per connection: every statement of every person asks this.
  const { rows } = await db.query<Row & { [name: string]: unknown }>({
    name: `catalog-${kind}-by-name`,
    text: byName[kind],
    values: [workspaceId, who && principalsOf(who), ...names.map(nameKey)],
  });
  return rows[0] ? toChain(kind, rows[0], workspaceId) : null;
}

/** Chains by the id of their last securable; what is gone is missing from the map. */
export async function chainsById(
  db: Queryable,
  workspaceId: string,
  kind: NamedKind,
  ids: string[],
  who: Principal | null,
): Promise<Map<string, LoadedChain>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<Row & { [name: string]: unknown }>(byId[kind], [
    workspaceId,
    who && principalsOf(who),
    ids,
  ]);
  return new Map(
    rows.map((row) => {
      const chain = toChain(kind, row, workspaceId);
      return [chain.securables.at(-1)!.id, chain];
    }),
  );
}

/** The metastore's own chain. */
export async function metastoreChain(db: Queryable, workspaceId: string, who: Principal | null): Promise<Chain> {
  const { rows } = await db.query<{ k: string; s: string; p: string; r: string }>(
    `SELECT "securableKind" AS k, "securableId" AS s, "principalId" AS p, privilege AS r FROM "grant"
      WHERE "securableId" = $1 AND ($2::text[] IS NULL OR "principalId" = ANY($2::text[])) ORDER BY "createdAt", privilege`,
    [workspaceId, who && principalsOf(who)],
  );
  return { securables: [metastoreOf(workspaceId)], grants: toGrants(rows) };
}

export const toGrants = (rows: unknown): GrantEntry[] =>
  z
    .array(GrantRow)
    .parse(rows)
    .map((it) => ({ kind: it.k, securableId: it.s, principalId: it.p, privilege: it.r }));

function toChain(kind: NamedKind, row: Row, workspaceId: string): LoadedChain {
  const catalog = CatalogRecord.parse(row.catalog);
  const schema = row.schema === null ? null : SchemaRecord.parse(row.schema);
  const table = kind === 'table' ? TableRecord.parse(row.item) : null;
  const volume = kind === 'volume' ? VolumeRecord.parse(row.item) : null;
  const securables: Securable[] = [
    metastoreOf(workspaceId),
    { kind: 'catalog', id: catalog.id, fullName: catalog.name, ownerId: catalog.ownerId },
  ];
  if (schema)
    securables.push({
      kind: 'schema',
      id: schema.id,
      fullName: fullNameOf(catalog.name, schema.name),
      ownerId: schema.ownerId,
    });
  const item = table ?? volume;
  if (item && schema) {
    securables.push({
      kind: table ? 'table' : 'volume',
      id: item.id,
      fullName: fullNameOf(catalog.name, schema.name, item.name),
      ownerId: item.ownerId,
    });
  }
  const owners = z.array(z.string().nullable()).parse(row.owners);
  return {
    catalog,
    schema,
    table,
    volume,
    owner: owners.at(-1) ?? '',
    owners: owners.map((it) => it ?? ''),
    securables,
    grants: toGrants(row.grants),
  };
}
