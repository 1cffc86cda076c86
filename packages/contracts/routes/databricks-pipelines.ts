import { z } from 'zod';
import { PipelineEvent, UpdateState } from '../pipeline-events.ts';
import { defineRoute } from '../route.ts';
import { PipelineSpec, UpdateCause } from './pipelines.ts';
import { QueryInteger } from './query-values.ts';

/**
 * Databricks' Pipelines API 2.0: field names and meanings are theirs. Fields that change nothing here are taken with their
 * default value only; every other field is refused by name.
 */
const area = 'Pipelines';
const base = '/api/2.0/pipelines';
const PipelinePath = z.object({ pipeline_id: z.string().min(1) });
const UpdatePath = PipelinePath.extend({ update_id: z.string().min(1) });
const empty = z.array(z.never()).max(0, 'this is not supported; leave it out').optional();

/** What a client may set. `target` is the older name of `schema`. */
export const PipelineSettings = z.strictObject({
  id: z.string().optional(),
  name: z.string().min(1).max(200),
  catalog: z.string().optional(),
  schema: z.string().optional(),
  target: z.string().optional(),
  libraries: z
    .array(z.strictObject({ notebook: z.strictObject({ path: z.string().min(1) }) }))
    .min(1)
    .max(100),
  configuration: z
    .record(z.string(), z.string())
    .refine((it) => Object.keys(it).length === 0, 'settings and parameters are not supported; leave them out')
    .optional(),
  continuous: z.literal(false, 'only triggered pipelines are supported').optional(),
  development: z.boolean().optional(),
  /** There are no clusters to choose: every pipeline runs on the compute of the workspace. */
  serverless: z.boolean().optional(),
  photon: z.literal(false, 'there is no Photon engine here').optional(),
  channel: z.literal('CURRENT', 'there is one channel: CURRENT').optional(),
  edition: z.string().optional(),
  clusters: empty,
  notifications: empty,
  allow_duplicate_names: z.boolean().optional(),
  dry_run: z.literal(false, 'validate with an update of validate_only').optional(),
});
export type PipelineSettings = z.infer<typeof PipelineSettings>;

const PipelineState = z.enum(['IDLE', 'RUNNING', 'STARTING', 'FAILED']);
const UpdateStateInfo = z.object({ update_id: z.string(), state: UpdateState, creation_time: z.string() });

const Summary = {
  pipeline_id: z.string(),
  name: z.string(),
  state: PipelineState,
  creator_user_name: z.string(),
  run_as_user_name: z.string(),
  latest_updates: z.array(UpdateStateInfo),
};
export const PipelineStateInfo = z.object(Summary);
export type PipelineStateInfo = z.infer<typeof PipelineStateInfo>;

export const UpdateInfo = z.object({
  pipeline_id: z.string(),
  update_id: z.string(),
  state: UpdateState,
  cause: UpdateCause,
  creation_time: z.number(),
  full_refresh: z.boolean(),
  validate_only: z.boolean(),
});
export type UpdateInfo = z.infer<typeof UpdateInfo>;

const paging = { max_results: QueryInteger(1, 250).optional(), page_token: z.string().optional() };

export const pipelinesApi = {
  create: defineRoute({
    method: 'POST',
    path: base,
    area,
    summary: 'Makes a pipeline of notebooks',
    needs: 'run on the notebooks',
    body: PipelineSettings,
    response: z.object({ pipeline_id: z.string() }),
  }),
  list: defineRoute({
    method: 'GET',
    path: base,
    area,
    summary: 'Pipelines that the caller may see',
    needs: 'sign-in',
    query: z.strictObject(paging),
    response: z.object({ statuses: z.array(PipelineStateInfo), next_page_token: z.string().optional() }),
  }),
  get: defineRoute({
    method: 'GET',
    path: `${base}/{pipeline_id}`,
    area,
    summary: 'A pipeline, its specification and its latest update',
    needs: 'view on its notebook, or ownership',
    params: PipelinePath,
    response: z.object({ ...Summary, spec: PipelineSpec, last_modified: z.number() }),
  }),
  edit: defineRoute({
    method: 'PUT',
    path: `${base}/{pipeline_id}`,
    area,
    summary: 'Sets the whole specification anew',
    needs: 'edit on its notebook, or ownership',
    params: PipelinePath,
    body: PipelineSettings,
    response: z.object({}),
  }),
  delete: defineRoute({
    method: 'DELETE',
    path: `${base}/{pipeline_id}`,
    area,
    summary: 'Deletes a pipeline; its tables stay',
    needs: 'manage on its notebook, or ownership',
    params: PipelinePath,
    response: z.object({}),
  }),
  start: defineRoute({
    method: 'POST',
    path: `${base}/{pipeline_id}/updates`,
    area,
    summary: 'Starts an update, or with validate_only looks for errors',
    needs: 'run on its notebook, or ownership; the privileges of its queries',
    params: PipelinePath,
    body: z
      .strictObject({
        cause: UpdateCause.optional(),
        full_refresh: z.boolean().optional(),
        full_refresh_selection: z.array(z.string()).max(1000).optional(),
        refresh_selection: z.array(z.string()).max(1000).optional(),
        validate_only: z.boolean().optional(),
      })
      .optional(),
    response: z.object({ update_id: z.string() }),
  }),
  updates: defineRoute({
    method: 'GET',
    path: `${base}/{pipeline_id}/updates`,
    area,
    summary: 'Updates, newest first',
    needs: 'view on its notebook, or ownership',
    params: PipelinePath,
    query: z.strictObject(paging),
    response: z.object({ updates: z.array(UpdateInfo), next_page_token: z.string().optional() }),
  }),
  update: defineRoute({
    method: 'GET',
    path: `${base}/{pipeline_id}/updates/{update_id}`,
    area,
    summary: 'One update',
    needs: 'view on its notebook, or ownership',
    params: UpdatePath,
    response: z.object({ update: UpdateInfo }),
  }),
  stop: defineRoute({
    method: 'POST',
    path: `${base}/{pipeline_id}/stop`,
    area,
    summary: 'Stops the active update',
    needs: 'run on its notebook, or ownership',
    params: PipelinePath,
    body: z.strictObject({}).optional(),
    response: z.object({}),
  }),
  events: defineRoute({
    method: 'GET',
    path: `${base}/{pipeline_id}/events`,
    area,
    summary: 'Events of the newest updates, newest first',
    needs: 'view on its notebook, or ownership',
    params: PipelinePath,
    query: z.strictObject({
      ...paging,
      filter: z.literal('', 'filters are not supported; select from event_log(…) instead').optional(),
      order_by: z
        .union(
          [z.literal('timestamp desc'), z.array(z.literal('timestamp desc')).max(1)],
          'only timestamp desc is supported',
        )
        .optional(),
    }),
    response: z.object({ events: z.array(PipelineEvent), next_page_token: z.string().optional() }),
  }),
};
