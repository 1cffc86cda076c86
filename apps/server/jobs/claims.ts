import { randomUUID } from 'node:crypto';
import { CellKind, ChartSpec, type ErrorInfo, JobSettings, TaskSettings } from '@boathouse/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import { type Tx, transaction } from '../db.ts';
import { changed, moveLocked } from './moves.ts';
import { lockRun } from './rows.ts';

/** The notebook as it was when the attempt began; a cell's run has its id before it starts, so that it starts once. */
export const Snapshot = z.object({
  notebookId: z.string(),
  path: z.string(),
  documentVersion: z.string(),
  sessionId: z.string(),
  cells: z.array(
    z.object({
      id: z.string(),
      kind: CellKind,
      title: z.string(),
      source: z.string(),
      chart: ChartSpec.nullable(),
      engine: z.string().nullable().default(null),
      runId: z.string().nullable(),
    }),
  ),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** An attempt that this server works on, as long as its token is the one in the database. */
export interface Claim {
  attemptId: string;
  token: string;
  taskKey: string;
  task: TaskSettings;
  jobRunId: number;
  jobId: number;
  workspaceId: string;
  runAsId: string;
  settings: JobSettings;
  parameters: Record<string, string>;
  startedAtMs: number;
  /** What a server that is gone had done of it. */
  snapshot: Snapshot | null;
  /** The run is to stop. */
  cancelling: boolean;
}

export type Outcome = { state: 'succeeded' } | { state: 'failed'; error: ErrorInfo } | { state: 'cancelled' };

const ClaimRow = z.object({
  jobId: z.coerce.number(),
  workspaceId: z.string(),
  runAsId: z.string(),
  settings: JobSettings,
  parameters: z.record(z.string(), z.string()),
  startedAtMs: z.number(),
});

export interface Claims {
  /** At most `limit` attempts to work on: ready tasks, and attempts whose server is gone. */
  take(limit: number): Promise<Claim[]>;
  /** Prolongs leases. Answers which of the attempts are to stop, and which are not ours any more. */
  hold(claims: Claim[]): Promise<{ stop: Set<string>; gone: Set<string> }>;
  /** False where the attempt is not ours any more. */
  keep(claim: Claim, snapshot: Snapshot): Promise<boolean>;
  /** False where the attempt is not ours any more: nothing is written then. */
  finish(claim: Claim, outcome: Outcome): Promise<boolean>;
  /** Leaves attempts to the next server at once. */
  release(claims: Claim[]): Promise<void>;
}

/** Which work is whose: `FOR UPDATE SKIP LOCKED` on runs, a lease with a fencing token on each attempt. */
export function createClaims(pool: Pool, leaseMs: number): Claims {
  const lease = `now() + interval '${leaseMs} milliseconds'`;

  async function claimRun(tx: Tx, limit: number): Promise<Claim[]> {
    const { rows } = await tx.query<{ id: string }>(
      `SELECT r.id FROM job_run r WHERE r.state IN ('running', 'cancelling') AND EXISTS (SELECT 1 FROM task_run t WHERE t."jobRunId" = r.id AND (
           (t.state = 'ready' AND ${rested}) OR
           (t.state = 'running' AND EXISTS (SELECT 1 FROM task_attempt a WHERE a."taskRunId" = t.id AND a.state = 'running' AND a."leaseUntil" < now()))))
         ORDER BY r.id LIMIT 1 FOR UPDATE OF r SKIP LOCKED`,
    );
    if (!rows[0]) return [];
    const run = await lockRun(tx, Number(rows[0].id));
    if (!run) return [];
    const facts = await tx.query(
      `SELECT "jobId", "workspaceId", "runAsId", settings, parameters, (extract(epoch FROM "startedAt") * 1000)::float8 AS "startedAtMs" FROM job_run WHERE id = $1`,
      [run.id],
    );
    const common = ClaimRow.parse(facts.rows[0]);
    const claims: Claim[] = [];
    const orphans = await tx.query<{ id: string; taskKey: string; task: unknown; snapshot: unknown; token: string }>(
      `UPDATE task_attempt a SET "leaseToken" = gen_random_uuid()::text, "leaseUntil" = ${lease} FROM task_run t
         WHERE t.id = a."taskRunId" AND t."jobRunId" = $1 AND a.state = 'running' AND a."leaseUntil" < now()
         RETURNING a.id, t."taskKey", t.task, a.snapshot, a."leaseToken" AS token`,
      [run.id],
    );
    for (const row of orphans.rows) {
      claims.push({
        ...common,
        attemptId: row.id,
        token: row.token,
        taskKey: row.taskKey,
        task: TaskSettings.parse(row.task),
        jobRunId: run.id,
        snapshot: Snapshot.nullable().parse(row.snapshot),
        cancelling: run.state.state === 'cancelling',
      });
    }
    const ready = await tx.query<{ id: string; taskKey: string; task: unknown }>(
      `SELECT t.id, t."taskKey", t.task FROM task_run t WHERE t."jobRunId" = $1 AND t.state = 'ready' AND ${rested} ORDER BY t.id LIMIT $2`,
      [run.id, Math.max(0, limit - claims.length)],
    );
    for (const row of ready.rows) {
      const next = await moveLocked(tx, run, { type: 'started', task: row.taskKey });
      const claim: Claim = {
        ...common,
        attemptId: randomUUID(),
        token: randomUUID(),
        taskKey: row.taskKey,
        task: TaskSettings.parse(row.task),
        jobRunId: run.id,
        snapshot: null,
        cancelling: false,
      };
      await tx.query(
        `INSERT INTO task_attempt (id, "taskRunId", number, state, "leaseToken", "leaseUntil", "startedAt") VALUES ($1, $2, $3, 'running', $4, ${lease}, now())`,
        [claim.attemptId, row.id, next.tasks.find((task) => task.key === row.taskKey)!.attempts, claim.token],
      );
      claims.push(claim);
    }
    return claims;
  }

  return {
    async take(limit) {
      const claims: Claim[] = [];
      while (claims.length < limit) {
        const more = await transaction(pool, (tx) => claimRun(tx, limit - claims.length));
        if (more.length === 0) break;
        claims.push(...more);
      }
      return claims;
    },
    async hold(claims) {
      const { rows } = await pool.query<{ id: string; cancelling: boolean }>(
        `UPDATE task_attempt a SET "leaseUntil" = ${lease} FROM jsonb_to_recordset($1::jsonb) AS c(id text, token text), task_run t, job_run r
           WHERE a.id = c.id AND a."leaseToken" = c.token AND a.state = 'running' AND t.id = a."taskRunId" AND r.id = t."jobRunId"
           RETURNING a.id, r.state = 'cancelling' AS cancelling`,
        [JSON.stringify(claims.map((claim) => ({ id: claim.attemptId, token: claim.token })))],
      );
      const held = new Set(rows.map((row) => row.id));
      return {
        stop: new Set(rows.filter((row) => row.cancelling).map((row) => row.id)),
        gone: new Set(claims.map((claim) => claim.attemptId).filter((id) => !held.has(id))),
      };
    },
    keep: (claim, snapshot) =>
      transaction(pool, async (tx) => {
        const { rowCount } = await tx.query(
          `UPDATE task_attempt SET snapshot = $3::jsonb WHERE id = $1 AND "leaseToken" = $2 AND state = 'running'`,
          [claim.attemptId, claim.token, JSON.stringify(snapshot)],
        );
        if (rowCount === 1) await changed(tx, claim.workspaceId, claim.jobId);
        return rowCount === 1;
      }),
    finish: (claim, outcome) =>
      transaction(pool, async (tx) => {
        // The run before the attempt: the order in which claims lock.
        const run = await lockRun(tx, claim.jobRunId);
        if (!run) return false;
        const { rowCount } = await tx.query(
          `UPDATE task_attempt SET state = $3, error = $4::jsonb, "leaseToken" = NULL, "leaseUntil" = NULL, "endedAt" = now()
             WHERE id = $1 AND "leaseToken" = $2 AND state = 'running'`,
          [
            claim.attemptId,
            claim.token,
            outcome.state,
            outcome.state === 'failed' ? JSON.stringify(outcome.error) : null,
          ],
        );
        if (rowCount !== 1) return false;
        const task = claim.taskKey;
        await moveLocked(
          tx,
          run,
          outcome.state === 'failed'
            ? { type: 'failed', task, message: outcome.error.message, mayRetry: true }
            : { type: outcome.state, task },
        );
        return true;
      }),
    async release(claims) {
      await pool.query(
        `UPDATE task_attempt a SET "leaseUntil" = now() FROM jsonb_to_recordset($1::jsonb) AS c(id text, token text)
           WHERE a.id = c.id AND a."leaseToken" = c.token AND a.state = 'running'`,
        [JSON.stringify(claims.map((claim) => ({ id: claim.attemptId, token: claim.token })))],
      );
    },
  };
}

/** A task that failed waits as long as its settings say before it is tried again. */
const rested = `NOT EXISTS (SELECT 1 FROM task_attempt p WHERE p."taskRunId" = t.id
  AND p."endedAt" + coalesce((t.task->>'min_retry_interval_millis')::float8, 0) * interval '1 millisecond' > now())`;
