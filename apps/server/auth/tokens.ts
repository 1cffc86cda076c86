import { randomUUID } from 'node:crypto';
import { type TokenView, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { transaction } from '../db.ts';
import type { RequestContext } from '../http/router.ts';
import type { BaseServices } from '../services.ts';
import { hashSecret, newSecret } from './secrets.ts';

type Who = Pick<RequestContext, 'principal' | 'workspaceId'>;

interface TokenRow {
  id: string;
  comment: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

const view = (row: TokenRow): TokenView => ({
  id: row.id,
  comment: row.comment,
  createdAtMs: row.createdAt.getTime(),
  expiresAtMs: row.expiresAt?.getTime() ?? null,
  lastUsedAtMs: row.lastUsedAt?.getTime() ?? null,
});

/** Personal access tokens of the person who asks. */
export function createTokens(base: BaseServices) {
  return {
    async create(
      who: Who,
      comment: string,
      lifetimeSeconds: number | undefined,
    ): Promise<{ token: string; view: TokenView }> {
      const token = newSecret('bh_');
      return transaction(base.pool, async (tx) => {
        const expiresAt = lifetimeSeconds === undefined ? null : new Date(base.clock() + lifetimeSeconds * 1_000);
        const { rows } = await tx.query<TokenRow>(
          `insert into access_token (id, "workspaceId", "userId", comment, hash, "expiresAt") values ($1, $2, $3, $4, $5, $6) returning *`,
          [randomUUID(), who.workspaceId, who.principal.userId, comment, hashSecret(token), expiresAt],
        );
        const row = rows[0]!;
        await audit(tx, {
          workspaceId: who.workspaceId,
          userId: who.principal.userId,
          action: 'token.create',
          target: row.id,
        });
        return { token, view: view(row) };
      });
    },

    async list(who: Who): Promise<TokenView[]> {
      const { rows } = await base.pool.query<TokenRow>(
        'select * from access_token where "userId" = $1 and "workspaceId" = $2 order by "createdAt" desc, id',
        [who.principal.userId, who.workspaceId],
      );
      return rows.map(view);
    },

    /** Throws RESOURCE_DOES_NOT_EXIST, also for somebody else's token. */
    async revoke(who: Who, tokenId: string): Promise<void> {
      await transaction(base.pool, async (tx) => {
        const { rowCount } = await tx.query(
          'delete from access_token where id = $1 and "userId" = $2 and "workspaceId" = $3',
          [tokenId, who.principal.userId, who.workspaceId],
        );
        if (!rowCount) throw userError('RESOURCE_DOES_NOT_EXIST', `No token ${tokenId}.`, { status: 404 });
        await audit(tx, {
          workspaceId: who.workspaceId,
          userId: who.principal.userId,
          action: 'token.revoke',
          target: tokenId,
        });
      });
    },
  };
}
export type Tokens = ReturnType<typeof createTokens>;
