import { z } from 'zod';
import { ErrorInfo } from '../errors.ts';
import { defineRoute } from '../route.ts';
import { RunSummary } from '../runs.ts';
import { ChartSpec } from './dashboards.ts';
import { JobNumber, JobSettings, TaskSettings } from './job-settings.ts';
import { CellKind } from './notebooks.ts';

/** Jobs as the pages show them. Changes go through Databricks' routes (`jobsV22`). */
const area = 'Jobs';
const base = '/api/2.0/boathouse/jobs';
const needs = 'own job, or administrator';

export const JobRunStateName = z.enum([
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
]);
export type JobRunStateName = z.infer<typeof JobRunStateName>;
export const TaskStateName = z.enum([
  'blocked',
  'ready',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'upstream_failed',
  'upstream_cancelled',
]);
export type TaskStateName = z.infer<typeof TaskStateName>;

export const JobRunLine = z.object({
  id: z.number(),
  numberInJob: z.number(),
  state: JobRunStateName,
  message: z.string(),
  trigger: z.enum(['PERIODIC', 'ONE_TIME']),
  scheduledAtMs: z.number().nullable(),
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  creatorName: z.string(),
});
export type JobRunLine = z.infer<typeof JobRunLine>;

export const JobView = z.object({
  id: z.number(),
  settings: JobSettings,
  ownerId: z.string(),
  ownerName: z.string(),
  createdAtMs: z.number(),
  /** The next time of the schedule; null where there is none or it is paused. */
  nextRunAtMs: z.number().nullable(),
  /** Newest first, at most ten. */
  lastRuns: z.array(JobRunLine),
});
export type JobView = z.infer<typeof JobView>;

export const listJobPages = defineRoute({
  method: 'GET',
  path: base,
  area,
  summary: 'Jobs with their last runs and next time; with notebookPath those that run that notebook',
  needs: 'sign-in',
  query: z.strictObject({ notebookPath: z.string().optional() }),
  response: z.object({ jobs: z.array(JobView) }),
});

export const getJobPage = defineRoute({
  method: 'GET',
  path: `${base}/{jobId}`,
  area,
  summary: 'One job with its last runs and next time',
  needs,
  params: z.object({ jobId: JobNumber }),
  response: JobView,
});

export const listJobRunPages = defineRoute({
  method: 'GET',
  path: `${base}/{jobId}/runs`,
  area,
  summary: 'Runs of a job, newest first',
  needs,
  params: z.object({ jobId: JobNumber }),
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(100).default(25),
    /** Runs older than this one, for the next page. */
    before: JobNumber.optional(),
  }),
  response: z.object({ runs: z.array(JobRunLine), hasMore: z.boolean() }),
});

/** A cell as it was when the attempt began, with the run of it. */
export const TaskCellView = z.object({
  id: z.string(),
  kind: CellKind,
  title: z.string(),
  source: z.string(),
  chart: ChartSpec.nullable(),
  run: RunSummary.nullable(),
});
export type TaskCellView = z.infer<typeof TaskCellView>;

export const TaskAttemptView = z.object({
  number: z.number(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  error: ErrorInfo.nullable(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  /** Null until the notebook was read. */
  notebook: z.object({ id: z.string(), path: z.string() }).nullable(),
  cells: z.array(TaskCellView),
});
export type TaskAttemptView = z.infer<typeof TaskAttemptView>;

export const TaskRunView = z.object({
  id: z.number(),
  key: z.string(),
  settings: TaskSettings,
  state: TaskStateName,
  message: z.string(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  attempts: z.array(TaskAttemptView),
});
export type TaskRunView = z.infer<typeof TaskRunView>;

export const JobRunView = JobRunLine.extend({
  jobId: z.number(),
  jobName: z.string(),
  runAsName: z.string(),
  parameters: z.record(z.string(), z.string()),
  tasks: z.array(TaskRunView),
});
export type JobRunView = z.infer<typeof JobRunView>;

export const getJobRunPage = defineRoute({
  method: 'GET',
  path: `${base}/{jobId}/runs/{runId}`,
  area,
  summary: 'One run: its tasks, their attempts, and the outputs as they were',
  needs: 'own job, or administrator; outputs need the privileges that made them',
  params: z.object({ jobId: JobNumber, runId: JobNumber }),
  response: JobRunView,
});

export const previewSchedule = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/schedule-preview',
  area,
  summary: 'The next five times of a schedule',
  needs: 'sign-in',
  query: z.strictObject({ cron: z.string().max(200), timeZone: z.string().max(100) }),
  response: z.object({ atMs: z.array(z.number()) }),
});
