import { randomUUID } from 'node:crypto';
import { type Api, Refused, sleep, until } from './api.ts';

interface JobRunSeen {
  run_id: number;
  status?: { state: string; termination_details?: { code?: string } };
}

/** A job of two tasks, the second after the first; each writes one row with the token of its run. */
export interface Jobs {
  work(stop: AbortSignal): Promise<void>;
  /** All runs have ended; a run that succeeded has written one row per task; no task has written two. */
  check(): Promise<string[]>;
}

const ENDED_WITHIN_MS = 60_000;
const table = 'main.default.job_ledger';

export async function createJobs(api: Api): Promise<Jobs> {
  await api.sql(`create table ${table} (token string, task string)`);
  const path = '/crash-task';
  await api.importNotebook(path, `insert into ${table} values (:token, :task)`);
  const task = (key: string) => ({
    task_key: key,
    notebook_task: { notebook_path: path, base_parameters: { task: key } },
  });
  const { job_id } = await api.request<{ job_id: number }>('POST', '/api/2.2/jobs/create', {
    name: 'Crash',
    max_concurrent_runs: 100,
    parameters: [{ name: 'token', default: 'none' }],
    tasks: [task('first'), { ...task('second'), depends_on: [{ task_key: 'first' }] }],
  });
  /** Tokens that were sent, and the run that was told for each. */
  const tokens = new Map<string, number | null>();

  const runNow = async (token: string): Promise<number> => {
    const { run_id } = await api.request<{ run_id: number }>('POST', '/api/2.2/jobs/run-now', {
      job_id,
      idempotency_token: token,
      job_parameters: { token },
    });
    return run_id;
  };

  return {
    async work(stop) {
      while (!stop.aborted) {
        const token = randomUUID();
        tokens.set(token, null);
        await runNow(token).then(
          (id) => tokens.set(token, id),
          (error: unknown) => {
            if (error instanceof Refused && error.status < 500) throw error;
          },
        );
        for (let waited = 0; waited < 600 && !stop.aborted; waited += 50) await sleep(50);
      }
    },
    async check() {
      const wrong: string[] = [];
      // Asked again with its token, a run that was told is the same run.
      for (const [token, told] of tokens) {
        const id = await runNow(token);
        if (told !== null && id !== told) wrong.push(`job run ${told} became ${id} when its token was sent again`);
        tokens.set(token, id);
      }
      await until('no job run is active', ENDED_WITHIN_MS, async () => {
        const { runs = [] } = await api.request<{ runs?: JobRunSeen[] }>(
          'GET',
          `/api/2.2/jobs/runs/list?job_id=${job_id}&active_only=true`,
        );
        if (runs.length > 0) throw new Error(runs.map((run) => `${run.run_id} ${run.status?.state}`).join(', '));
        return true;
      });
      const rows = await api.sql(`select token, count(*), count(distinct task) from ${table} group by token`);
      const found = new Map(
        rows.map(([token, count, tasks]) => [token, { count: Number(count), tasks: Number(tasks) }]),
      );
      for (const [token, id] of tokens) {
        const run = await api.request<JobRunSeen>('GET', `/api/2.2/jobs/runs/get?run_id=${id}`);
        const { count, tasks } = found.get(token) ?? { count: 0, tasks: 0 };
        const code = run.status?.termination_details?.code;
        if (count !== tasks) wrong.push(`job run ${id} (${code}) has written ${count} rows for ${tasks} tasks`);
        if (code === 'SUCCESS' && tasks !== 2) wrong.push(`job run ${id} succeeded with the rows of ${tasks} tasks`);
      }
      return wrong;
    },
  };
}
