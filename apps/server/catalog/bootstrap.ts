import { randomUUID } from 'node:crypto';
import { everybody } from '@boathouse/catalog';
import type { Privilege, SecurableKind } from '@boathouse/contracts';
import type { Queryable } from './db.ts';

export const mainCatalog = 'main';
export const defaultSchema = 'default';

/**
 * The first catalog of a new workspace. As in Unity Catalog's workspace catalog, everybody may use it and make things of
 * their own in `default`; what somebody made stays invisible to others until it is granted. Repeating it changes nothing.
 */
export async function bootstrapCatalog(tx: Queryable, workspaceId: string, ownerId: string): Promise<void> {
  const existing = await tx.query('SELECT id FROM catalog WHERE "workspaceId" = $1 AND "nameKey" = $2', [
    workspaceId,
    mainCatalog,
  ]);
  if (existing.rows.length > 0) return;
  const catalogId = randomUUID();
  const schemaId = randomUUID();
  await tx.query('INSERT INTO catalog (id, "workspaceId", name, "nameKey", "ownerId") VALUES ($1, $2, $3, $3, $4)', [
    catalogId,
    workspaceId,
    mainCatalog,
    ownerId,
  ]);
  await tx.query('INSERT INTO schema (id, "catalogId", name, "nameKey", "ownerId") VALUES ($1, $2, $3, $3, $4)', [
    schemaId,
    catalogId,
    defaultSchema,
    ownerId,
  ]);
  const grants: [SecurableKind, string, Privilege][] = [
    ['catalog', catalogId, 'USE CATALOG'],
    ['schema', schemaId, 'USE SCHEMA'],
    ['schema', schemaId, 'CREATE TABLE'],
    ['schema', schemaId, 'CREATE VOLUME'],
  ];
  for (const [kind, id, privilege] of grants) {
    await tx.query(
      'INSERT INTO "grant" (id, "workspaceId", "securableKind", "securableId", "principalId", privilege, "grantedBy") VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [randomUUID(), workspaceId, kind, id, everybody, privilege, ownerId],
    );
  }
}
