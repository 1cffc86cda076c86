import { createHash, randomUUID } from 'node:crypto';
import { type Principal, SessionState, userError } from '@boathouse/contracts';
import type { Pool } from 'pg';

export interface StoredSession {
  state: SessionState;
  /** Why the kernel's variables are gone, where nobody was told yet. */
  lostReason: string | null;
}

/** SQL sessions in PostgreSQL: current schema, settings and temporary views survive compute and server. */
export interface Sessions {
  /** The one session of a person in a notebook; made at first use. */
  ofNotebook(workspaceId: string, notebookId: string, principal: Principal): Promise<StoredSession>;
  /** A session for an API client, which names it by its id. */
  open(workspaceId: string, principal: Principal, facts: Partial<SessionState>): Promise<SessionState>;
  /** An API session of this person. Throws RESOURCE_DOES_NOT_EXIST. */
  ofClient(workspaceId: string, id: string, principal: Principal): Promise<SessionState>;
  /** A session for one statement: nothing of it is kept. */
  passing(id: string, facts: Partial<SessionState>): SessionState;
  get(id: string): Promise<SessionState | null>;
  save(state: SessionState): Promise<void>;
  close(id: string): Promise<void>;
  lost(id: string, reason: string): Promise<void>;
  acknowledge(id: string): Promise<void>;
}

const fresh = (id: string, facts: Partial<SessionState>): SessionState =>
  SessionState.parse({ catalog: 'main', schema: 'default', ...facts, id });

/** Fixed by notebook and person, so that two first requests at once make one session. */
export const notebookSessionId = (notebookId: string, userId: string): string =>
  `nb-${createHash('sha256').update(`${notebookId}\0${userId}`).digest('hex').slice(0, 32)}`;

/** `clock`: milliseconds, the same that dates runs: what ran in a session is told from what ran before it was reset. */
export function createSessions(pool: Pool, clock: () => number): Sessions {
  const gone = (id: string) =>
    userError('RESOURCE_DOES_NOT_EXIST', `There is no session ${id}. Open one with POST /api/2.0/sql/sessions.`, {
      status: 404,
    });
  return {
    async ofNotebook(workspaceId, notebookId, principal) {
      const id = notebookSessionId(notebookId, principal.userId);
      const { rows } = await pool.query<{ state: unknown; lostReason: string | null }>(
        `INSERT INTO sql_session (id, "workspaceId", "notebookId", "principalId", state, "createdAt") VALUES ($1, $2, $3, $4, $5::jsonb, to_timestamp($6::float8 / 1000))
         ON CONFLICT (id) DO UPDATE SET "usedAt" = now() RETURNING state, "lostReason"`,
        [id, workspaceId, notebookId, principal.userId, JSON.stringify(fresh(id, {})), clock()],
      );
      return { state: SessionState.parse(rows[0]!.state), lostReason: rows[0]!.lostReason };
    },
    async open(workspaceId, principal, facts) {
      const state = fresh(randomUUID(), facts);
      await pool.query(
        `INSERT INTO sql_session (id, "workspaceId", "principalId", state, "createdAt") VALUES ($1, $2, $3, $4::jsonb, to_timestamp($5::float8 / 1000))`,
        [state.id, workspaceId, principal.userId, JSON.stringify(state), clock()],
      );
      return state;
    },
    async ofClient(workspaceId, id, principal) {
      const { rows } = await pool.query<{ state: unknown }>(
        `UPDATE sql_session SET "usedAt" = now() WHERE id = $1 AND "workspaceId" = $2 AND "principalId" = $3 AND "notebookId" IS NULL RETURNING state`,
        [id, workspaceId, principal.userId],
      );
      if (!rows[0]) throw gone(id);
      return SessionState.parse(rows[0].state);
    },
    passing: fresh,
    async get(id) {
      const { rows } = await pool.query<{ state: unknown }>('SELECT state FROM sql_session WHERE id = $1', [id]);
      return rows[0] ? SessionState.parse(rows[0].state) : null;
    },
    async save(state) {
      await pool.query('UPDATE sql_session SET state = $2::jsonb, "usedAt" = now() WHERE id = $1', [
        state.id,
        JSON.stringify(state),
      ]);
    },
    async close(id) {
      await pool.query('DELETE FROM sql_session WHERE id = $1', [id]);
    },
    async lost(id, reason) {
      await pool.query('UPDATE sql_session SET "lostReason" = $2 WHERE id = $1', [id, reason]);
    },
    async acknowledge(id) {
      await pool.query('UPDATE sql_session SET "lostReason" = NULL WHERE id = $1', [id]);
    },
  };
}
