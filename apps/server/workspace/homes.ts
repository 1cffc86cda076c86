import { randomUUID } from 'node:crypto';
import type { Tx } from '../db.ts';

/** Whom a grant to this id reaches: every member of the workspace. */
export const EVERYBODY = 'account users';

// An address may hold '/', which divides folders.
export const homePath = (email: string): string => `/Users/${email.replaceAll('/', '_')}`;

async function makeFolder(tx: Tx, workspaceId: string, ownerId: string, path: string): Promise<string> {
  const id = randomUUID();
  await tx.query(
    `insert into workspace_object (id, "workspaceId", path, kind, name, "ownerId") values ($1, $2, $3, 'directory', $4, $5)`,
    [id, workspaceId, path, path.slice(path.lastIndexOf('/') + 1), ownerId],
  );
  return id;
}

/** `/Users`, and `/Shared` where every member may write. */
export async function makeTopFolders(tx: Tx, workspaceId: string, ownerId: string): Promise<void> {
  await makeFolder(tx, workspaceId, ownerId, '/Users');
  const shared = await makeFolder(tx, workspaceId, ownerId, '/Shared');
  await tx.query(`insert into object_grant ("objectId", "userId", level) values ($1, $2, 'edit')`, [shared, EVERYBODY]);
}

/** Who comes back finds their old home. */
export async function makeHome(tx: Tx, workspaceId: string, person: { userId: string; email: string }): Promise<void> {
  const path = homePath(person.email);
  const { rowCount } = await tx.query(
    'select 1 from workspace_object where "workspaceId" = $1 and path = $2 and "deletedAt" is null',
    [workspaceId, path],
  );
  if (!rowCount) await makeFolder(tx, workspaceId, person.userId, path);
}

/** Folders that everything else relies on: they are neither moved nor deleted. */
export const isFixedFolder = (path: string): boolean =>
  path === '/Users' || path === '/Shared' || /^\/Users\/[^/]+$/.test(path);
