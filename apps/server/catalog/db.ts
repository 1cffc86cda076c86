import type { Pool, QueryResultRow } from 'pg';

/** What runs one SQL statement: a pool, a client in a transaction, or a transaction of Prisma behind `asQueryable`. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<{ rows: R[]; rowCount: number | null }>;
}

interface PrismaTransaction {
  $queryRawUnsafe<T>(text: string, ...values: unknown[]): PromiseLike<T>;
}

/** Lets rooms that write through Prisma hand in their transaction. */
export function asQueryable(tx: Queryable | PrismaTransaction): Queryable {
  if ('query' in tx) return tx;
  return {
    async query<R extends QueryResultRow>(text: string, values: unknown[] = []) {
      const rows = await tx.$queryRawUnsafe<R[]>(text, ...values);
      return { rows, rowCount: rows.length };
    },
  };
}

/** Runs work in one transaction: commits what it returns, rolls back what it throws. */
export async function transaction<T>(pool: Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: unknown) => {
      // A connection that cannot roll back must not serve anybody else.
      broken = failure instanceof Error ? failure : new Error('rollback failed');
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** True where an insert met a name that is taken. */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '23505';
