import { type EventInput, type EventKind, eventSchemas } from './kinds.ts';

/** The channel that wakes the dispatcher of every server. */
export const OUTBOX_CHANNEL = 'boathouse_outbox';

/** A transaction to write in: of `pg`, or of Prisma. */
export type OutboxTransaction =
  | { query(text: string, values: unknown[]): Promise<unknown> }
  | { $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown> };

// One statement; PostgreSQL delivers the notification at commit, and not at all after a rollback.
const insert = `WITH row AS (INSERT INTO outbox (kind, payload) VALUES ($1, $2::jsonb) RETURNING id)
  SELECT pg_notify('${OUTBOX_CHANNEL}', '') FROM row`;

/**
 * Lets an event leave with the transaction: it is delivered to every server if the transaction commits, and never
 * otherwise. Throws ZodError where the payload is not of its kind.
 */
export async function enqueue<K extends EventKind>(
  tx: OutboxTransaction,
  kind: K,
  payload: EventInput<K>,
): Promise<void> {
  const body = JSON.stringify(eventSchemas[kind].parse(payload));
  if ('query' in tx) await tx.query(insert, [kind, body]);
  else await tx.$executeRawUnsafe(insert, kind, body);
}
