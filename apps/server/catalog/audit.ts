import type { Principal } from '@boathouse/contracts';
import type { Queryable } from './db.ts';

/** Notes who did what, with the change itself. */
export async function audit(
  tx: Queryable,
  workspaceId: string,
  by: Principal,
  action: string,
  target: string,
  details: Record<string, unknown> = {},
): Promise<void> {
  await tx.query(
    'INSERT INTO audit_event ("workspaceId", "userId", action, target, details) VALUES ($1, $2, $3, $4, $5::jsonb)',
    [workspaceId, by.userId, action, target, JSON.stringify(details)],
  );
}
