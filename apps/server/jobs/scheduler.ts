import { JobSettings } from '@boathouse/contracts';
import { nextFire } from '@boathouse/jobs';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type Tx, transaction } from '../db.ts';
import { addRun, promote } from './moves.ts';

export interface SchedulerOptions {
  pool: Pool;
  log: Logger;
  /** Called on every tick: the net under notifications. */
  tick: () => void;
  pollMs?: number;
}

export interface Scheduler {
  start(): void;
  /** Looks at triggers and queues now. */
  look(): Promise<void>;
  /** A trigger or queue changed: look soon. */
  nudge(): void;
  stop(): Promise<void>;
}

// One server at a time fires triggers; the unique (trigger, time) holds even if two did.
const cronLock = 7_302_115;

interface Due {
  id: string;
  jobId: string;
  quartzCron: string;
  timeZone: string;
  dueMs: number;
  nowMs: number;
}

/**
 * Fires triggers at their stored times and lets queued runs begin. After a time in which no server ran, a trigger fires once,
 * late, and then goes on with its next time.
 */
export function createScheduler({ pool, log, tick, pollMs = 1000 }: SchedulerOptions): Scheduler {
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  /** Milliseconds to the next time, or null where there is none or another server does it. */
  async function fireDue(): Promise<number | null> {
    return transaction(pool, async (tx) => {
      const { rows: locks } = await tx.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [
        cronLock,
      ]);
      if (!locks[0]?.held) return null;
      const { rows } = await tx.query<Due>(
        `SELECT t.id, t."jobId"::text AS "jobId", t."quartzCron", t."timeZone", (extract(epoch FROM t."nextFireAt") * 1000)::float8 AS "dueMs", (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"
           FROM job_trigger t WHERE NOT t.paused AND t."nextFireAt" <= clock_timestamp() ORDER BY t."nextFireAt" LIMIT 200`,
      );
      for (const due of rows) await fire(tx, due);
      const { rows: next } = await tx.query<{ ms: number | null }>(
        `SELECT (extract(epoch FROM min("nextFireAt") - clock_timestamp()) * 1000)::float8 AS ms FROM job_trigger WHERE NOT paused`,
      );
      return next[0]?.ms ?? null;
    });
  }

  async function fire(tx: Tx, due: Due): Promise<void> {
    // The job before its trigger, as saving does; whoever changed or deleted it meanwhile wins.
    const { rows } = await tx.query<{ workspaceId: string; ownerId: string; settings: unknown }>(
      `SELECT "workspaceId", "ownerId", settings FROM job WHERE id = $1 AND "deletedAt" IS NULL FOR UPDATE`,
      [due.jobId],
    );
    const still = await tx.query(
      `SELECT 1 FROM job_trigger WHERE id = $1 AND NOT paused AND "quartzCron" = $2 AND "timeZone" = $3 AND "nextFireAt" <= clock_timestamp() FOR UPDATE`,
      [due.id, due.quartzCron, due.timeZone],
    );
    if (!rows[0] || still.rowCount !== 1) return;
    const settings = JobSettings.parse(rows[0].settings);
    await addRun(
      tx,
      { id: Number(due.jobId), workspaceId: rows[0].workspaceId, ownerId: rows[0].ownerId, settings },
      {
        trigger: 'PERIODIC',
        triggerId: due.id,
        scheduledAtMs: due.dueMs,
        creatorId: rows[0].ownerId,
        parameters: Object.fromEntries((settings.parameters ?? []).map((it) => [it.name, it.default])),
      },
    );
    const next = nextFire(due.quartzCron, due.timeZone, Math.max(due.dueMs, due.nowMs));
    await tx.query('UPDATE job_trigger SET "nextFireAt" = to_timestamp($2::float8 / 1000) WHERE id = $1', [
      due.id,
      next,
    ]);
  }

  async function promoteAll(): Promise<void> {
    const { rows } = await pool.query<{ jobId: string }>(`SELECT DISTINCT "jobId" FROM job_run WHERE state = 'queued'`);
    for (const { jobId } of rows) await transaction(pool, (tx) => promote(tx, Number(jobId)));
  }

  function look(): Promise<void> {
    if (looking) {
      again = true;
      return looking;
    }
    if (timer) clearTimeout(timer);
    looking = (async () => {
      let waitMs: number | null = null;
      try {
        do {
          again = false;
          waitMs = await fireDue();
          await promoteAll();
        } while (again && !stopped);
        tick();
      } catch (error) {
        log.warn({ err: error }, 'schedules could not be looked at; trying again');
      } finally {
        looking = null;
        if (!stopped) {
          const soonMs = Math.max(5, Math.min(pollMs, waitMs ?? pollMs));
          timer = setTimeout(() => void look(), soonMs);
          timer.unref();
        }
      }
    })();
    return looking;
  }

  return {
    start: () => void look(),
    look,
    nudge: () => void look(),
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      await looking;
    },
  };
}
