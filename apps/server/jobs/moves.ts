import type { JobSettings } from '@boathouse/contracts';
import { type JobEvent, type JobRunState, step, taskSpec } from '@boathouse/jobs';
import type { Tx } from '../db.ts';
import { enqueue } from '../events/index.ts';
import { type LoadedRun, lockRun, saveRun } from './rows.ts';

/** Every change of a run goes through here: lock, pure step, write what differs, let the news leave with the transaction. */
export async function move(tx: Tx, runId: number, event: JobEvent): Promise<JobRunState | null> {
  const run = await lockRun(tx, runId);
  return run && moveLocked(tx, run, event);
}

/** As `move`, for a run that the transaction has locked; `run` is as it is now afterwards. */
export async function moveLocked(tx: Tx, run: LoadedRun, event: JobEvent): Promise<JobRunState> {
  const { run: next, effects } = step(run.state, event);
  await saveRun(tx, run, next);
  run.state = next;
  for (const effect of effects) {
    if (effect.type === 'stop') await enqueue(tx, 'job.stop', { jobRunId: run.id });
    else await enqueue(tx, 'job.work', { jobId: run.jobId });
  }
  await changed(tx, run.workspaceId, run.jobId);
  return next;
}

/** Pages that show the job read it again. */
export const changed = (tx: Pick<Tx, 'query'>, workspaceId: string, jobId: number): Promise<void> =>
  enqueue(tx, 'changed', { workspaceId, kind: 'job', id: String(jobId) });

export interface NewRun {
  trigger: 'PERIODIC' | 'ONE_TIME';
  triggerId?: string;
  scheduledAtMs?: number;
  creatorId: string;
  parameters: Record<string, string>;
  idempotencyToken?: string | undefined;
  queue?: boolean | undefined;
}

export interface LockedJob {
  id: number;
  workspaceId: string;
  ownerId: string;
  settings: JobSettings;
}

const limitOf = (settings: JobSettings): number => settings.max_concurrent_runs ?? 1;

async function activeRuns(tx: Tx, jobId: number): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM job_run WHERE "jobId" = $1 AND state IN ('running', 'cancelling')`,
    [jobId],
  );
  return rows[0]?.n ?? 0;
}

/**
 * Adds a run of a job whose row the transaction has locked: it begins, waits or is skipped as the job's settings say.
 * Null where the trigger has fired for that time already.
 */
export async function addRun(tx: Tx, job: LockedJob, run: NewRun): Promise<{ id: number; numberInJob: number } | null> {
  const { settings } = job;
  const queue = run.queue ?? settings.queue?.enabled ?? false;
  const { rows } = await tx.query<{ id: string; numberInJob: number }>(
    `INSERT INTO job_run ("workspaceId", "jobId", "numberInJob", "triggerId", "scheduledAt", trigger, "idempotencyToken", settings, parameters, "creatorId", "runAsId", state)
     SELECT $1, $2, coalesce((SELECT max("numberInJob") FROM job_run WHERE "jobId" = $2), 0) + 1, $3, to_timestamp($4::float8 / 1000), $5, $6, $7::jsonb, $8::jsonb, $9, $10, 'queued'
     ON CONFLICT ("triggerId", "scheduledAt") DO NOTHING RETURNING id, "numberInJob"`,
    [
      job.workspaceId,
      job.id,
      run.triggerId ?? null,
      run.scheduledAtMs ?? null,
      run.trigger,
      run.idempotencyToken ?? null,
      JSON.stringify({ ...settings, queue: { enabled: queue } }),
      JSON.stringify(run.parameters),
      run.creatorId,
      job.ownerId,
    ],
  );
  const row = rows[0];
  if (!row) return null;
  const id = Number(row.id);
  // Runs and their tasks share one sequence: clients ask for either by `run_id`.
  await tx.query(
    `INSERT INTO task_run (id, "jobRunId", "taskKey", task, "dependsOn", state)
     SELECT nextval('job_run_id_seq'), $1, t->>'key', t->'task', t->'dependsOn', 'blocked' FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e(t, n) ORDER BY n`,
    [
      id,
      JSON.stringify(settings.tasks.map((task) => ({ key: task.task_key, task, dependsOn: taskSpec(task).dependsOn }))),
    ],
  );
  const limit = limitOf(settings);
  if ((await activeRuns(tx, job.id)) < limit) await move(tx, id, { type: 'begin' });
  else if (!queue || limit === 0) {
    const message = `The job already has ${limit} of at most ${limit} runs at a time, and does not queue more.`;
    await move(tx, id, { type: 'skip', message });
  } else await changed(tx, job.workspaceId, job.id);
  return { id, numberInJob: row.numberInJob };
}

/** Lets queued runs of a job begin, oldest first, as far as there is room. */
export async function promote(tx: Tx, jobId: number): Promise<void> {
  const { rows } = await tx.query<{ settings: JobSettings }>('SELECT settings FROM job WHERE id = $1 FOR UPDATE', [
    jobId,
  ]);
  if (!rows[0]) return;
  const room = limitOf(rows[0].settings) - (await activeRuns(tx, jobId));
  if (room <= 0) return;
  const queued = await tx.query<{ id: string }>(
    `SELECT id FROM job_run WHERE "jobId" = $1 AND state = 'queued' ORDER BY id LIMIT $2`,
    [jobId, room],
  );
  for (const { id } of queued.rows) await move(tx, Number(id), { type: 'begin' });
}
