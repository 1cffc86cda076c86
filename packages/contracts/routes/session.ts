import { z } from 'zod';
import { defineRoute } from '../route.ts';

/**
 * Who is signed in. Signing in and out is better-auth's: `POST /api/auth/sign-in/email` {email, password} (429 after five
 * tries in ten seconds) and `POST /api/auth/sign-out`, both with `Content-Type: application/json`.
 */
const area = 'Session';
const base = '/api/2.0/boathouse';

export const MemberRole = z.enum(['admin', 'member']);
export type MemberRole = z.infer<typeof MemberRole>;

export const PersonName = z.string().trim().min(1).max(200);
export const Email = z
  .email()
  .max(320)
  .transform((text) => text.toLowerCase());
/** better-auth's limits. */
export const Password = z.string().min(8).max(128);

export const Me = z.object({
  userId: z.string(),
  name: z.string(),
  email: z.string(),
  role: MemberRole,
  workspace: z.object({ id: z.string(), name: z.string(), number: z.string() }),
  /** Home folder: `/Users/<email>`. */
  homePath: z.string(),
});
export type Me = z.infer<typeof Me>;

export const ServerState = z.object({
  /** False until the first administrator exists: show the page that asks for name, e-mail and password. */
  setUp: z.boolean(),
  signedIn: z.boolean(),
  workspaceName: z.string().nullable(),
});
export type ServerState = z.infer<typeof ServerState>;

export const getState = defineRoute({
  method: 'GET',
  path: `${base}/state`,
  summary: 'Whether the workspace is set up and the caller signed in: which first page to show',
  area,
  needs: 'nothing',
  response: ServerState,
});

export const SetupRequest = z.strictObject({
  name: PersonName,
  email: Email,
  password: Password,
  workspaceName: z.string().trim().min(1).max(200).optional(),
});
export type SetupRequest = z.infer<typeof SetupRequest>;

export const setUp = defineRoute({
  method: 'POST',
  path: `${base}/setup`,
  summary: 'Create the first administrator and sign in; refused (ALREADY_SET_UP) once anybody exists',
  area,
  needs: 'nothing, while no user exists',
  body: SetupRequest,
  response: Me,
  status: 201,
});

export const getMe = defineRoute({
  method: 'GET',
  path: `${base}/me`,
  summary: 'The signed-in person',
  area,
  needs: 'sign-in',
  response: Me,
});

export const updateMe = defineRoute({
  method: 'PATCH',
  path: `${base}/me`,
  summary: 'Change the own name',
  area,
  needs: 'sign-in',
  body: z.strictObject({ name: PersonName }),
  response: Me,
});

/** SCIM's shape of the signed-in person, for Databricks clients. */
export const ScimMe = z.object({
  schemas: z.array(z.string()),
  id: z.string(),
  userName: z.string(),
  displayName: z.string(),
  name: z.object({ givenName: z.string(), familyName: z.string() }),
  active: z.boolean(),
  emails: z.array(z.object({ value: z.string(), type: z.string(), primary: z.boolean() })),
  groups: z.array(z.object({ display: z.string(), value: z.string(), type: z.string() })),
});

export const scimMe = defineRoute({
  method: 'GET',
  path: '/api/2.0/preview/scim/v2/Me',
  summary: 'The signed-in person, as of SCIM',
  area,
  needs: 'sign-in',
  response: ScimMe,
});
