import { systemError } from '@boathouse/contracts';
import type { Pool, PoolClient } from 'pg';

/** A connection inside a transaction: plain SQL. */
export type Tx = PoolClient;

/** Errors after which nobody knows whether a transaction was committed. */
const unknownOutcomes = new WeakSet<Error>();

/** Runs `work` in one transaction: all of it or nothing. */
export async function transaction<T>(pool: Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    await tx.query('begin');
    const value = await work(tx);
    await tx.query('commit').catch((error: Error) => {
      if (isDatabaseAway(error)) unknownOutcomes.add(error);
      throw error;
    });
    return value;
  } catch (error) {
    // A connection that cannot roll back is thrown away, never handed to the next.
    await tx.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    throw error;
  } finally {
    tx.release(broken);
  }
}

// PostgreSQL's classes of lost connections and shut-downs, and the operating system's.
const awayCodes = /^(08...|57P0[1-5]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT)$/;

// pg's own errors carry no code. The last: the connection was lost between two statements of a transaction.
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed) and is not queryable)/;

/** True where the database could not be reached: it is being started again, so the same work may succeed in a moment. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && awayCodes.test(String(error.code))) return true;
  return awayMessages.test(error.message);
}

/** Does the work, again for up to half a minute where the database is away. The work must bear being done twice. */
export async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || attempt >= 40) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(50 * attempt, 1000)));
    }
  }
}

/** The database cannot be reached: it is being started again, so trying again helps. */
export const databaseUnavailable = (cause: unknown) =>
  systemError('DATABASE_UNAVAILABLE', 'The database cannot be reached right now. Try again in a moment.', {
    status: 503,
    cause,
  });

/** Does the work, again where the database is away. */
export type Patience = <T>(work: () => Promise<T>, rule?: { repeatable: boolean }) => Promise<T>;

/**
 * Waits for a database that is away, `forMs` for all work together, and then throws DATABASE_UNAVAILABLE. Work that must not be done
 * twice (`repeatable: false`) is not tried again once its commit may have happened: COMMIT_UNKNOWN.
 */
export function createPatience(forMs = 30_000): Patience {
  const endAt = performance.now() + forMs;
  return async (work, { repeatable } = { repeatable: true }) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        if (!repeatable && error instanceof Error && unknownOutcomes.has(error))
          throw systemError(
            'COMMIT_UNKNOWN',
            'The database went away while this change was stored: it was made, or it was not. Look (SHOW, DESCRIBE) before you run it again.',
            { status: 503, cause: error },
          );
        if (performance.now() >= endAt) throw databaseUnavailable(error);
        await new Promise((resolve) => setTimeout(resolve, Math.min(50 * attempt, 1000)));
      }
    }
  };
}

/** True for PostgreSQL's unique violation, of the named constraint or index where one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== '23505') return false;
  return constraint === undefined || ('constraint' in error && error.constraint === constraint);
}
