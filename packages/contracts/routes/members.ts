import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { Email, Me, MemberRole, Password, PersonName } from './session.ts';

/** People of the workspace and invitations to it. */
const area = 'Members';
const base = '/api/2.0/boathouse';

export const MemberView = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: MemberRole,
  joinedAtMs: z.number(),
});
export type MemberView = z.infer<typeof MemberView>;

const userParams = z.object({ userId: z.string().min(1) });

export const listMembers = defineRoute({
  method: 'GET',
  path: `${base}/members`,
  summary: 'People of the workspace, by name',
  area,
  needs: 'sign-in',
  response: z.object({ members: z.array(MemberView) }),
});

export const updateMember = defineRoute({
  method: 'PATCH',
  path: `${base}/members/{userId}`,
  summary: 'Change a role; the last administrator keeps theirs (LAST_ADMIN)',
  area,
  needs: 'admin',
  params: userParams,
  body: z.strictObject({ role: MemberRole }),
  response: MemberView,
});

export const removeMember = defineRoute({
  method: 'DELETE',
  path: `${base}/members/{userId}`,
  summary: 'Remove a person: sessions and tokens end at once, their objects stay',
  area,
  needs: 'admin',
  params: userParams,
  response: z.object({}),
});

export const InviteView = z.object({
  id: z.string(),
  email: z.string(),
  role: MemberRole,
  invitedByName: z.string(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
});
export type InviteView = z.infer<typeof InviteView>;

export const listInvites = defineRoute({
  method: 'GET',
  path: `${base}/invites`,
  summary: 'Open invitations',
  area,
  needs: 'admin',
  response: z.object({ invites: z.array(InviteView) }),
});

export const createInvite = defineRoute({
  method: 'POST',
  path: `${base}/invites`,
  summary: 'Invite somebody; the link is shown once and valid for seven days. A new invitation replaces an open one',
  area,
  needs: 'admin',
  body: z.strictObject({ email: Email, role: MemberRole }),
  /** `link` is absolute; its token stands after '#', so that no log sees it: `<origin>/invite#<token>`. */
  response: z.object({ invite: InviteView, link: z.string(), token: z.string() }),
  status: 201,
});

export const revokeInvite = defineRoute({
  method: 'DELETE',
  path: `${base}/invites/{inviteId}`,
  summary: 'Revoke an invitation',
  area,
  needs: 'admin',
  params: z.object({ inviteId: z.string().min(1) }),
  response: z.object({}),
});

export const InvitationView = z.object({
  email: z.string(),
  role: MemberRole,
  workspaceName: z.string(),
  invitedByName: z.string(),
  expiresAtMs: z.number(),
});
export type InvitationView = z.infer<typeof InvitationView>;

export const lookUpInvitation = defineRoute({
  method: 'POST',
  path: `${base}/invitation/look-up`,
  summary: 'What an invitation is for; INVITATION_NOT_VALID where it was used, revoked or is too old',
  area,
  needs: 'the token of the invitation',
  body: z.strictObject({ token: z.string().min(1).max(200) }),
  response: InvitationView,
});

export const acceptInvitation = defineRoute({
  method: 'POST',
  path: `${base}/invitation/accept`,
  summary: 'Become a member and sign in',
  area,
  needs: 'the token of the invitation',
  body: z.strictObject({ token: z.string().min(1).max(200), name: PersonName, password: Password }),
  response: Me,
  status: 201,
});
