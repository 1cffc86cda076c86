import type { ScimMe } from '@boathouse/contracts';
import {
  acceptInvitation,
  getMe,
  getState,
  lookUpInvitation,
  scimMe,
  setUp,
  updateMe,
  userError,
} from '@boathouse/contracts';
import type { z } from 'zod';
import { implement, implementOpen, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

export const sessionRoutes = (services: Services): Route[] => {
  const { auth, pool } = services;
  return [
    implementOpen(getState, async ({ ctx }) => {
      const { rows } = await pool.query<{ name: string }>('select name from workspace order by number limit 1');
      const signedIn = await auth.authenticate(ctx.req).catch(() => null);
      return { setUp: await auth.anybody(), signedIn: signedIn !== null, workspaceName: rows[0]?.name ?? null };
    }),
    implementOpen(setUp, async ({ body, ctx }) => {
      // Asked before the password is hashed, which is slow on purpose.
      if (await auth.anybody())
        throw userError(
          'ALREADY_SET_UP',
          'This workspace has an administrator already. Sign in, or ask for an invitation.',
          { status: 409 },
        );
      const { userId, workspaceId } = await auth.setUp(body, { workspaceName: body.workspaceName ?? 'Boathouse' });
      await auth.signIn(ctx.req, ctx.res, body);
      return auth.me(userId, workspaceId);
    }),
    implement(getMe, ({ ctx }) => auth.me(ctx.principal.userId, ctx.workspaceId)),
    implement(updateMe, async ({ body, ctx }) => {
      await pool.query('update "user" set name = $2, "updatedAt" = now() where id = $1', [
        ctx.principal.userId,
        body.name,
      ]);
      return auth.me(ctx.principal.userId, ctx.workspaceId);
    }),
    implementOpen(lookUpInvitation, ({ body }) => auth.invites.lookUp(body.token)),
    implementOpen(acceptInvitation, async ({ body, ctx }) => {
      await auth.invites.lookUp(body.token);
      const member = await auth.invites.accept(body.token, body.name, await auth.hashPassword(body.password));
      await auth.signIn(ctx.req, ctx.res, { email: member.email, password: body.password });
      return auth.me(member.userId, member.workspaceId);
    }),
    implement(scimMe, async ({ ctx }): Promise<z.output<typeof ScimMe>> => {
      const me = await auth.me(ctx.principal.userId, ctx.workspaceId);
      const space = me.name.lastIndexOf(' ');
      return {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        id: me.userId,
        userName: me.email,
        displayName: me.name,
        name: {
          givenName: space < 0 ? me.name : me.name.slice(0, space),
          familyName: space < 0 ? '' : me.name.slice(space + 1),
        },
        active: true,
        emails: [{ value: me.email, type: 'work', primary: true }],
        groups: [
          { display: 'users', value: 'users', type: 'direct' },
          ...(me.role === 'admin' ? [{ display: 'admins', value: 'admins', type: 'direct' }] : []),
        ],
      };
    }),
  ];
};
