import { randomUUID } from 'node:crypto';
import { everybody, isGrantable } from '@boathouse/catalog';
import { type Principal, type Privilege, type SecurableKind, userError } from '@boathouse/contracts';
import { audit } from '../audit.ts';
import { enqueue } from '../events/index.ts';
import type { Queryable } from './db.ts';
import { chainForGrants, noSecurable } from './reader.ts';

export interface GrantChange {
  kind: SecurableKind;
  fullName: string;
  /** E-mail of a member, or `account users`. */
  principal: string;
  add: Privilege[];
  remove: Privilege[];
}

/**
 * Grants and revokes; the caller has checked MANAGE. Granting twice and revoking what nobody has change nothing. Throws
 * PRINCIPAL_DOES_NOT_EXIST, PRIVILEGE_NOT_GRANTABLE and the NOT_FOUND codes.
 */
export async function changeGrants(
  tx: Queryable,
  workspaceId: string,
  by: Principal,
  change: GrantChange,
): Promise<void> {
  const chain = await chainForGrants(tx, workspaceId, change.kind, change.fullName);
  const securable = chain?.securables.at(-1);
  if (!securable) throw noSecurable(change.kind, change.fullName);
  const principalId = await principalIdOf(tx, workspaceId, change.principal);
  for (const privilege of change.add) {
    if (!isGrantable(privilege, change.kind)) {
      throw userError(
        'PRIVILEGE_NOT_GRANTABLE',
        `${privilege} cannot be granted on a ${change.kind}. SHOW GRANTS and the catalog page list what can.`,
      );
    }
    await tx.query(
      `INSERT INTO "grant" (id, "workspaceId", "securableKind", "securableId", "principalId", privilege, "grantedBy")
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [randomUUID(), workspaceId, change.kind, securable.id, principalId, privilege, by.userId],
    );
  }
  if (change.remove.length > 0) {
    await tx.query(
      `DELETE FROM "grant" WHERE "securableKind" = $1 AND "securableId" = $2 AND "principalId" = $3 AND privilege = ANY($4::text[])`,
      [change.kind, securable.id, principalId, change.remove],
    );
  }
  await audit(tx, {
    workspaceId,
    userId: by.userId,
    action: 'catalog.grant',
    target: `${change.kind} ${securable.fullName}`,
    details: {
      principal: change.principal,
      add: change.add,
      remove: change.remove,
    },
  });
  await enqueue(tx, 'changed', { workspaceId, kind: change.kind, id: securable.id });
}

/** A member's id by e-mail (any case), or `account users`. Throws PRINCIPAL_DOES_NOT_EXIST. */
export async function principalIdOf(db: Queryable, workspaceId: string, principal: string): Promise<string> {
  if (principal.toLowerCase() === everybody || principal.toLowerCase() === 'users') return everybody;
  const { rows } = await db.query<{ id: string }>(
    `SELECT u.id FROM "user" u JOIN member m ON m."userId" = u.id AND m."workspaceId" = $1 WHERE lower(u.email) = lower($2)`,
    [workspaceId, principal],
  );
  if (!rows[0]) {
    throw userError(
      'PRINCIPAL_DOES_NOT_EXIST',
      `Nobody in this workspace has the e-mail "${principal}". Invite them first, or grant to \`account users\`.`,
      {
        status: 404,
      },
    );
  }
  return rows[0].id;
}
