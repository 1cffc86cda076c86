import type { JobRunLine, JobRunView, JobView, RunSummary } from '@boathouse/contracts';
import type { RunService } from '../runs/index.ts';
import type { BaseServices } from '../services.ts';
import { type AttemptRow, readAttempts } from './attempts.ts';
import { type JobRow, RunRow, runColumns } from './rows.ts';
import type { Caller, JobService } from './service.ts';

const LAST_RUNS = 10;

const line = (run: RunRow): JobRunLine => ({
  id: run.id,
  numberInJob: run.numberInJob,
  state: run.state,
  message: run.stateMessage,
  trigger: run.trigger,
  scheduledAtMs: run.scheduledAtMs,
  createdAtMs: run.createdAtMs,
  startedAtMs: run.startedAtMs,
  endedAtMs: run.endedAtMs,
  creatorName: run.creatorName,
});

export interface JobPages {
  views(jobs: JobRow[]): Promise<JobView[]>;
  runs(
    caller: Caller,
    jobId: number,
    limit: number,
    before: number | undefined,
  ): Promise<{ runs: JobRunLine[]; hasMore: boolean }>;
  run(caller: Caller, jobId: number, runId: number): Promise<JobRunView | null>;
}

/** Jobs and runs as the pages show them. */
export function createJobPages(base: Pick<BaseServices, 'pool'>, jobs: JobService, runs: RunService): JobPages {
  async function lastRuns(jobIds: number[]): Promise<Map<number, JobRunLine[]>> {
    const { rows } = await base.pool.query(
      `SELECT ${runColumns} FROM unnest($1::bigint[]) AS wanted(id)
         CROSS JOIN LATERAL (SELECT * FROM job_run WHERE "jobId" = wanted.id ORDER BY id DESC LIMIT $2) r ORDER BY r.id DESC`,
      [jobIds, LAST_RUNS],
    );
    const byJob = new Map<number, JobRunLine[]>(jobIds.map((id) => [id, []]));
    for (const row of rows.map((it) => RunRow.parse(it))) byJob.get(row.jobId)?.push(line(row));
    return byJob;
  }

  async function summariesOf(
    { principal, workspaceId }: Caller,
    attempts: AttemptRow[],
  ): Promise<Map<string, RunSummary>> {
    const ids = attempts.flatMap((attempt) => attempt.snapshot?.cells.flatMap((cell) => cell.runId ?? []) ?? []);
    const found = await Promise.all(ids.map((id) => runs.get(workspaceId, id)));
    const summaries = await runs.summaries(
      principal,
      found.filter((run) => run !== null),
    );
    return new Map(summaries.map((summary) => [summary.id, summary]));
  }

  return {
    async views(rows) {
      const last = await lastRuns(rows.map((job) => job.id));
      return rows.map((job) => ({
        id: job.id,
        settings: job.settings,
        ownerId: job.ownerId,
        ownerName: job.ownerName,
        createdAtMs: job.createdAtMs,
        nextRunAtMs: job.nextRunAtMs,
        lastRuns: last.get(job.id) ?? [],
      }));
    },
    async runs(caller, jobId, limit, before) {
      const found = await jobs.runs(caller, {
        jobId,
        limit: limit + 1,
        ...(before === undefined ? {} : { beforeId: before }),
      });
      return { runs: found.slice(0, limit).map(line), hasMore: found.length > limit };
    },
    async run(caller, jobId, runId) {
      const run = await jobs.run(caller, runId);
      if (run.jobId !== jobId) return null;
      const tasks = await jobs.tasks([runId]);
      const attempts = await readAttempts(
        base.pool,
        tasks.map((task) => task.id),
      );
      const summaries = await summariesOf(caller, attempts);
      return {
        ...line(run),
        jobId,
        jobName: run.settings.name,
        runAsName: run.runAsName,
        parameters: run.parameters,
        tasks: tasks.map((task) => ({
          id: task.id,
          key: task.taskKey,
          settings: task.task,
          state: task.state,
          message: task.stateMessage,
          startedAtMs: task.startedAtMs,
          endedAtMs: task.endedAtMs,
          attempts: attempts
            .filter((attempt) => attempt.taskRunId === task.id)
            .map(({ number, state, error, snapshot, startedAtMs, endedAtMs }) => ({
              number,
              state,
              error,
              startedAtMs,
              endedAtMs,
              notebook: snapshot && { id: snapshot.notebookId, path: snapshot.path },
              cells: (snapshot?.cells ?? []).map(({ runId: cellRun, ...cell }) => ({
                ...cell,
                run: (cellRun !== null && summaries.get(cellRun)) || null,
              })),
            })),
        })),
      };
    },
  };
}
