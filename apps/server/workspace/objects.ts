import { randomUUID } from 'node:crypto';
import { type ObjectKind, type Principal, userError } from '@boathouse/contracts';
import { type NewCell, newNotebook } from '@boathouse/notebook';
import * as Y from 'yjs';
import { audit } from '../audit.ts';
import { isUniqueViolation, type Tx, transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { BaseServices } from '../services.ts';
import { type Access, type ObjectRow, parentOf } from './access.ts';
import { isFixedFolder } from './homes.ts';

export interface NewObject {
  kind: ObjectKind;
  path: string;
  /** A taken name gets a number at its end. */
  makeUnique?: boolean;
  /** Notebooks: absent means one empty SQL cell. */
  cells?: NewCell[];
  /** Files. */
  content?: Uint8Array;
}

export interface WorkspaceObjects {
  /** Creates an object in a folder that exists. Throws RESOURCE_DOES_NOT_EXIST, PERMISSION_DENIED, RESOURCE_ALREADY_EXISTS. */
  create: (principal: Principal, workspaceId: string, object: NewObject) => Promise<ObjectRow>;
  /** The folder, with those above it, made where they are missing. */
  makeFolders: (principal: Principal, workspaceId: string, path: string) => Promise<void>;
  /** Renames or moves, with what a folder holds. */
  move: (principal: Principal, objectId: string, to: { name?: string; parentPath?: string }) => Promise<ObjectRow>;
  /** Throws DIRECTORY_NOT_EMPTY unless `recursive`. */
  remove: (principal: Principal, objectId: string, options: { recursive: boolean }) => Promise<void>;
  /** Content of a file. */
  readFile: (objectId: string) => Promise<Buffer>;
  writeFile: (objectId: string, content: Uint8Array) => Promise<void>;
  fileSizes: (objectIds: string[]) => Promise<Map<string, number>>;
  /** Notes that a notebook or dashboard changed, for lists by time. */
  touch: (objectId: string) => Promise<void>;
}

const notDirectory = (path: string) => userError('INVALID_PARAMETER_VALUE', `${path} is not a folder.`);
const taken = (path: string) => userError('RESOURCE_ALREADY_EXISTS', `${path} exists already. Choose another name.`);

/** Creates, moves and deletes workspace objects. A deleted object keeps its row, which runs and lineage point to. */
export function createObjects(base: BaseServices, access: Access): WorkspaceObjects {
  /** The folder in which to write; null for the top, where administrators alone may. */
  const requireFolder = async (principal: Principal, workspaceId: string, path: string): Promise<ObjectRow | null> => {
    if (path === '/') {
      if (principal.admin) return null;
      throw userError(
        'PERMISSION_DENIED',
        'Only an administrator may create at the top of the workspace. Use your home folder or /Shared.',
        { status: 403 },
      );
    }
    const folder = await access.requirePath(principal, workspaceId, path, 'edit');
    if (folder.kind !== 'directory') throw notDirectory(path);
    return folder;
  };

  const create: WorkspaceObjects['create'] = async (principal, workspaceId, object) => {
    const parent = parentOf(object.path);
    await requireFolder(principal, workspaceId, parent);
    const id = await transaction(base.pool, async (tx) => {
      await lockTree(tx, workspaceId, 'shared');
      if (parent !== '/') await requireLiving(tx, workspaceId, parent);
      const path = object.makeUnique ? await freePath(tx, workspaceId, object.path) : object.path;
      return insert(tx, principal, workspaceId, { ...object, path });
    });
    return access.require(principal, id, 'view');
  };

  return {
    create,

    async makeFolders(principal, workspaceId, path) {
      if (path === '/') return;
      const there = await access.findPath(principal, workspaceId, path);
      if (there) {
        if (there.kind !== 'directory') throw taken(path);
        return;
      }
      await this.makeFolders(principal, workspaceId, parentOf(path));
      try {
        await create(principal, workspaceId, { kind: 'directory', path });
      } catch (error) {
        // Somebody else made it in between: it is there, and that is what was asked for.
        const now = await access.findPath(principal, workspaceId, path);
        if (now?.kind !== 'directory') throw error;
      }
    },

    async move(principal, objectId, to) {
      const row = await access.require(principal, objectId, to.parentPath === undefined ? 'edit' : 'manage');
      refuseFixed(row);
      const parent = to.parentPath ?? parentOf(row.path);
      const path = `${parent === '/' ? '' : parent}/${to.name ?? row.name}`;
      if (path === row.path) return row;
      if (path.startsWith(`${row.path}/`))
        throw userError('INVALID_PARAMETER_VALUE', 'A folder cannot be moved into itself.');
      if (to.parentPath !== undefined && to.parentPath !== parentOf(row.path))
        await requireFolder(principal, row.workspaceId, parent);
      await transaction(base.pool, async (tx) => {
        await lockTree(tx, row.workspaceId, 'alone');
        if (parent !== '/') await requireLiving(tx, row.workspaceId, parent);
        const { rowCount } = await tx
          .query(
            `update workspace_object set path = $3 || substr(path, length($2) + 1), name = case when id = $4 then $5 else name end, "updatedAt" = case when id = $4 then now() else "updatedAt" end
              where "workspaceId" = $1 and "deletedAt" is null and ((id = $4 and path = $2) or starts_with(path, $2 || '/'))`,
            [row.workspaceId, row.path, path, objectId, to.name ?? row.name],
          )
          .catch((error: unknown) => {
            throw isUniqueViolation(error) ? taken(path) : error;
          });
        if (!rowCount)
          throw userError('CONFLICT', 'The object was moved or deleted at the same time. Look again.', { status: 409 });
        await changed(tx, row.workspaceId, row.kind, objectId);
      });
      return access.require(principal, objectId, 'view');
    },

    async remove(principal, objectId, { recursive }) {
      const row = await access.require(principal, objectId, 'manage');
      refuseFixed(row);
      await transaction(base.pool, async (tx) => {
        await lockTree(tx, row.workspaceId, 'alone');
        const { rows } = await tx.query<{ id: string; kind: ObjectKind }>(
          `select id, kind from workspace_object where "workspaceId" = $1 and "deletedAt" is null and (id = $2 or starts_with(path, $3 || '/'))`,
          [row.workspaceId, objectId, row.path],
        );
        if (rows.length > 1 && !recursive)
          throw userError(
            'DIRECTORY_NOT_EMPTY',
            `${row.path} is not empty. Delete it with all that it holds: recursive=true.`,
          );
        await tx.query('update workspace_object set "deletedAt" = now() where id = any($1)', [
          rows.map((entry) => entry.id),
        ]);
        for (const entry of rows) await changed(tx, row.workspaceId, entry.kind, entry.id);
        await audit(tx, {
          workspaceId: row.workspaceId,
          userId: principal.userId,
          action: 'object.delete',
          target: row.path,
        });
      });
    },

    async readFile(objectId) {
      const { rows } = await base.pool.query<{ content: Buffer | null }>(
        'select content from workspace_object where id = $1',
        [objectId],
      );
      return rows[0]?.content ?? Buffer.alloc(0);
    },

    async writeFile(objectId, content) {
      await base.pool.query('update workspace_object set content = $2, "updatedAt" = now() where id = $1', [
        objectId,
        content,
      ]);
    },

    async fileSizes(objectIds) {
      const { rows } = await base.pool.query<{ id: string; size: number }>(
        'select id, coalesce(length(content), 0) as size from workspace_object where id = any($1)',
        [objectIds],
      );
      return new Map(rows.map((row) => [row.id, row.size]));
    },

    async touch(objectId) {
      await base.pool.query('update workspace_object set "updatedAt" = now() where id = $1', [objectId]);
    },
  };
}

function refuseFixed(row: ObjectRow): void {
  if (row.kind === 'directory' && isFixedFolder(row.path)) {
    throw userError(
      'INVALID_PARAMETER_VALUE',
      `${row.path} is a home or shared folder, which can be neither moved nor deleted. What it holds can.`,
    );
  }
}

/**
 * Moving and deleting folders change rows that a creation at the same moment adds to: they wait for each other, and
 * creations go side by side.
 */
async function lockTree(tx: Tx, workspaceId: string, mode: 'shared' | 'alone'): Promise<void> {
  const lock = mode === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await tx.query(`select ${lock}(hashtextextended('workspace tree ' || $1, 0))`, [workspaceId]);
}

async function requireLiving(tx: Tx, workspaceId: string, path: string): Promise<void> {
  const { rowCount } = await tx.query(
    `select 1 from workspace_object where "workspaceId" = $1 and path = $2 and kind = 'directory' and "deletedAt" is null`,
    [workspaceId, path],
  );
  if (!rowCount) throw userError('RESOURCE_DOES_NOT_EXIST', `The folder ${path} does not exist.`, { status: 404 });
}

async function freePath(tx: Tx, workspaceId: string, path: string): Promise<string> {
  const { rows } = await tx.query<{ path: string }>(
    'select path from workspace_object where "workspaceId" = $1 and "deletedAt" is null and starts_with(path, $2)',
    [workspaceId, path],
  );
  const used = new Set(rows.map((row) => row.path));
  let free = path;
  for (let count = 2; used.has(free); count++) free = `${path} ${count}`;
  return free;
}

async function insert(tx: Tx, principal: Principal, workspaceId: string, object: NewObject): Promise<string> {
  const id = randomUUID();
  const name = object.path.slice(object.path.lastIndexOf('/') + 1);
  await tx
    .query(
      'insert into workspace_object (id, "workspaceId", path, kind, name, "ownerId", content) values ($1, $2, $3, $4, $5, $6, $7)',
      [id, workspaceId, object.path, object.kind, name, principal.userId, object.content ?? null],
    )
    .catch((error: unknown) => {
      throw isUniqueViolation(error, 'workspace_object_live_path') ? taken(object.path) : error;
    });
  if (object.kind === 'notebook') {
    const doc = newNotebook(object.cells ?? [{ id: randomUUID(), kind: 'sql' }]);
    await tx.query('insert into notebook_document ("notebookId", epoch, state) values ($1, $2, $3)', [
      id,
      randomUUID(),
      Y.encodeStateAsUpdate(doc),
    ]);
  }
  if (object.kind === 'dashboard') await tx.query('insert into dashboard (id) values ($1)', [id]);
  await changed(tx, workspaceId, object.kind, id);
  return id;
}

const changed = (tx: Tx, workspaceId: string, kind: ObjectKind, id: string): Promise<void> =>
  enqueue(tx, 'changed', { workspaceId, kind, id });
