import { JobSettings, type PartialJobSettings, type Principal, userError } from '@boathouse/contracts';
import { nextFire } from '@boathouse/jobs';
import { type Tx, transaction } from '../db.ts';
import { enqueue } from '../events/index.ts';
import type { BaseServices } from '../services.ts';
import { addRun, changed, move } from './moves.ts';
import { JobRow, jobColumns, RunRow, runColumns, TaskRow, taskColumns } from './rows.ts';
import { checkSettings, mergeSettings } from './settings.ts';

async function attachedEngines(tx: Tx, workspaceId: string): Promise<Set<string>> {
  const { rows } = await tx.query<{ id: string }>('SELECT id FROM engine WHERE "workspaceId" = $1', [workspaceId]);
  return new Set(rows.map(({ id }) => id));
}

export interface Caller {
  principal: Principal;
  workspaceId: string;
}

export interface RunFilter {
  jobId?: number;
  active?: boolean;
  beforeId?: number;
  offset?: number;
  fromMs?: number;
  toMs?: number;
  limit: number;
}

export interface RunNow {
  parameters?: Record<string, string> | undefined;
  idempotencyToken?: string | undefined;
  queue?: boolean | undefined;
}

/** The door of jobs. A job is seen and changed by its owner and by administrators; to others it does not exist. */
export interface JobService {
  create(caller: Caller, settings: JobSettings): Promise<number>;
  get(caller: Caller, jobId: number): Promise<JobRow>;
  list(
    caller: Caller,
    filter: { name?: string; notebookPath?: string; beforeId?: number; offset?: number; limit: number },
  ): Promise<JobRow[]>;
  reset(caller: Caller, jobId: number, settings: JobSettings): Promise<void>;
  update(caller: Caller, jobId: number, change: PartialJobSettings | undefined, remove?: string[]): Promise<void>;
  remove(caller: Caller, jobId: number): Promise<void>;
  runNow(caller: Caller, jobId: number, run: RunNow): Promise<{ id: number; numberInJob: number }>;
  /** Throws RESOURCE_DOES_NOT_EXIST. */
  run(caller: Caller, runId: number): Promise<RunRow>;
  runs(caller: Caller, filter: RunFilter): Promise<RunRow[]>;
  tasks(runIds: number[]): Promise<TaskRow[]>;
  /** The task run with this id, or null. */
  task(caller: Caller, taskRunId: number): Promise<{ task: TaskRow; run: RunRow } | null>;
  cancel(caller: Caller, runId: number): Promise<void>;
}

const visible = `("ownerId" = $2 OR $3)`;

export function createJobService(base: Pick<BaseServices, 'pool' | 'clock'>): JobService {
  const { pool } = base;
  const missing = (jobId: number) =>
    userError('RESOURCE_DOES_NOT_EXIST', `Job ${jobId} does not exist.`, { status: 404 });
  const missingRun = (runId: number) =>
    userError('RESOURCE_DOES_NOT_EXIST', `Run ${runId} does not exist.`, { status: 404 });
  const who = ({ workspaceId, principal }: Caller) => [workspaceId, principal.userId, principal.admin];

  async function lockJob(tx: Tx, caller: Caller, jobId: number) {
    const { rows } = await tx.query<{ ownerId: string; settings: unknown; email: string }>(
      `SELECT j."ownerId", j.settings, coalesce(u.email, j."ownerId") AS email FROM job j LEFT JOIN "user" u ON u.id = j."ownerId"
         WHERE j."workspaceId" = $1 AND (j."ownerId" = $2 OR $3) AND j.id = $4 AND j."deletedAt" IS NULL FOR UPDATE OF j`,
      [...who(caller), jobId],
    );
    const row = rows[0];
    if (!row) throw missing(jobId);
    return {
      id: jobId,
      workspaceId: caller.workspaceId,
      ownerId: row.ownerId,
      email: row.email,
      settings: JobSettings.parse(row.settings),
    };
  }

  /** One trigger a job. A schedule that did not change keeps its next time. */
  async function saveTrigger(tx: Tx, jobId: number, settings: JobSettings): Promise<void> {
    const { schedule } = settings;
    if (!schedule) {
      await tx.query('DELETE FROM job_trigger WHERE "jobId" = $1', [jobId]);
      return;
    }
    const next = nextFire(schedule.quartz_cron_expression, schedule.timezone_id, base.clock());
    await tx.query(
      `INSERT INTO job_trigger AS t (id, "jobId", "quartzCron", "timeZone", paused, "nextFireAt") VALUES ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000))
       ON CONFLICT (id) DO UPDATE SET "quartzCron" = $3, "timeZone" = $4, paused = $5,
         "nextFireAt" = CASE WHEN t."quartzCron" = $3 AND t."timeZone" = $4 AND NOT t.paused AND NOT $5 THEN t."nextFireAt" ELSE excluded."nextFireAt" END`,
      [
        `job-${jobId}`,
        jobId,
        schedule.quartz_cron_expression,
        schedule.timezone_id,
        schedule.pause_status === 'PAUSED',
        next,
      ],
    );
  }

  async function saveSettings(
    caller: Caller,
    jobId: number,
    next: (settings: JobSettings) => JobSettings,
  ): Promise<void> {
    await transaction(pool, async (tx) => {
      const job = await lockJob(tx, caller, jobId);
      const settings = JobSettings.parse(next(job.settings));
      checkSettings(settings, job.email, await attachedEngines(tx, caller.workspaceId));
      await tx.query('UPDATE job SET name = $2, settings = $3::jsonb, "updatedAt" = now() WHERE id = $1', [
        jobId,
        settings.name,
        JSON.stringify(settings),
      ]);
      await saveTrigger(tx, jobId, settings);
      await changed(tx, caller.workspaceId, jobId);
      await enqueue(tx, 'job.work', { jobId });
    });
  }

  const selectRuns = async (caller: Caller, where: string, values: unknown[]): Promise<RunRow[]> => {
    const { rows } = await pool.query(
      `SELECT ${runColumns} FROM job_run r JOIN job j ON j.id = r."jobId" WHERE r."workspaceId" = $1 AND (j."ownerId" = $2 OR $3) AND ${where}`,
      [...who(caller), ...values],
    );
    return rows.map((row) => RunRow.parse(row));
  };

  async function run(caller: Caller, runId: number): Promise<RunRow> {
    const found = (await selectRuns(caller, 'r.id = $4', [runId]))[0];
    if (!found) throw missingRun(runId);
    return found;
  }

  return {
    async create(caller, settings) {
      return transaction(pool, async (tx) => {
        const { rows: people } = await tx.query<{ email: string }>('SELECT email FROM "user" WHERE id = $1', [
          caller.principal.userId,
        ]);
        checkSettings(settings, people[0]?.email ?? '', await attachedEngines(tx, caller.workspaceId));
        const { rows } = await tx.query<{ id: string }>(
          'INSERT INTO job ("workspaceId", name, settings, "ownerId") VALUES ($1, $2, $3::jsonb, $4) RETURNING id',
          [caller.workspaceId, settings.name, JSON.stringify(settings), caller.principal.userId],
        );
        const jobId = Number(rows[0]!.id);
        await saveTrigger(tx, jobId, settings);
        await changed(tx, caller.workspaceId, jobId);
        await enqueue(tx, 'job.work', { jobId });
        return jobId;
      });
    },
    async get(caller, jobId) {
      const { rows } = await pool.query(
        `SELECT ${jobColumns} FROM job j WHERE "workspaceId" = $1 AND ${visible} AND j.id = $4 AND "deletedAt" IS NULL`,
        [...who(caller), jobId],
      );
      if (!rows[0]) throw missing(jobId);
      return JobRow.parse(rows[0]);
    },
    async list(caller, filter) {
      const { rows } = await pool.query(
        `SELECT ${jobColumns} FROM job j WHERE "workspaceId" = $1 AND ${visible} AND "deletedAt" IS NULL
           AND ($4::text IS NULL OR lower(name) = lower($4)) AND ($5::bigint IS NULL OR id < $5)
           AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM jsonb_array_elements(settings->'tasks') t WHERE t->'notebook_task'->>'notebook_path' = $6))
         ORDER BY id DESC OFFSET $7 LIMIT $8`,
        [
          ...who(caller),
          filter.name ?? null,
          filter.beforeId ?? null,
          filter.notebookPath ?? null,
          filter.offset ?? 0,
          filter.limit,
        ],
      );
      return rows.map((row) => JobRow.parse(row));
    },
    reset: (caller, jobId, settings) => saveSettings(caller, jobId, () => settings),
    update: (caller, jobId, change, remove) =>
      saveSettings(caller, jobId, (settings) => mergeSettings(settings, change, remove)),
    remove: (caller, jobId) =>
      transaction(pool, async (tx) => {
        await lockJob(tx, caller, jobId);
        await tx.query('UPDATE job SET "deletedAt" = now() WHERE id = $1', [jobId]);
        await tx.query('DELETE FROM job_trigger WHERE "jobId" = $1', [jobId]);
        const { rows } = await tx.query<{ id: string }>(
          `SELECT id FROM job_run WHERE "jobId" = $1 AND state IN ('queued', 'running') ORDER BY id`,
          [jobId],
        );
        const message = `The job was deleted by ${caller.principal.name}.`;
        for (const { id } of rows) await move(tx, Number(id), { type: 'cancel', message });
        await changed(tx, caller.workspaceId, jobId);
      }),
    runNow: (caller, jobId, request) =>
      transaction(pool, async (tx) => {
        // Requests with one token meet at the job's lock; the second finds the run of the first.
        const job = await lockJob(tx, caller, jobId);
        if (request.idempotencyToken !== undefined) {
          const { rows } = await tx.query<{ id: string; numberInJob: number }>(
            'SELECT id, "numberInJob" FROM job_run WHERE "jobId" = $1 AND "idempotencyToken" = $2',
            [jobId, request.idempotencyToken],
          );
          if (rows[0]) return { id: Number(rows[0].id), numberInJob: rows[0].numberInJob };
        }
        const declared = job.settings.parameters ?? [];
        const unknown = Object.keys(request.parameters ?? {}).find((name) => !declared.some((it) => it.name === name));
        if (unknown !== undefined) throw userError('INVALID_PARAMETER_VALUE', `The job has no parameter "${unknown}".`);
        const added = await addRun(tx, job, {
          trigger: 'ONE_TIME',
          creatorId: caller.principal.userId,
          parameters: {
            ...Object.fromEntries(declared.map((it) => [it.name, it.default])),
            ...request.parameters,
          },
          idempotencyToken: request.idempotencyToken,
          queue: request.queue,
        });
        return added!;
      }),
    run,
    runs(caller, filter) {
      return selectRuns(
        caller,
        `($4::bigint IS NULL OR r."jobId" = $4) AND ($5::boolean IS NULL OR (r.state IN ('queued', 'running', 'cancelling')) = $5)
         AND ($6::bigint IS NULL OR r.id < $6) AND ($7::float8 IS NULL OR r."createdAt" >= to_timestamp($7::float8 / 1000))
         AND ($8::float8 IS NULL OR r."createdAt" <= to_timestamp($8::float8 / 1000)) ORDER BY r.id DESC OFFSET $9 LIMIT $10`,
        [
          filter.jobId ?? null,
          filter.active ?? null,
          filter.beforeId ?? null,
          filter.fromMs ?? null,
          filter.toMs ?? null,
          filter.offset ?? 0,
          filter.limit,
        ],
      );
    },
    async tasks(runIds) {
      const { rows } = await pool.query(
        `SELECT ${taskColumns} FROM task_run t WHERE t."jobRunId" = ANY($1::bigint[]) ORDER BY t.id`,
        [runIds],
      );
      return rows.map((row) => TaskRow.parse(row));
    },
    async task(caller, taskRunId) {
      const { rows } = await pool.query(`SELECT ${taskColumns} FROM task_run t WHERE t.id = $1`, [taskRunId]);
      if (!rows[0]) return null;
      const task = TaskRow.parse(rows[0]);
      return { task, run: await run(caller, task.jobRunId).catch(() => Promise.reject(missingRun(taskRunId))) };
    },
    async cancel(caller, runId) {
      await run(caller, runId);
      await transaction(pool, (tx) =>
        move(tx, runId, { type: 'cancel', message: `Stopped by ${caller.principal.name}.` }),
      );
    },
  };
}
