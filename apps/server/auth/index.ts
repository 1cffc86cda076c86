import type { IncomingMessage } from 'node:http';
import type { Identity } from '../http/router.ts';
import type { BaseServices } from '../services.ts';
import { createAuthenticate } from './identity.ts';
import { createInvites, type Invites } from './invites.ts';
import { createMembers, type Members } from './members.ts';
import { anybody, type BootstrapCatalog, readMe, setUpWorkspace } from './people.ts';
import { cookieSecret } from './secrets.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createTokens, type Tokens } from './tokens.ts';

export { requireAdmin } from './members.ts';
export type { BootstrapCatalog } from './people.ts';

export interface Auth extends SignIn {
  authenticate: (req: IncomingMessage) => Promise<Identity | null>;
  /** Databricks' organisation id of a workspace (null: of the only one); null while there is none. */
  workspaceNumber: (workspaceId: string | null) => Promise<string | null>;
  anybody: () => Promise<boolean>;
  setUp: (
    person: { name: string; email: string; password: string | null },
    options: { workspaceName: string; adminToken?: string },
  ) => ReturnType<typeof setUpWorkspace>;
  me: (userId: string, workspaceId: string) => ReturnType<typeof readMe>;
  members: Members;
  invites: Invites;
  tokens: Tokens;
}

/** Who people are: sign-in, sessions, tokens, members, invitations. */
export function createAuth(base: BaseServices, bootstrap: BootstrapCatalog): Auth {
  const cookie = cookieSecret(base.installationKey);
  const signIn = createSignIn(base, cookie);
  const numbers = new Map<string | null, string>();
  return {
    ...signIn,
    authenticate: createAuthenticate(base, cookie),
    async workspaceNumber(workspaceId) {
      const known = numbers.get(workspaceId);
      if (known !== undefined) return known;
      const { rows } = await base.pool.query<{ number: string }>(
        'select number from workspace where $1::text is null or id = $1 order by number limit 1',
        [workspaceId],
      );
      if (rows[0]) numbers.set(workspaceId, rows[0].number);
      return rows[0]?.number ?? null;
    },
    anybody: () => anybody(base.pool),
    async setUp({ password, ...person }, options) {
      const passwordHash = password === null ? null : await signIn.hashPassword(password);
      return setUpWorkspace(base, bootstrap, { ...person, passwordHash }, options);
    },
    me: (userId, workspaceId) => readMe(base, userId, workspaceId),
    members: createMembers(base),
    invites: createInvites(base),
    tokens: createTokens(base),
  };
}
