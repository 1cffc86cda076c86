import {
  createPipeline,
  deletePipeline,
  getNotebookPipeline,
  getPipeline,
  getPipelineUpdate,
  listPipelines,
  listPipelineUpdates,
  startNotebookPipeline,
  startPipelineUpdate,
  stopPipeline,
  updatePipeline,
  validateNotebookPipeline,
  validatePipeline,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

export const pipelineRoutes = ({ pipelines }: Services): Route[] => [
  implement(listPipelines, async ({ ctx }) => ({ pipelines: await pipelines.list(ctx) })),
  implement(createPipeline, async ({ body: { notebookId, ...facts }, ctx }) =>
    pipelines.forNotebook(ctx, notebookId, facts),
  ),
  implement(getPipeline, async ({ params, ctx }) => pipelines.get(ctx, params.id)),
  implement(updatePipeline, async ({ params, body, ctx }) => pipelines.change(ctx, params.id, body)),
  implement(deletePipeline, async ({ params, ctx }) => {
    await pipelines.remove(ctx, params.id);
    return {};
  }),
  implement(startPipelineUpdate, async ({ params, body, ctx }) =>
    pipelines.start(ctx, params.id, { ...body, cause: ctx.viaToken ? 'API_CALL' : 'USER_ACTION' }),
  ),
  implement(validatePipeline, async ({ params, ctx }) => pipelines.validate(ctx, params.id)),
  implement(listPipelineUpdates, async ({ params, query, ctx }) => ({
    updates: await pipelines.updates(ctx, params.id, query.limit, query.beforeMs),
  })),
  implement(getPipelineUpdate, async ({ params, ctx }) => pipelines.update(ctx, params.id, params.updateId)),
  implement(stopPipeline, async ({ params, ctx }) => pipelines.stop(ctx, params.id)),
  implement(getNotebookPipeline, async ({ params, ctx }) => ({
    pipeline: await pipelines.ofNotebook(ctx, params.notebookId),
  })),
  implement(validateNotebookPipeline, async ({ params, body, ctx }) =>
    pipelines.validateNotebook(ctx, params.notebookId, body.documentVersion),
  ),
  implement(startNotebookPipeline, async ({ params, body, ctx }) => {
    const { id } = await pipelines.forNotebook(ctx, params.notebookId);
    return pipelines.start(ctx, id, { ...body, cause: ctx.viaToken ? 'API_CALL' : 'USER_ACTION' });
  }),
];
