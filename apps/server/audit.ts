import type { Tx } from './db.ts';

export interface AuditEntry {
  workspaceId: string;
  userId: string | null;
  /** `token.create`, `object.share`, … */
  action: string;
  /** What it was done to: an id or a name. */
  target: string;
  details?: Record<string, unknown>;
}

/** Notes who did what, in the transaction that does it. */
export async function audit(tx: Pick<Tx, 'query'>, entry: AuditEntry): Promise<void> {
  await tx.query(
    'insert into audit_event ("workspaceId", "userId", action, target, details) values ($1, $2, $3, $4, $5)',
    [entry.workspaceId, entry.userId, entry.action, entry.target, JSON.stringify(entry.details ?? {})],
  );
}
