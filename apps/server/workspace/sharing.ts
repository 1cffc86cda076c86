import { type AccessLevel, type ObjectGrantView, type Principal, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { BaseServices } from '../services.ts';
import { type Access, includes } from './access.ts';
import { EVERYBODY } from './homes.ts';

export interface SharingView {
  ownerId: string;
  ownerName: string;
  grants: ObjectGrantView[];
}

export interface Sharing {
  list: (principal: Principal, objectId: string) => Promise<SharingView>;
  /** Throws RESOURCE_DOES_NOT_EXIST where the person is no member. */
  grant: (principal: Principal, objectId: string, userId: string, level: AccessLevel) => Promise<SharingView>;
  revoke: (principal: Principal, objectId: string, userId: string) => Promise<SharingView>;
}

/** Grants on workspace objects; those on a folder reach all that it holds. */
export function createSharing(base: BaseServices, access: Access): Sharing {
  const list: Sharing['list'] = async (principal, objectId) => {
    const object = await access.require(principal, objectId, 'view');
    const { rows } = await base.pool.query<{
      userId: string;
      name: string | null;
      email: string | null;
      level: AccessLevel;
      path: string;
    }>(
      `select g."userId", u.name, u.email, g.level, a.path from object_grant g
        join workspace_object a on a.id = g."objectId" and a."deletedAt" is null
        left join "user" u on u.id = g."userId"
        where a."workspaceId" = $1 and (a.path = $2 or starts_with($2, a.path || '/')) order by lower(u.name), length(a.path) desc`,
      [object.workspaceId, object.path],
    );
    const grants: ObjectGrantView[] = [];
    for (const row of rows) {
      const view: ObjectGrantView = {
        userId: row.userId,
        name: row.userId === EVERYBODY ? 'Everybody' : (row.name ?? ''),
        email: row.email ?? '',
        level: row.level,
        inheritedFrom: row.path === object.path ? null : row.path,
      };
      // The strongest counts: a folder's grant is shown only where it gives more than the object's own.
      const known = grants.findIndex((grant) => grant.userId === row.userId);
      if (known < 0) grants.push(view);
      else if (!includes(grants[known]!.level, view.level)) grants[known] = view;
    }
    return { ownerId: object.ownerId, ownerName: object.ownerName, grants };
  };

  const change = async (
    principal: Principal,
    objectId: string,
    userId: string,
    level: AccessLevel | null,
  ): Promise<SharingView> => {
    const object = await access.require(principal, objectId, 'manage');
    await transaction(base.pool, async (tx) => {
      if (level === null) {
        await tx.query('delete from object_grant where "objectId" = $1 and "userId" = $2', [objectId, userId]);
      } else {
        const { rowCount } = await tx.query('select 1 from member where "workspaceId" = $1 and "userId" = $2', [
          object.workspaceId,
          userId,
        ]);
        if (!rowCount && userId !== EVERYBODY)
          throw userError('RESOURCE_DOES_NOT_EXIST', 'No such member of the workspace.', { status: 404 });
        await tx.query(
          'insert into object_grant ("objectId", "userId", level) values ($1, $2, $3) on conflict ("objectId", "userId") do update set level = excluded.level',
          [objectId, userId, level],
        );
      }
      await enqueue(tx, 'changed', { workspaceId: object.workspaceId, kind: object.kind, id: objectId });
      await audit(tx, {
        workspaceId: object.workspaceId,
        userId: principal.userId,
        action: level === null ? 'object.unshare' : 'object.share',
        target: object.path,
        details: { userId, ...(level ? { level } : {}) },
      });
    });
    return list(principal, objectId);
  };

  return {
    list,
    grant: change,
    revoke: (principal, objectId, userId) => change(principal, objectId, userId, null),
  };
}
