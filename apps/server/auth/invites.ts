import { randomUUID } from 'node:crypto';
import { type InvitationView, type InviteView, type MemberRole, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { RequestContext } from '../http/router.ts';
import type { BaseServices } from '../services.ts';
import { makeHome } from '../workspace/homes.ts';
import { requireAdmin } from './members.ts';
import { addPerson } from './people.ts';
import { hashSecret, newSecret } from './secrets.ts';

type Who = Pick<RequestContext, 'principal' | 'workspaceId'>;
const validMs = 7 * 86_400_000;

interface InviteRow {
  id: string;
  workspaceId: string;
  email: string;
  role: MemberRole;
  invitedByName: string | null;
  workspaceName: string;
  createdAt: Date;
  expiresAt: Date;
}

const select = `select i.id, i."workspaceId", i.email, i.role, i."createdAt", i."expiresAt", u.name as "invitedByName", w.name as "workspaceName"
  from invite i join workspace w on w.id = i."workspaceId" left join "user" u on u.id = i."invitedBy"`;
const open = 'i."acceptedAt" is null and i."expiresAt" > now()';

const view = (row: InviteRow): InviteView => ({
  id: row.id,
  email: row.email,
  role: row.role,
  invitedByName: row.invitedByName ?? '',
  createdAtMs: row.createdAt.getTime(),
  expiresAtMs: row.expiresAt.getTime(),
});

/** Invitations: a link with a secret that makes one person a member. */
export function createInvites(base: BaseServices) {
  const find = async (token: string): Promise<InviteRow> => {
    const { rows } = await base.pool.query<InviteRow>(`${select} where i."tokenHash" = $1 and ${open}`, [
      hashSecret(token),
    ]);
    if (!rows[0])
      throw userError('INVITATION_NOT_VALID', 'This invitation was used, revoked or is too old. Ask for a new one.', {
        status: 404,
      });
    return rows[0];
  };
  return {
    async list(who: Who): Promise<InviteView[]> {
      requireAdmin(who);
      const { rows } = await base.pool.query<InviteRow>(
        `${select} where i."workspaceId" = $1 and ${open} order by i."createdAt" desc`,
        [who.workspaceId],
      );
      return rows.map(view);
    },

    /** Throws ALREADY_A_MEMBER. An open invitation of the same address is replaced: its link stops working. */
    async create(who: Who, email: string, role: MemberRole): Promise<{ invite: InviteView; token: string }> {
      requireAdmin(who);
      const token = newSecret('');
      return transaction(base.pool, async (tx) => {
        const { rowCount } = await tx.query(
          'select 1 from "user" u join member m on m."userId" = u.id where u.email = $1',
          [email],
        );
        if (rowCount) throw userError('ALREADY_A_MEMBER', `${email} has an account here already.`, { status: 409 });
        await tx.query('delete from invite where "workspaceId" = $1 and email = $2 and "acceptedAt" is null', [
          who.workspaceId,
          email,
        ]);
        const id = randomUUID();
        await tx.query(
          'insert into invite (id, "workspaceId", email, role, "tokenHash", "invitedBy", "expiresAt") values ($1, $2, $3, $4, $5, $6, $7)',
          [id, who.workspaceId, email, role, hashSecret(token), who.principal.userId, new Date(base.clock() + validMs)],
        );
        await audit(tx, {
          workspaceId: who.workspaceId,
          userId: who.principal.userId,
          action: 'invite.create',
          target: email,
          details: { role },
        });
        const { rows } = await tx.query<InviteRow>(`${select} where i.id = $1`, [id]);
        return { invite: view(rows[0]!), token };
      });
    },

    async revoke(who: Who, inviteId: string): Promise<void> {
      requireAdmin(who);
      await transaction(base.pool, async (tx) => {
        const { rowCount } = await tx.query(
          'delete from invite where id = $1 and "workspaceId" = $2 and "acceptedAt" is null',
          [inviteId, who.workspaceId],
        );
        if (!rowCount) throw userError('RESOURCE_DOES_NOT_EXIST', 'No such open invitation.', { status: 404 });
        await audit(tx, {
          workspaceId: who.workspaceId,
          userId: who.principal.userId,
          action: 'invite.revoke',
          target: inviteId,
        });
      });
    },

    async lookUp(token: string): Promise<InvitationView> {
      const row = await find(token);
      const { email, role, invitedByName, expiresAtMs } = view(row);
      return { email, role, invitedByName, expiresAtMs, workspaceName: row.workspaceName };
    },

    /** One use: of two who accept at once, one becomes the member. */
    async accept(
      token: string,
      name: string,
      passwordHash: string,
    ): Promise<{ userId: string; workspaceId: string; email: string }> {
      const { email, workspaceId, role, id } = await find(token);
      return transaction(base.pool, async (tx) => {
        const { rowCount } = await tx.query('update invite i set "acceptedAt" = now() where id = $1 and ' + open, [id]);
        if (!rowCount)
          throw userError(
            'INVITATION_NOT_VALID',
            'This invitation was used, revoked or is too old. Ask for a new one.',
            { status: 404 },
          );
        const userId = await addPerson(tx, workspaceId, { name, email, passwordHash }, role);
        await makeHome(tx, workspaceId, { userId, email });
        await enqueue(tx, 'changed', { workspaceId, kind: 'member', id: userId });
        await audit(tx, { workspaceId, userId, action: 'invite.accept', target: email });
        return { userId, workspaceId, email };
      });
    },
  };
}
export type Invites = ReturnType<typeof createInvites>;
