import type { IncomingMessage } from 'node:http';
import { type MemberRole, userError } from '@boathouse/contracts';
import type { Identity } from '../http/router.ts';
import type { BaseServices } from '../services.ts';
import { type CookieSecret, hashSecret, sessionToken } from './secrets.ts';

interface IdentityRow {
  userId: string;
  name: string;
  role: MemberRole;
  workspaceId: string;
}

const person = `u.id as "userId", u.name, m.role, m."workspaceId"`;
// One statement per request: sign-in is on the way of every cell that runs.
const bySession = {
  name: 'identity-by-session',
  text: `select ${person} from auth_session s join "user" u on u.id = s."userId" join member m on m."userId" = u.id
    where s.token = $1 and s."expiresAt" > now() order by m."createdAt" limit 1`,
};
const byToken = {
  name: 'identity-by-token',
  text: `select ${person}, t.id as "tokenId", t."lastUsedAt" from access_token t join "user" u on u.id = t."userId"
    join member m on m."userId" = u.id and m."workspaceId" = t."workspaceId"
    where t.hash = $1 and (t."expiresAt" is null or t."expiresAt" > now())`,
};

/**
 * Who asks: by `Authorization: Bearer <token>` where it is given, else by the session cookie. Null: nobody.
 * Throws UNAUTHENTICATED for a token that is unknown, revoked or too old.
 */
export function createAuthenticate(base: BaseServices, cookie: CookieSecret) {
  return async (req: IncomingMessage): Promise<Identity | null> => {
    const { authorization } = req.headers;
    if (authorization !== undefined) return withToken(base, authorization);
    const token = sessionToken(req.headers.cookie, cookie);
    if (token === null) return null;
    const { rows } = await base.pool.query<IdentityRow>({ ...bySession, values: [token] });
    return rows[0] ? identity(rows[0], false) : null;
  };
}

async function withToken(base: BaseServices, authorization: string): Promise<Identity> {
  const token = /^Bearer\s+(\S+)$/i.exec(authorization)?.[1];
  const { rows } = token
    ? await base.pool.query<IdentityRow & { tokenId: string; lastUsedAt: Date | null }>({
        ...byToken,
        values: [hashSecret(token)],
      })
    : { rows: [] };
  const row = rows[0];
  if (!row)
    throw userError('UNAUTHENTICATED', 'The access token is not valid: unknown, revoked or expired.', { status: 401 });
  if (!row.lastUsedAt || base.clock() - row.lastUsedAt.getTime() > 60_000) {
    base.pool
      .query('update access_token set "lastUsedAt" = now() where id = $1', [row.tokenId])
      .catch((error: unknown) => base.log.warn({ err: error }, 'the use of a token was not noted'));
  }
  return identity(row, true);
}

const identity = (row: IdentityRow, viaToken: boolean): Identity => ({
  principal: { userId: row.userId, name: row.name, admin: row.role === 'admin' },
  workspaceId: row.workspaceId,
  viaToken,
});
