import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { JobNumber, JobSettings, NotebookTask, PartialJobSettings } from './job-settings.ts';
import { QueryBoolean, QueryInteger } from './query-values.ts';

/** Databricks' Jobs API, 2.1 and 2.2 alike: field names and meanings are theirs. Times are milliseconds since the epoch. */
const area = 'Jobs';
const token = z.string().max(2000).optional();

export const ApiJob = z.object({
  job_id: z.number(),
  creator_user_name: z.string(),
  run_as_user_name: z.string(),
  created_time: z.number(),
  settings: JobSettings,
  has_more: z.boolean().optional(),
  next_page_token: z.string().optional(),
});
export type ApiJob = z.infer<typeof ApiJob>;

/** The form of 2.1, which every client reads. */
export const ApiRunState = z.object({
  life_cycle_state: z.enum(['QUEUED', 'PENDING', 'RUNNING', 'TERMINATING', 'TERMINATED', 'SKIPPED', 'BLOCKED']),
  result_state: z
    .enum(['SUCCESS', 'FAILED', 'CANCELED', 'UPSTREAM_FAILED', 'UPSTREAM_CANCELED', 'MAXIMUM_CONCURRENT_RUNS_REACHED'])
    .optional(),
  state_message: z.string(),
  user_cancelled_or_timedout: z.boolean(),
});
/** The form of 2.2. */
export const ApiRunStatus = z.object({
  state: z.enum(['QUEUED', 'PENDING', 'RUNNING', 'TERMINATING', 'TERMINATED', 'BLOCKED']),
  termination_details: z.object({ code: z.string(), type: z.string(), message: z.string() }).optional(),
  queue_details: z.object({ code: z.string(), message: z.string() }).optional(),
});

const times = {
  start_time: z.number(),
  end_time: z.number(),
  setup_duration: z.number(),
  execution_duration: z.number(),
  cleanup_duration: z.number(),
  run_duration: z.number().optional(),
};

export const ApiRunTask = z.object({
  run_id: z.number(),
  task_key: z.string(),
  description: z.string().optional(),
  depends_on: z.array(z.object({ task_key: z.string() })).optional(),
  notebook_task: NotebookTask,
  run_if: z.literal('ALL_SUCCESS'),
  attempt_number: z.number(),
  state: ApiRunState,
  status: ApiRunStatus,
  run_page_url: z.string(),
  ...times,
});
export type ApiRunTask = z.infer<typeof ApiRunTask>;

export const ApiRun = z.object({
  job_id: z.number(),
  run_id: z.number(),
  job_run_id: z.number(),
  original_attempt_run_id: z.number(),
  number_in_job: z.number(),
  attempt_number: z.number(),
  run_name: z.string(),
  run_type: z.literal('JOB_RUN'),
  creator_user_name: z.string(),
  trigger: z.enum(['PERIODIC', 'ONE_TIME']),
  state: ApiRunState,
  status: ApiRunStatus,
  job_parameters: z.array(z.object({ name: z.string(), default: z.string(), value: z.string() })).optional(),
  tasks: z.array(ApiRunTask).optional(),
  queue_duration: z.number().optional(),
  run_page_url: z.string(),
  format: z.literal('MULTI_TASK'),
  has_more: z.boolean().optional(),
  next_page_token: z.string().optional(),
  ...times,
});
export type ApiRun = z.infer<typeof ApiRun>;

export const ApiRunOutput = z.object({
  metadata: ApiRun,
  notebook_output: z.object({ result: z.string().optional(), truncated: z.boolean() }).optional(),
  error: z.string().optional(),
});
export type ApiRunOutput = z.infer<typeof ApiRunOutput>;

/** The routes of one version of the API. */
function jobsApi(version: '2.1' | '2.2') {
  const base = `/api/${version}/jobs`;
  const needs = 'own job, or administrator';
  return {
    create: defineRoute({
      method: 'POST',
      path: `${base}/create`,
      area,
      summary: 'Makes a job, which runs with the rights of the caller',
      needs: 'sign-in; "run" on each notebook when it runs',
      body: JobSettings,
      response: z.object({ job_id: z.number() }),
    }),
    get: defineRoute({
      method: 'GET',
      path: `${base}/get`,
      area,
      summary: 'One job; 2.2 gives 100 tasks a page',
      needs,
      query: z.strictObject({ job_id: JobNumber, page_token: token }),
      response: ApiJob,
    }),
    list: defineRoute({
      method: 'GET',
      path: `${base}/list`,
      area,
      summary: 'Jobs that the caller may see, newest first',
      needs: 'sign-in',
      query: z.strictObject({
        limit: QueryInteger(0, 100).optional(),
        offset: QueryInteger(0, 100_000).optional(),
        page_token: token,
        name: z.string().optional(),
        expand_tasks: QueryBoolean.optional(),
      }),
      response: z.object({
        jobs: z.array(ApiJob.extend({ settings: JobSettings.partial() })).optional(),
        has_more: z.boolean(),
        next_page_token: z.string().optional(),
        prev_page_token: z.string().optional(),
      }),
    }),
    update: defineRoute({
      method: 'POST',
      path: `${base}/update`,
      area,
      summary: 'Changes some settings of a job; runs that have begun go on as they were',
      needs,
      body: z.strictObject({
        job_id: JobNumber,
        new_settings: PartialJobSettings.optional(),
        fields_to_remove: z.array(z.string()).optional(),
      }),
      response: z.object({}),
    }),
    reset: defineRoute({
      method: 'POST',
      path: `${base}/reset`,
      area,
      summary: 'Replaces all settings of a job',
      needs,
      body: z.strictObject({ job_id: JobNumber, new_settings: JobSettings }),
      response: z.object({}),
    }),
    delete: defineRoute({
      method: 'POST',
      path: `${base}/delete`,
      area,
      summary: 'Deletes a job and stops its runs',
      needs,
      body: z.strictObject({ job_id: JobNumber }),
      response: z.object({}),
    }),
    runNow: defineRoute({
      method: 'POST',
      path: `${base}/run-now`,
      area,
      summary: 'Starts a run; with the same idempotency_token the same run',
      needs,
      body: z.strictObject({
        job_id: JobNumber,
        job_parameters: z.record(z.string(), z.string().max(10_000)).optional(),
        idempotency_token: z.string().min(1).max(64).optional(),
        queue: z.strictObject({ enabled: z.boolean() }).optional(),
      }),
      response: z.object({ run_id: z.number(), number_in_job: z.number() }),
    }),
    getRun: defineRoute({
      method: 'GET',
      path: `${base}/runs/get`,
      area,
      summary: 'One run with its tasks; 2.2 gives 100 tasks a page',
      needs,
      query: z.strictObject({
        run_id: JobNumber,
        page_token: token,
        include_history: QueryBoolean.optional(),
        include_resolved_values: QueryBoolean.optional(),
      }),
      response: ApiRun,
    }),
    listRuns: defineRoute({
      method: 'GET',
      path: `${base}/runs/list`,
      area,
      summary: 'Runs that the caller may see, newest first',
      needs: 'sign-in',
      query: z.strictObject({
        job_id: JobNumber.optional(),
        active_only: QueryBoolean.optional(),
        completed_only: QueryBoolean.optional(),
        limit: QueryInteger(0, 100).optional(),
        offset: QueryInteger(0, 100_000).optional(),
        page_token: token,
        expand_tasks: QueryBoolean.optional(),
        run_type: z.enum(['JOB_RUN', 'WORKFLOW_RUN', 'SUBMIT_RUN']).optional(),
        start_time_from: QueryInteger(0, 1e15).optional(),
        start_time_to: QueryInteger(0, 1e15).optional(),
      }),
      response: z.object({
        runs: z.array(ApiRun).optional(),
        has_more: z.boolean(),
        next_page_token: z.string().optional(),
        prev_page_token: z.string().optional(),
      }),
    }),
    getOutput: defineRoute({
      method: 'GET',
      path: `${base}/runs/get-output`,
      area,
      summary: 'What a task of a run gave: the rows of its last result as JSON, or its error',
      needs: 'own job, or administrator; outputs need the privileges that made them',
      query: z.strictObject({ run_id: JobNumber }),
      response: ApiRunOutput,
    }),
    cancelRun: defineRoute({
      method: 'POST',
      path: `${base}/runs/cancel`,
      area,
      summary: 'Stops a run; one that has ended stays as it is',
      needs,
      body: z.strictObject({ run_id: JobNumber }),
      response: z.object({}),
    }),
  };
}

export const jobsV22 = jobsApi('2.2');
export const jobsV21 = jobsApi('2.1');
