import { fullNameOf, type GrantEntry, nameKey, type Securable, visible } from '@boathouse/catalog';
import type { Principal } from '@boathouse/contracts';
import { metastoreOf, principalsOf, toGrants } from './chains.ts';
import type { Queryable } from './db.ts';
import { CatalogRecord, SchemaRecord, TableRecord, VolumeRecord } from './records.ts';

/** What a person may know of, as a tree. Each record comes with its owner's e-mail. */
export type Owned<T> = T & { owner: string };
export interface VisibleSchema {
  schema: Owned<SchemaRecord>;
  tables: Owned<TableRecord>[];
  volumes: Owned<VolumeRecord>[];
}
export interface VisibleCatalog {
  catalog: Owned<CatalogRecord>;
  schemas: VisibleSchema[];
}

export interface Scope {
  /** Names; without them all. */
  catalog?: string;
  schema?: string;
  /** How deep to look. */
  depth: 'catalog' | 'schema' | 'object';
  /** False leaves the columns of tables out: much less to read. */
  columns: boolean;
}

type ItemRow = { item: unknown; owner: string | null };
const owned = (alias: string, item = `to_jsonb(${alias})`) =>
  `${item} AS item, (SELECT email FROM "user" u WHERE u.id = ${alias}."ownerId") AS owner`;

/** Containers in which the principal holds or owns something: they are visible for its sake. */
const footholdSql = `WITH mine AS (SELECT "securableId" AS id FROM "grant" WHERE "workspaceId" = $1 AND "principalId" = ANY($2::text[])),
  inside AS (
    SELECT s."catalogId" AS catalog, s.id AS schema FROM schema s WHERE s."ownerId" = $3 OR s.id IN (SELECT id FROM mine)
    UNION SELECT s."catalogId", s.id FROM "table" t JOIN schema s ON s.id = t."schemaId"
      WHERE t.state = 'published' AND (t."ownerId" = $3 OR t.id IN (SELECT id FROM mine))
    UNION SELECT s."catalogId", s.id FROM volume v JOIN schema s ON s.id = v."schemaId" WHERE v."ownerId" = $3 OR v.id IN (SELECT id FROM mine))
  SELECT i.catalog, i.schema FROM inside i JOIN catalog c ON c.id = i.catalog WHERE c."workspaceId" = $1`;

export interface Footholds {
  catalogs: Set<string>;
  schemas: Set<string>;
}

export async function footholdsOf(db: Queryable, workspaceId: string, who: Principal): Promise<Footholds> {
  const { rows } = await db.query<{ catalog: string; schema: string }>(footholdSql, [
    workspaceId,
    principalsOf(who),
    who.userId,
  ]);
  return { catalogs: new Set(rows.map((it) => it.catalog)), schemas: new Set(rows.map((it) => it.schema)) };
}

/** Loads what the principal may know of within a scope, by name. */
export async function loadVisible(
  db: Queryable,
  workspaceId: string,
  who: Principal,
  scope: Scope,
): Promise<VisibleCatalog[]> {
  const catalogKey = scope.catalog === undefined ? null : nameKey(scope.catalog);
  const schemaKey = scope.schema === undefined ? null : nameKey(scope.schema);
  const deep = scope.depth === 'object';
  const none = { rows: [] as ItemRow[] };
  const within = `JOIN catalog c ON c.id = s."catalogId" WHERE c."workspaceId" = $1 AND ($2::text IS NULL OR c."nameKey" = $2)
    AND ($3::text IS NULL OR s."nameKey" = $3)`;
  const keys = [workspaceId, catalogKey, schemaKey];
  const table = scope.columns ? 'to_jsonb(t)' : `jsonb_set(to_jsonb(t), '{columns}', '[]')`;
  const [catalogs, schemas, tables, volumes, grants, footholds] = await Promise.all([
    db.query<ItemRow>(
      `SELECT ${owned('c')} FROM catalog c WHERE c."workspaceId" = $1 AND ($2::text IS NULL OR c."nameKey" = $2) ORDER BY c."nameKey"`,
      [workspaceId, catalogKey],
    ),
    scope.depth === 'catalog'
      ? none
      : db.query<ItemRow>(`SELECT ${owned('s')} FROM schema s ${within} ORDER BY s."nameKey"`, keys),
    deep
      ? db.query<ItemRow>(
          `SELECT ${owned('t', table)} FROM "table" t JOIN schema s ON s.id = t."schemaId" ${within} AND t.state = 'published' ORDER BY t."nameKey"`,
          keys,
        )
      : none,
    deep
      ? db.query<ItemRow>(
          `SELECT ${owned('v')} FROM volume v JOIN schema s ON s.id = v."schemaId" ${within} ORDER BY v."nameKey"`,
          keys,
        )
      : none,
    who.admin ? [] : grantsOf(db, workspaceId, who),
    who.admin ? { catalogs: new Set<string>(), schemas: new Set<string>() } : footholdsOf(db, workspaceId, who),
  ]);
  const grantsById = Map.groupBy(grants, (it) => it.securableId);
  const sees = (securables: Securable[]) =>
    who.admin || visible(who, { securables, grants: securables.flatMap((it) => grantsById.get(it.id) ?? []) });

  const tablesOf = Map.groupBy(
    tables.rows.map((row) => ({ ...TableRecord.parse(row.item), owner: row.owner ?? '' })),
    (it) => it.schemaId,
  );
  const volumesOf = Map.groupBy(
    volumes.rows.map((row) => ({ ...VolumeRecord.parse(row.item), owner: row.owner ?? '' })),
    (it) => it.schemaId,
  );
  const schemasOf = Map.groupBy(
    schemas.rows.map((row) => ({ ...SchemaRecord.parse(row.item), owner: row.owner ?? '' })),
    (it) => it.catalogId,
  );
  const metastore = metastoreOf(workspaceId);

  return catalogs.rows.flatMap((row): VisibleCatalog[] => {
    const catalog = { ...CatalogRecord.parse(row.item), owner: row.owner ?? '' };
    const outer: Securable[] = [
      metastore,
      { kind: 'catalog', id: catalog.id, fullName: catalog.name, ownerId: catalog.ownerId },
    ];
    if (!sees(outer) && !footholds.catalogs.has(catalog.id)) return [];
    const inner = (schemasOf.get(catalog.id) ?? []).flatMap((schema): VisibleSchema[] => {
      const name = fullNameOf(catalog.name, schema.name);
      const chain: Securable[] = [...outer, { kind: 'schema', id: schema.id, fullName: name, ownerId: schema.ownerId }];
      if (!sees(chain) && !footholds.schemas.has(schema.id)) return [];
      const seen = (kind: 'table' | 'volume') => (it: { id: string; name: string; ownerId: string }) =>
        sees([...chain, { kind, id: it.id, fullName: fullNameOf(name, it.name), ownerId: it.ownerId }]);
      return [
        {
          schema,
          tables: (tablesOf.get(schema.id) ?? []).filter(seen('table')),
          volumes: (volumesOf.get(schema.id) ?? []).filter(seen('volume')),
        },
      ];
    });
    return [{ catalog, schemas: inner }];
  });
}

async function grantsOf(db: Queryable, workspaceId: string, who: Principal): Promise<GrantEntry[]> {
  const { rows } = await db.query<{ k: string; s: string; p: string; r: string }>(
    `SELECT "securableKind" AS k, "securableId" AS s, "principalId" AS p, privilege AS r FROM "grant"
      WHERE "workspaceId" = $1 AND "principalId" = ANY($2::text[])`,
    [workspaceId, principalsOf(who)],
  );
  return toGrants(rows);
}
