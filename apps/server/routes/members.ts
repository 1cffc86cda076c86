import { createInvite, listInvites, listMembers, removeMember, revokeInvite, updateMember } from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

export const memberRoutes = ({ auth }: Services): Route[] => [
  implement(listMembers, async ({ ctx }) => ({ members: await auth.members.list(ctx) })),
  implement(updateMember, ({ params, body, ctx }) => auth.members.setRole(ctx, params.userId, body.role)),
  implement(removeMember, async ({ params, ctx }) => {
    await auth.members.remove(ctx, params.userId);
    return {};
  }),
  implement(listInvites, async ({ ctx }) => ({ invites: await auth.invites.list(ctx) })),
  implement(createInvite, async ({ body, ctx }) => {
    const { invite, token } = await auth.invites.create(ctx, body.email, body.role);
    const origin = ctx.req.headers.origin ?? `http://${ctx.req.headers.host}`;
    return { invite, token, link: `${origin}/invite#${token}` };
  }),
  implement(revokeInvite, async ({ params, ctx }) => {
    await auth.invites.revoke(ctx, params.inviteId);
    return {};
  }),
];
