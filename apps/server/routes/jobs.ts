import {
  getJobPage,
  getJobRunPage,
  jobsV21,
  jobsV22,
  listJobPages,
  listJobRunPages,
  previewSchedule,
  userError,
} from '@boathouse/contracts';
import { nextFires } from '@boathouse/jobs';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import { apiJob, apiRun, apiRunOfTask } from '../jobs/index.ts';
import type { Services } from '../services.ts';

const LIST_DEFAULT = 20;
const JOBS_ON_PAGE = 500;

const originOf = (ctx: RequestContext): string => `http://${ctx.req.headers.host ?? 'localhost'}`;

function tokenOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw userError('INVALID_PARAMETER_VALUE', '"page_token" is not one that this API gave.');
  return Number(text);
}

/** The page of a list: `found` has one item more where there is a next page. */
function page<T extends { id: number }>(found: T[], limit: number) {
  const shown = found.slice(0, limit);
  const more = found.length > limit;
  return { shown, end: { has_more: more, ...(more ? { next_page_token: String(shown.at(-1)!.id) } : {}) } };
}

type Api = typeof jobsV22;

const versionRoutes = ({ jobs, clock }: Services, api: Api, paged: boolean): Route[] => {
  const offsetOf = (token: string | undefined) => (paged ? (tokenOf(token) ?? 0) : null);
  return [
    implement(api.create, async ({ body, ctx }) => ({ job_id: await jobs.create(ctx, body) })),
    implement(api.get, async ({ query, ctx }) => apiJob(await jobs.get(ctx, query.job_id), offsetOf(query.page_token))),
    implement(api.list, async ({ query, ctx }) => {
      const limit = query.limit || LIST_DEFAULT;
      const beforeId = tokenOf(query.page_token);
      const found = await jobs.list(ctx, {
        limit: limit + 1,
        ...(query.name === undefined ? {} : { name: query.name }),
        ...(query.offset === undefined ? {} : { offset: query.offset }),
        ...(beforeId === undefined ? {} : { beforeId }),
      });
      const { shown, end } = page(found, limit);
      const listed = shown.map((job) => {
        const whole = apiJob(job, paged ? 0 : null);
        if (query.expand_tasks) return whole;
        const { tasks: _tasks, ...settings } = whole.settings;
        const { has_more: _more, next_page_token: _token, ...rest } = whole;
        return { ...rest, settings };
      });
      return { ...(listed.length ? { jobs: listed } : {}), ...end };
    }),
    implement(api.update, async ({ body, ctx }) => {
      await jobs.update(ctx, body.job_id, body.new_settings, body.fields_to_remove);
      return {};
    }),
    implement(api.reset, async ({ body, ctx }) => {
      await jobs.reset(ctx, body.job_id, body.new_settings);
      return {};
    }),
    implement(api.delete, async ({ body, ctx }) => {
      await jobs.remove(ctx, body.job_id);
      return {};
    }),
    implement(api.runNow, async ({ body, ctx }) => {
      const run = await jobs.runNow(ctx, body.job_id, {
        parameters: body.job_parameters,
        idempotencyToken: body.idempotency_token,
        queue: body.queue?.enabled,
      });
      return { run_id: run.id, number_in_job: run.numberInJob };
    }),
    implement(api.getRun, async ({ query, ctx }) => {
      const task = await jobs.task(ctx, query.run_id);
      if (task) return apiRunOfTask(task.task, task.run, originOf(ctx), clock());
      const run = await jobs.run(ctx, query.run_id);
      return apiRun(run, await jobs.tasks([run.id]), originOf(ctx), clock(), offsetOf(query.page_token));
    }),
    implement(api.listRuns, async ({ query, ctx }) => {
      if (query.active_only && query.completed_only)
        throw userError('INVALID_PARAMETER_VALUE', 'Give either "active_only" or "completed_only".');
      // Only runs of jobs exist here; lists of the other kinds are empty.
      if (query.run_type !== undefined && query.run_type !== 'JOB_RUN') return { has_more: false };
      const limit = query.limit || LIST_DEFAULT;
      const beforeId = tokenOf(query.page_token);
      const found = await jobs.runs(ctx, {
        limit: limit + 1,
        ...(query.job_id === undefined ? {} : { jobId: query.job_id }),
        ...(query.active_only ? { active: true } : query.completed_only ? { active: false } : {}),
        ...(query.offset === undefined ? {} : { offset: query.offset }),
        ...(query.start_time_from === undefined ? {} : { fromMs: query.start_time_from }),
        ...(query.start_time_to === undefined ? {} : { toMs: query.start_time_to }),
        ...(beforeId === undefined ? {} : { beforeId }),
      });
      const { shown, end } = page(found, limit);
      const tasks = query.expand_tasks ? await jobs.tasks(shown.map((run) => run.id)) : null;
      const runs = shown.map((run) =>
        apiRun(
          run,
          tasks?.filter((task) => task.jobRunId === run.id) ?? null,
          originOf(ctx),
          clock(),
          paged ? 0 : null,
        ),
      );
      return { ...(runs.length ? { runs } : {}), ...end };
    }),
    implement(api.getOutput, async ({ query, ctx }) => {
      const found = await jobs.task(ctx, query.run_id);
      const run = found?.run ?? (await jobs.run(ctx, query.run_id));
      const tasks = found ? [found.task] : await jobs.tasks([run.id]);
      const task = tasks[0];
      if (!task || tasks.length > 1)
        throw userError(
          'INVALID_PARAMETER_VALUE',
          'This run has several tasks: ask for the output of one of them, by the run_id of the task.',
        );
      const metadata = found
        ? apiRunOfTask(task, run, originOf(ctx), clock())
        : apiRun(run, tasks, originOf(ctx), clock());
      return { metadata, ...(await jobs.output(ctx, task)) };
    }),
    implement(api.cancelRun, async ({ body, ctx }) => {
      const task = await jobs.task(ctx, body.run_id);
      if (task)
        throw userError(
          'INVALID_PARAMETER_VALUE',
          `${body.run_id} is a task of run ${task.run.id}: cancel the run, as a task is not cancelled by itself.`,
        );
      await jobs.cancel(ctx, body.run_id);
      return {};
    }),
  ];
};

/** Databricks' Jobs API in both versions, and what the pages read. */
export const jobRoutes = (services: Services): Route[] => {
  const { jobs, clock } = services;
  return [
    ...versionRoutes(services, jobsV22, true),
    ...versionRoutes(services, jobsV21, false),
    implement(listJobPages, async ({ query, ctx }) => ({
      jobs: await jobs.pages.views(
        await jobs.list(ctx, {
          limit: JOBS_ON_PAGE,
          ...(query.notebookPath === undefined ? {} : { notebookPath: query.notebookPath }),
        }),
      ),
    })),
    implement(getJobPage, async ({ params, ctx }) => {
      const [view] = await jobs.pages.views([await jobs.get(ctx, params.jobId)]);
      return view!;
    }),
    implement(listJobRunPages, async ({ params, query, ctx }) => {
      await jobs.get(ctx, params.jobId);
      return jobs.pages.runs(ctx, params.jobId, query.limit, query.before);
    }),
    implement(getJobRunPage, async ({ params, ctx }) => {
      const view = await jobs.pages.run(ctx, params.jobId, params.runId);
      if (view) return view;
      throw userError('RESOURCE_DOES_NOT_EXIST', `Job ${params.jobId} has no run ${params.runId}.`, { status: 404 });
    }),
    implement(previewSchedule, async ({ query }) => ({ atMs: nextFires(query.cron, query.timeZone, clock(), 5) })),
  ];
};
