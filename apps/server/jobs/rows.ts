import { JobRunStateName, JobSettings, TaskSettings, TaskStateName } from '@boathouse/contracts';
import { type JobRunState, runApiState, taskApiState, taskSpec } from '@boathouse/jobs';
import { z } from 'zod';
import type { Tx } from '../db.ts';

/** A run with its tasks as it is in the database; `state` is what the pure machine works on. */
export interface LoadedRun {
  id: number;
  jobId: number;
  workspaceId: string;
  state: JobRunState;
  /** Ids of the task rows by key. */
  taskIds: Map<string, number>;
}

const millis = (column: string, name: string) => `(extract(epoch FROM ${column}) * 1000)::float8 AS "${name}"`;
const nullableMs = z.number().nullable();

export const JobRow = z.object({
  id: z.coerce.number(),
  workspaceId: z.string(),
  settings: JobSettings,
  ownerId: z.string(),
  ownerName: z.string(),
  ownerEmail: z.string(),
  createdAtMs: z.number(),
  nextRunAtMs: nullableMs,
});
export type JobRow = z.infer<typeof JobRow>;

/** From `job j`. */
export const jobColumns = `j.id, j."workspaceId", j.settings, j."ownerId", ${millis('j."createdAt"', 'createdAtMs')},
  coalesce((SELECT u.name FROM "user" u WHERE u.id = j."ownerId"), j."ownerId") AS "ownerName",
  coalesce((SELECT u.email FROM "user" u WHERE u.id = j."ownerId"), j."ownerId") AS "ownerEmail",
  (SELECT (extract(epoch FROM t."nextFireAt") * 1000)::float8 FROM job_trigger t WHERE t."jobId" = j.id AND NOT t.paused) AS "nextRunAtMs"`;

export const RunRow = z.object({
  id: z.coerce.number(),
  jobId: z.coerce.number(),
  workspaceId: z.string(),
  numberInJob: z.number(),
  trigger: z.enum(['PERIODIC', 'ONE_TIME']),
  settings: JobSettings,
  parameters: z.record(z.string(), z.string()),
  state: JobRunStateName,
  stateMessage: z.string(),
  creatorName: z.string(),
  creatorEmail: z.string(),
  runAsId: z.string(),
  runAsName: z.string(),
  scheduledAtMs: nullableMs,
  createdAtMs: z.number(),
  startedAtMs: nullableMs,
  endedAtMs: nullableMs,
});
export type RunRow = z.infer<typeof RunRow>;

const person = (column: string, what: 'name' | 'email') =>
  `coalesce((SELECT u.${what} FROM "user" u WHERE u.id = ${column}), ${column})`;

/** From `job_run r`. */
export const runColumns = `r.id, r."jobId", r."workspaceId", r."numberInJob", r.trigger, r.settings, r.parameters, r.state, r."stateMessage",
  r."runAsId", ${person('r."creatorId"', 'name')} AS "creatorName", ${person('r."creatorId"', 'email')} AS "creatorEmail", ${person('r."runAsId"', 'name')} AS "runAsName",
  ${millis('r."scheduledAt"', 'scheduledAtMs')}, ${millis('r."createdAt"', 'createdAtMs')}, ${millis('r."startedAt"', 'startedAtMs')}, ${millis('r."endedAt"', 'endedAtMs')}`;

export const TaskRow = z.object({
  id: z.coerce.number(),
  jobRunId: z.coerce.number(),
  taskKey: z.string(),
  task: TaskSettings,
  state: TaskStateName,
  stateMessage: z.string(),
  attempts: z.number(),
  createdAtMs: z.number(),
  startedAtMs: nullableMs,
  endedAtMs: nullableMs,
});
export type TaskRow = z.infer<typeof TaskRow>;

/** From `task_run t`. */
export const taskColumns = `t.id, t."jobRunId", t."taskKey", t.task, t.state, t."stateMessage",
  (SELECT coalesce(max(a.number), 0)::int FROM task_attempt a WHERE a."taskRunId" = t.id) AS attempts,
  ${millis('t."createdAt"', 'createdAtMs')}, ${millis('t."startedAt"', 'startedAtMs')}, ${millis('t."endedAt"', 'endedAtMs')}`;

/** Reads a run and locks it against every other mover until the transaction ends. Null where there is none. */
export async function lockRun(tx: Tx, id: number): Promise<LoadedRun | null> {
  const { rows } = await tx.query<{ jobId: string; workspaceId: string; state: string; stateMessage: string }>(
    'SELECT "jobId", "workspaceId", state, "stateMessage" FROM job_run WHERE id = $1 FOR UPDATE',
    [id],
  );
  const run = rows[0];
  if (!run) return null;
  const tasks = (await tx.query(`SELECT ${taskColumns} FROM task_run t WHERE t."jobRunId" = $1 ORDER BY t.id`, [id]))
    .rows;
  const parsed = tasks.map((row) => TaskRow.parse(row));
  return {
    id,
    jobId: Number(run.jobId),
    workspaceId: run.workspaceId,
    state: {
      state: JobRunStateName.parse(run.state),
      message: run.stateMessage,
      tasks: parsed.map((row) => ({
        ...taskSpec(row.task),
        state: row.state,
        attempts: row.attempts,
        message: row.stateMessage,
      })),
    },
    taskIds: new Map(parsed.map((row) => [row.taskKey, row.id])),
  };
}

/** Writes what differs between two states of a run that is locked. */
export async function saveRun(tx: Tx, run: LoadedRun, next: JobRunState): Promise<void> {
  const before = run.state;
  if (before.state !== next.state || before.message !== next.message) {
    await tx.query(
      `UPDATE job_run SET state = $2, "stateMessage" = $3, "resultState" = $4,
         "startedAt" = CASE WHEN $2 = 'running' THEN coalesce("startedAt", now()) ELSE "startedAt" END,
         "endedAt" = CASE WHEN $4::text IS NULL THEN NULL ELSE now() END,
         "cancelRequested" = "cancelRequested" OR $2 = 'cancelling' WHERE id = $1`,
      [run.id, next.state, next.message, runApiState[next.state].result_state ?? null],
    );
  }
  const known = new Map(before.tasks.map((task) => [task.key, task]));
  const changed = next.tasks
    .filter((task) => known.get(task.key)?.state !== task.state || known.get(task.key)?.message !== task.message)
    .map((task) => ({
      id: run.taskIds.get(task.key),
      state: task.state,
      message: task.message,
      result: taskApiState[task.state].result_state ?? null,
    }));
  if (changed.length === 0) return;
  await tx.query(
    `UPDATE task_run t SET state = c.state, "stateMessage" = c.message, "resultState" = c.result,
       "startedAt" = CASE WHEN c.state = 'running' THEN coalesce(t."startedAt", now()) ELSE t."startedAt" END,
       "endedAt" = CASE WHEN c.result IS NULL THEN NULL ELSE now() END
     FROM jsonb_to_recordset($1::jsonb) AS c(id bigint, state text, message text, result text) WHERE t.id = c.id`,
    [JSON.stringify(changed)],
  );
}
