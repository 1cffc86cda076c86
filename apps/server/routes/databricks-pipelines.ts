import { randomUUID } from 'node:crypto';
import {
  type PipelineSettings,
  type PipelineStateInfo,
  type PipelineUpdateView,
  type PipelineView,
  pipelinesApi,
  type UpdateInfo,
  userError,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

const PAGE = 100;
const iso = (ms: number): string => new Date(ms).toISOString();

const stateInfo = (it: PipelineUpdateView) => ({
  update_id: it.id,
  state: it.state,
  creation_time: iso(it.createdAtMs),
});
const updateInfo = (it: PipelineUpdateView): UpdateInfo => ({
  pipeline_id: it.pipelineId,
  update_id: it.id,
  state: it.state,
  cause: it.cause,
  creation_time: it.createdAtMs,
  full_refresh: it.fullRefresh,
  validate_only: it.validateOnly,
});

function stateOf(latest: PipelineUpdateView | null): PipelineStateInfo['state'] {
  switch (latest?.state) {
    case undefined:
    case 'COMPLETED':
    case 'CANCELED':
      return 'IDLE';
    case 'FAILED':
      return 'FAILED';
    case 'QUEUED':
    case 'CREATED':
    case 'INITIALIZING':
      return 'STARTING';
    default:
      return 'RUNNING';
  }
}

const summary = (it: PipelineView): PipelineStateInfo => ({
  pipeline_id: it.id,
  name: it.name,
  state: stateOf(it.latestUpdate),
  creator_user_name: it.ownerName,
  run_as_user_name: it.ownerName,
  latest_updates: it.latestUpdate ? [stateInfo(it.latestUpdate)] : [],
});

/** `target` is the older name of `schema`; both with different values mean nothing. */
function factsOf(body: PipelineSettings) {
  if (body.schema !== undefined && body.target !== undefined && body.schema !== body.target)
    throw userError('INVALID_PARAMETER_VALUE', 'schema and target are two names of one field: give one of them.');
  return {
    name: body.name,
    catalog: body.catalog ?? 'main',
    schema: body.schema ?? body.target ?? 'default',
    notebookPaths: body.libraries.map((library) => library.notebook.path),
    development: body.development ?? false,
  };
}

/** A page of what is all at hand; the token is the place where the next page begins. */
function pageOf<T>(all: T[], query: { max_results?: number | undefined; page_token?: string | undefined }) {
  const from = query.page_token === undefined ? 0 : Number(query.page_token);
  if (!Number.isSafeInteger(from) || from < 0)
    throw userError('INVALID_PARAMETER_VALUE', 'The page_token is none that this list has given.');
  const to = from + (query.max_results ?? PAGE);
  return { page: all.slice(from, to), ...(to < all.length ? { next_page_token: String(to) } : {}) };
}

/** Databricks' Pipelines API: the same doors as our own, with their names. */
export const databricksPipelineRoutes = ({ pipelines }: Services): Route[] => [
  implement(pipelinesApi.create, async ({ body, ctx }) => ({
    pipeline_id: (await pipelines.create(ctx, factsOf(body))).id,
  })),
  implement(pipelinesApi.list, async ({ query, ctx }) => {
    const { page, ...next } = pageOf(await pipelines.list(ctx), query);
    return { statuses: page.map(summary), ...next };
  }),
  implement(pipelinesApi.get, async ({ params, ctx }) => {
    const it = await pipelines.get(ctx, params.pipeline_id);
    return { ...summary(it), spec: it.spec, last_modified: it.updatedAtMs };
  }),
  implement(pipelinesApi.edit, async ({ params, body, ctx }) => {
    await pipelines.change(ctx, params.pipeline_id, factsOf(body));
    return {};
  }),
  implement(pipelinesApi.delete, async ({ params, ctx }) => {
    await pipelines.remove(ctx, params.pipeline_id);
    return {};
  }),
  implement(pipelinesApi.start, async ({ params, body = {}, ctx }) => {
    const started = await pipelines.start(ctx, params.pipeline_id, {
      id: randomUUID(),
      cause: body.cause ?? 'API_CALL',
      fullRefresh: body.full_refresh ?? false,
      ...(body.full_refresh_selection ? { fullRefreshSelection: body.full_refresh_selection } : {}),
      ...(body.refresh_selection ? { refreshSelection: body.refresh_selection } : {}),
      validateOnly: body.validate_only ?? false,
    });
    return { update_id: started.id };
  }),
  implement(pipelinesApi.updates, async ({ params, query, ctx }) => {
    const { page, ...next } = pageOf(await pipelines.updates(ctx, params.pipeline_id, 1000), query);
    return { updates: page.map(updateInfo), ...next };
  }),
  implement(pipelinesApi.update, async ({ params, ctx }) => ({
    update: updateInfo(await pipelines.update(ctx, params.pipeline_id, params.update_id)),
  })),
  implement(pipelinesApi.stop, async ({ params, ctx }) => {
    await pipelines.stop(ctx, params.pipeline_id);
    return {};
  }),
  implement(pipelinesApi.events, async ({ params, query, ctx }) => {
    // The newest updates hold the newest events; the whole history is the table that event_log(…) reads.
    const latest = await pipelines.updates(ctx, params.pipeline_id, 10);
    const details = await Promise.all(latest.map((it) => pipelines.update(ctx, params.pipeline_id, it.id)));
    const { page, ...next } = pageOf(
      details.flatMap((it) => [...it.events].reverse()),
      query,
    );
    return { events: page, ...next };
  }),
];
