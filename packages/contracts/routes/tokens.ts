import { z } from 'zod';
import { defineRoute } from '../route.ts';

/** Personal access tokens. The token itself is shown once, at its creation; the server keeps its SHA-256. */
const area = 'Tokens';
const base = '/api/2.0/boathouse';

export const TokenView = z.object({
  id: z.string(),
  comment: z.string(),
  createdAtMs: z.number(),
  expiresAtMs: z.number().nullable(),
  lastUsedAtMs: z.number().nullable(),
});
export type TokenView = z.infer<typeof TokenView>;

const comment = z.string().trim().max(500).default('');
const lifetimeSeconds = z
  .number()
  .int()
  .min(1)
  .max(3_650 * 86_400);

export const listOwnTokens = defineRoute({
  method: 'GET',
  path: `${base}/tokens`,
  summary: 'The own tokens, newest first',
  area,
  needs: 'sign-in',
  response: z.object({ tokens: z.array(TokenView) }),
});

export const createOwnToken = defineRoute({
  method: 'POST',
  path: `${base}/tokens`,
  summary: 'Create a token; without a lifetime it does not expire',
  area,
  needs: 'sign-in',
  body: z.strictObject({ comment, lifetimeSeconds: lifetimeSeconds.optional() }),
  response: z.object({ token: z.string(), view: TokenView }),
  status: 201,
});

export const revokeOwnToken = defineRoute({
  method: 'DELETE',
  path: `${base}/tokens/{tokenId}`,
  summary: 'Revoke a token: it stops working at once',
  area,
  needs: 'owner of the token',
  params: z.object({ tokenId: z.string().min(1) }),
  response: z.object({}),
});

const TokenInfo = z.object({
  token_id: z.string(),
  creation_time: z.number(),
  /** Milliseconds since the epoch; -1: never. */
  expiry_time: z.number(),
  comment: z.string(),
});

export const databricksCreateToken = defineRoute({
  method: 'POST',
  path: '/api/2.0/token/create',
  summary: 'Create a token',
  area,
  needs: 'sign-in',
  body: z.strictObject({ comment, lifetime_seconds: lifetimeSeconds.optional() }),
  response: z.object({ token_value: z.string(), token_info: TokenInfo }),
});

export const databricksListTokens = defineRoute({
  method: 'GET',
  path: '/api/2.0/token/list',
  summary: 'The own tokens',
  area,
  needs: 'sign-in',
  response: z.object({ token_infos: z.array(TokenInfo) }),
});

export const databricksDeleteToken = defineRoute({
  method: 'POST',
  path: '/api/2.0/token/delete',
  summary: 'Revoke a token',
  area,
  needs: 'owner of the token',
  body: z.strictObject({ token_id: z.string().min(1) }),
  response: z.object({}),
});
