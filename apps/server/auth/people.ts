import { randomUUID } from 'node:crypto';
import { type Me, type MemberRole, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { type Tx, transaction } from '../db.ts';
import type { BaseServices } from '../services.ts';
import { homePath, makeHome, makeTopFolders } from '../workspace/homes.ts';
import { hashSecret } from './secrets.ts';

/** Makes what a new workspace begins with besides its people and folders: the catalog. */
export type BootstrapCatalog = (tx: Tx, workspaceId: string, ownerId: string) => Promise<void>;

export interface NewPerson {
  name: string;
  email: string;
  /** Null: signs in by token only. */
  passwordHash: string | null;
}

// Any two servers that set up at once meet at this lock; the second finds a user.
const setupLock = 7_302_114;

export const anybody = async (db: Pick<Tx, 'query'>): Promise<boolean> =>
  (await db.query<{ there: boolean }>('select exists (select 1 from "user") as there')).rows[0]?.there ?? false;

/**
 * Adds a person. Who was a member before comes back as the same person, with a new name and password, and finds what they
 * own. Throws ALREADY_A_MEMBER.
 */
export async function addPerson(tx: Tx, workspaceId: string, person: NewPerson, role: MemberRole): Promise<string> {
  const { rows } = await tx.query<{ id: string; active: boolean }>(
    `insert into "user" (id, name, email, "updatedAt") values ($1, $2, $3, now())
      on conflict (email) do update set "updatedAt" = now()
      returning id, exists (select 1 from member where "userId" = "user".id) as active`,
    [randomUUID(), person.name, person.email],
  );
  const { id: userId, active } = rows[0]!;
  if (active) {
    throw userError('ALREADY_A_MEMBER', `${person.email} has an account here already. Sign in with it.`, {
      status: 409,
    });
  }
  await tx.query('update "user" set name = $2 where id = $1', [userId, person.name]);
  await tx.query('delete from account where "userId" = $1', [userId]);
  if (person.passwordHash !== null) {
    await tx.query(
      `insert into account (id, "accountId", "providerId", "userId", password, "updatedAt") values ($1, $2, 'credential', $2, $3, now())`,
      [randomUUID(), userId, person.passwordHash],
    );
  }
  await tx.query('insert into member ("workspaceId", "userId", role) values ($1, $2, $3)', [workspaceId, userId, role]);
  return userId;
}

/** The first administrator, their workspace, its folders and its catalog, in one transaction. Throws ALREADY_SET_UP. */
export async function setUpWorkspace(
  base: BaseServices,
  bootstrap: BootstrapCatalog,
  person: NewPerson,
  options: { workspaceName: string; adminToken?: string },
): Promise<{ userId: string; workspaceId: string }> {
  return transaction(base.pool, async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [setupLock]);
    if (await anybody(tx))
      throw userError(
        'ALREADY_SET_UP',
        'This workspace has an administrator already. Sign in, or ask for an invitation.',
        { status: 409 },
      );
    const workspaceId = randomUUID();
    await tx.query('insert into workspace (id, name) values ($1, $2)', [workspaceId, options.workspaceName]);
    const userId = await addPerson(tx, workspaceId, person, 'admin');
    if (options.adminToken !== undefined) {
      await tx.query(
        'insert into access_token (id, "workspaceId", "userId", comment, hash) values ($1, $2, $3, $4, $5)',
        [randomUUID(), workspaceId, userId, 'BOATHOUSE_ADMIN_TOKEN', hashSecret(options.adminToken)],
      );
    }
    await makeTopFolders(tx, workspaceId, userId);
    await makeHome(tx, workspaceId, { userId, email: person.email });
    await bootstrap(tx, workspaceId, userId);
    await audit(tx, { workspaceId, userId, action: 'workspace.setup', target: workspaceId });
    return { userId, workspaceId };
  });
}

/** The signed-in person. Throws UNAUTHENTICATED where the membership is gone. */
export async function readMe(base: BaseServices, userId: string, workspaceId: string): Promise<Me> {
  const { rows } = await base.pool.query<{
    name: string;
    email: string;
    role: MemberRole;
    workspaceName: string;
    number: string;
  }>(
    `select u.name, u.email, m.role, w.name as "workspaceName", w.number from member m join "user" u on u.id = m."userId"
      join workspace w on w.id = m."workspaceId" where m."userId" = $1 and m."workspaceId" = $2`,
    [userId, workspaceId],
  );
  const row = rows[0];
  if (!row) throw userError('UNAUTHENTICATED', 'You are no longer a member of this workspace.', { status: 401 });
  return {
    userId,
    name: row.name,
    email: row.email,
    role: row.role,
    workspace: { id: workspaceId, name: row.workspaceName, number: row.number },
    homePath: homePath(row.email),
  };
}
