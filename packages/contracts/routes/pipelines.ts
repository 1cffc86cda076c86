import { z } from 'zod';
import { ErrorInfo } from '../errors.ts';
import { FlowProgress, PipelineEvent, UpdateState } from '../pipeline-events.ts';
import { PipelineGraph } from '../pipelines.ts';
import { defineRoute } from '../route.ts';

const area = 'Pipelines';
const base = '/api/2.0/boathouse';
const PipelinePath = z.object({ id: z.uuid() });
const UpdatePath = z.object({ id: z.uuid(), updateId: z.uuid() });
const NotebookPath = z.object({ notebookId: z.string().min(1) });

/** PipelineSpec with Databricks' field names: those that are honoured. A library is a notebook, by its path. */
export const PipelineSpec = z.object({
  id: z.string(),
  name: z.string(),
  catalog: z.string(),
  schema: z.string(),
  libraries: z.array(z.object({ notebook: z.object({ path: z.string() }) })),
  configuration: z.record(z.string(), z.string()).default({}),
  continuous: z.literal(false).default(false),
  development: z.boolean().default(false),
});
export type PipelineSpec = z.infer<typeof PipelineSpec>;

export const UpdateCause = z.enum(['API_CALL', 'USER_ACTION', 'JOB_TASK']);
export type UpdateCause = z.infer<typeof UpdateCause>;

/** One update; its id is also that of its run. */
export const PipelineUpdateView = z.object({
  id: z.string(),
  pipelineId: z.string(),
  /** Null where it ended before a run began: a check, or a text with errors. */
  runId: z.string().nullable(),
  state: UpdateState,
  cause: UpdateCause,
  fullRefresh: z.boolean(),
  validateOnly: z.boolean(),
  createdBy: z.string(),
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  error: ErrorInfo.nullable(),
});
export type PipelineUpdateView = z.infer<typeof PipelineUpdateView>;

/** An update with its graph, what each flow did so far, and how far its log was read (`lastSeq` of the run). */
export const PipelineUpdateDetail = PipelineUpdateView.extend({
  graph: PipelineGraph,
  flows: z.array(FlowProgress),
  events: z.array(PipelineEvent),
  lastSeq: z.number().int(),
  withheld: z.object({ message: z.string() }).nullable(),
});
export type PipelineUpdateDetail = z.infer<typeof PipelineUpdateDetail>;

export const PipelineView = z.object({
  id: z.string(),
  name: z.string(),
  spec: PipelineSpec,
  notebookId: z.string().nullable(),
  notebookName: z.string().nullable(),
  ownerId: z.string(),
  ownerName: z.string(),
  /** What the caller may do: `view`, `run`, `edit`, `manage`. */
  level: z.enum(['view', 'run', 'edit', 'manage']),
  /** `catalog.schema.event_log_<id>`, once an update has written one. */
  eventLog: z.string().nullable(),
  latestUpdate: PipelineUpdateView.nullable(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type PipelineView = z.infer<typeof PipelineView>;

const StartFields = {
  /** Chosen by the client: a repeated request starts nothing twice. */
  id: z.uuid(),
  fullRefresh: z.boolean().default(false),
};
/** Where a notebook's pipeline writes: chosen when it is made, the session's schema by default. */
export const StartNotebookPipeline = z.strictObject({
  ...StartFields,
  /** What the browser shows: the server waits until its own copy has at least this. */
  documentVersion: z.string().optional(),
});

export const listPipelines = defineRoute({
  method: 'GET',
  path: `${base}/pipelines`,
  area,
  summary: 'Pipelines that the caller may see, by name',
  needs: 'sign-in',
  response: z.object({ pipelines: z.array(PipelineView) }),
});

export const createPipeline = defineRoute({
  method: 'POST',
  path: `${base}/pipelines`,
  area,
  summary: "Makes a notebook's pipeline, or answers with the one that it has",
  needs: 'run on the notebook',
  body: z.strictObject({
    notebookId: z.string(),
    name: z.string().min(1).max(200).optional(),
    catalog: z.string().optional(),
    schema: z.string().optional(),
  }),
  response: PipelineView,
});

export const getPipeline = defineRoute({
  method: 'GET',
  path: `${base}/pipelines/{id}`,
  area,
  summary: 'A pipeline and its latest update',
  needs: 'view on its notebook, or ownership',
  params: PipelinePath,
  response: PipelineView,
});

export const updatePipeline = defineRoute({
  method: 'PATCH',
  path: `${base}/pipelines/{id}`,
  area,
  summary: 'Renames a pipeline or sends its datasets to another schema from the next update on',
  needs: 'edit on its notebook, or ownership',
  params: PipelinePath,
  body: z.strictObject({
    name: z.string().min(1).max(200).optional(),
    catalog: z.string().optional(),
    schema: z.string().optional(),
    development: z.boolean().optional(),
  }),
  response: PipelineView,
});

export const deletePipeline = defineRoute({
  method: 'DELETE',
  path: `${base}/pipelines/{id}`,
  area,
  summary: 'Deletes a pipeline and its checkpoints; its tables stay and are written no more',
  needs: 'manage on its notebook, or ownership',
  params: PipelinePath,
  response: z.object({}),
});

export const startPipelineUpdate = defineRoute({
  method: 'POST',
  path: `${base}/pipelines/{id}/updates`,
  area,
  summary: 'Starts an update; a second one while one is active is refused with UPDATE_ALREADY_ACTIVE',
  needs: 'run on its notebook, or ownership; the privileges of its queries',
  params: PipelinePath,
  body: z.strictObject({
    ...StartFields,
    /** Names of datasets: only these are refreshed, or refreshed from the beginning. */
    refreshSelection: z.array(z.string()).max(1000).optional(),
    fullRefreshSelection: z.array(z.string()).max(1000).optional(),
  }),
  response: PipelineUpdateView,
});

export const validatePipeline = defineRoute({
  method: 'POST',
  path: `${base}/pipelines/{id}/validate`,
  area,
  summary: 'Resolves the graph and finds its errors; moves no data',
  needs: 'view on its notebook, or ownership; the privileges of its queries',
  params: PipelinePath,
  body: z.strictObject({}).optional(),
  response: PipelineGraph,
});

export const listPipelineUpdates = defineRoute({
  method: 'GET',
  path: `${base}/pipelines/{id}/updates`,
  area,
  summary: 'Updates, newest first',
  needs: 'view on its notebook, or ownership',
  params: PipelinePath,
  query: z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    beforeMs: z.coerce.number().optional(),
  }),
  response: z.object({ updates: z.array(PipelineUpdateView) }),
});

export const getPipelineUpdate = defineRoute({
  method: 'GET',
  path: `${base}/pipelines/{id}/updates/{updateId}`,
  area,
  summary: 'An update with its graph, the progress of its flows and its events',
  needs: 'view on its notebook, or ownership',
  params: UpdatePath,
  response: PipelineUpdateDetail,
});

export const stopPipeline = defineRoute({
  method: 'POST',
  path: `${base}/pipelines/{id}/stop`,
  area,
  summary: 'Stops the active update; where there is none, nothing changes',
  needs: 'run on its notebook, or ownership',
  params: PipelinePath,
  body: z.strictObject({}).optional(),
  response: PipelineView,
});

export const getNotebookPipeline = defineRoute({
  method: 'GET',
  path: `${base}/notebooks/{notebookId}/pipeline`,
  area,
  summary: 'The pipeline of a notebook, where it has one',
  needs: 'view on the notebook',
  params: NotebookPath,
  response: z.object({ pipeline: PipelineView.nullable() }),
});

export const validateNotebookPipeline = defineRoute({
  method: 'POST',
  path: `${base}/notebooks/{notebookId}/pipeline/validate`,
  area,
  summary: 'Resolves the graph of all pipeline cells of a notebook; moves no data and makes no pipeline',
  needs: 'run on the notebook; the privileges of its queries',
  params: NotebookPath,
  body: z.strictObject({ documentVersion: z.string().optional() }),
  response: PipelineGraph,
});

export const startNotebookPipeline = defineRoute({
  method: 'POST',
  path: `${base}/notebooks/{notebookId}/pipeline/updates`,
  area,
  summary: 'Starts an update of all pipeline cells of a notebook; makes its pipeline at first',
  needs: 'run on the notebook; the privileges of its queries',
  params: NotebookPath,
  body: StartNotebookPipeline,
  response: PipelineUpdateView,
});
