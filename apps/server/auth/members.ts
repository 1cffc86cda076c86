import { type MemberRole, type MemberView, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { type Tx, transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { RequestContext } from '../http/router.ts';
import type { BaseServices } from '../services.ts';

type Who = Pick<RequestContext, 'principal' | 'workspaceId'>;

interface MemberRow {
  userId: string;
  name: string;
  email: string;
  role: MemberRole;
  createdAt: Date;
}

const select = `select m."userId", u.name, u.email, m.role, m."createdAt" from member m join "user" u on u.id = m."userId"`;
const view = ({ createdAt, ...row }: MemberRow): MemberView => ({ ...row, joinedAtMs: createdAt.getTime() });

/** Throws PERMISSION_DENIED unless the person is an administrator. */
export function requireAdmin(who: Who): void {
  if (!who.principal.admin)
    throw userError('PERMISSION_DENIED', 'Only an administrator may do this. Ask one of them.', { status: 403 });
}

/** People of a workspace. Changing them takes an administrator. */
export function createMembers(base: BaseServices) {
  return {
    async list(who: Who): Promise<MemberView[]> {
      const { rows } = await base.pool.query<MemberRow>(
        `${select} where m."workspaceId" = $1 order by lower(u.name), u.email`,
        [who.workspaceId],
      );
      return rows.map(view);
    },

    async setRole(who: Who, userId: string, role: MemberRole): Promise<MemberView> {
      requireAdmin(who);
      return transaction(base.pool, async (tx) => {
        const member = await lockMember(tx, who.workspaceId, userId);
        if (member.role === 'admin' && role !== 'admin') await requireOtherAdmin(tx, who.workspaceId, userId);
        await tx.query('update member set role = $3 where "workspaceId" = $1 and "userId" = $2', [
          who.workspaceId,
          userId,
          role,
        ]);
        await enqueue(tx, 'changed', { workspaceId: who.workspaceId, kind: 'member', id: userId });
        await audit(tx, {
          workspaceId: who.workspaceId,
          userId: who.principal.userId,
          action: 'member.role',
          target: userId,
          details: { role },
        });
        return { ...view(member), role };
      });
    },

    /** Sessions, tokens and grants on objects end at once; what they own stays with their id as owner. */
    async remove(who: Who, userId: string): Promise<void> {
      requireAdmin(who);
      await transaction(base.pool, async (tx) => {
        const member = await lockMember(tx, who.workspaceId, userId);
        if (member.role === 'admin') await requireOtherAdmin(tx, who.workspaceId, userId);
        await tx.query('delete from member where "workspaceId" = $1 and "userId" = $2', [who.workspaceId, userId]);
        await tx.query('delete from access_token where "workspaceId" = $1 and "userId" = $2', [
          who.workspaceId,
          userId,
        ]);
        await tx.query('delete from auth_session where "userId" = $1', [userId]);
        await tx.query(
          'delete from object_grant g using workspace_object o where g."objectId" = o.id and o."workspaceId" = $1 and g."userId" = $2',
          [who.workspaceId, userId],
        );
        await tx.query(
          'delete from engine_user g using engine e where g."engineId" = e.id and e."workspaceId" = $1 and g."userId" = $2',
          [who.workspaceId, userId],
        );
        await enqueue(tx, 'changed', { workspaceId: who.workspaceId, kind: 'member', id: userId });
        await audit(tx, {
          workspaceId: who.workspaceId,
          userId: who.principal.userId,
          action: 'member.remove',
          target: userId,
        });
      });
    },
  };
}
export type Members = ReturnType<typeof createMembers>;

async function lockMember(tx: Tx, workspaceId: string, userId: string): Promise<MemberRow> {
  // All of them: two administrators who demote each other at once must not leave none.
  await tx.query(`select 1 from member where "workspaceId" = $1 and role = 'admin' for update`, [workspaceId]);
  const { rows } = await tx.query<MemberRow>(`${select} where m."workspaceId" = $1 and m."userId" = $2`, [
    workspaceId,
    userId,
  ]);
  if (!rows[0]) throw userError('RESOURCE_DOES_NOT_EXIST', 'No such member.', { status: 404 });
  return rows[0];
}

async function requireOtherAdmin(tx: Tx, workspaceId: string, userId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `select 1 from member where "workspaceId" = $1 and role = 'admin' and "userId" <> $2`,
    [workspaceId, userId],
  );
  if (!rowCount)
    throw userError('LAST_ADMIN', 'This is the last administrator. Make somebody else one first.', { status: 409 });
}
