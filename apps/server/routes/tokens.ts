import {
  createOwnToken,
  databricksCreateToken,
  databricksDeleteToken,
  databricksListTokens,
  listOwnTokens,
  revokeOwnToken,
  type TokenView,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

const tokenInfo = (view: TokenView) => ({
  token_id: view.id,
  creation_time: view.createdAtMs,
  expiry_time: view.expiresAtMs ?? -1,
  comment: view.comment,
});

export const tokenRoutes = ({ auth }: Services): Route[] => [
  implement(listOwnTokens, async ({ ctx }) => ({ tokens: await auth.tokens.list(ctx) })),
  implement(createOwnToken, ({ body, ctx }) => auth.tokens.create(ctx, body.comment, body.lifetimeSeconds)),
  implement(revokeOwnToken, async ({ params, ctx }) => {
    await auth.tokens.revoke(ctx, params.tokenId);
    return {};
  }),
  implement(databricksCreateToken, async ({ body, ctx }) => {
    const { token, view } = await auth.tokens.create(ctx, body.comment, body.lifetime_seconds);
    return { token_value: token, token_info: tokenInfo(view) };
  }),
  implement(databricksListTokens, async ({ ctx }) => ({ token_infos: (await auth.tokens.list(ctx)).map(tokenInfo) })),
  implement(databricksDeleteToken, async ({ body, ctx }) => {
    await auth.tokens.revoke(ctx, body.token_id);
    return {};
  }),
];
