import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { RunEventRow, RunKind, RunState, RunSummary } from '../runs.ts';

const area = 'Runs';
const RunPath = z.object({ id: z.uuid() });

/** Languages that a run speaks. A pipeline cell is run as part of its pipeline, never by itself. */
export const RunLanguage = z.enum(['sql', 'typescript', 'pipeline']);
export type RunLanguage = z.infer<typeof RunLanguage>;

/** A named parameter of a statement; `type` is DDL text, `value` its text form (null = NULL). */
export const RunParameter = z.strictObject({
  name: z.string().min(1),
  value: z.string().nullable().default(null),
  type: z.string().default('STRING'),
});
export type RunParameter = z.infer<typeof RunParameter>;

/**
 * Starts a run. A cell: `notebookId` and `cellId`; the server reads the code from the shared document. Scratch SQL: `text`.
 * The client chooses `id`, so that a repeated request starts nothing twice.
 */
export const StartRunRequest = z.strictObject({
  id: z.uuid(),
  notebookId: z.string().optional(),
  cellId: z.string().optional(),
  /** What the browser shows: the server waits until its own copy has at least this (document version or state vector). */
  documentVersion: z.string().optional(),
  /** Scratch SQL outside of a notebook, or with a notebook: run this text (a selection) in its session instead of the whole cell. */
  text: z.string().max(1_000_000).optional(),
  language: RunLanguage.optional(),
  catalog: z.string().optional(),
  schema: z.string().optional(),
  parameters: z.array(RunParameter).max(255).optional(),
  /** Id of an attached engine, or of the embedded one (its id as a warehouse). Default: the cell's own, else the embedded one. */
  engine: z.string().min(1).max(64).optional(),
});
export type StartRunRequest = z.infer<typeof StartRunRequest>;

export const startRun = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/runs',
  area,
  summary: 'Starts a run of a cell or of a text; repeating the id answers with the same run',
  needs: 'run on the notebook; the privileges that the statement needs',
  body: StartRunRequest,
  response: RunSummary,
});

export const listRuns = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/runs',
  area,
  summary: 'Runs that the caller may see, newest first; for a notebook with latest=true the newest run of each cell',
  needs: 'view on the notebook; without notebookId own runs (administrators: all)',
  query: z.strictObject({
    notebookId: z.string().optional(),
    cellId: z.string().optional(),
    kind: RunKind.optional(),
    state: RunState.optional(),
    latest: z.enum(['true', 'false']).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    /** Runs created before this moment, for the next page. */
    beforeMs: z.coerce.number().optional(),
  }),
  response: z.object({ runs: z.array(RunSummary) }),
});

export const listRunning = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/running',
  area,
  summary: 'What is queued or running now: own runs, for administrators those of everybody',
  needs: 'sign-in',
  response: z.object({ runs: z.array(RunSummary) }),
});

export const getRun = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/runs/{id}',
  area,
  summary: 'One run as the caller may see it',
  needs: 'view on its notebook or dashboard, or own run',
  params: RunPath,
  response: RunSummary,
});

export const listRunEvents = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/runs/{id}/events',
  area,
  summary: 'The log of a run after a sequence number; outputs that the caller may not see are left out',
  needs: 'view on its notebook or dashboard, or own run',
  params: RunPath,
  query: z.strictObject({
    after: z.coerce.number().int().min(0).default(0),
    limit: z.coerce.number().int().min(1).max(5000).default(1000),
  }),
  response: z.object({
    events: z.array(RunEventRow),
    lastSeq: z.number().int(),
    withheld: z.object({ message: z.string() }).nullable(),
  }),
});

export const cancelRun = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/runs/{id}/cancel',
  area,
  summary: 'Stops a run; stopping one that has ended changes nothing',
  needs: 'own run, edit on its notebook, or administrator',
  params: RunPath,
  body: z.strictObject({}).optional(),
  response: RunSummary,
});

export const ComputeStatus = z.object({
  id: z.string(),
  engine: z.string(),
  state: z.enum(['ready', 'unresponsive']),
  activeRuns: z.number().int(),
  sessions: z.number().int(),
  memoryBytes: z.number(),
  memoryLimitBytes: z.number(),
  connectedAtMs: z.number(),
});
export type ComputeStatus = z.infer<typeof ComputeStatus>;

export const listCompute = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/compute',
  area,
  summary: 'The compute processes that are connected, and runs that wait for one',
  needs: 'sign-in',
  response: z.object({ computes: z.array(ComputeStatus), waitingRuns: z.number().int() }),
});

/** A person's SQL session of a notebook. `lostReason` is told once: reading it through POST …/acknowledge clears it. */
export const NotebookSession = z.object({
  id: z.string(),
  catalog: z.string(),
  schema: z.string(),
  timeZone: z.string(),
  tempViews: z.array(z.string()),
  lostReason: z.string().nullable(),
});
export type NotebookSession = z.infer<typeof NotebookSession>;
const NotebookPath = z.object({ notebookId: z.string() });

export const getNotebookSession = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/notebooks/{notebookId}/session',
  area,
  summary: "The caller's session of a notebook: current schema, temporary views, and whether variables were lost",
  needs: 'run on the notebook',
  params: NotebookPath,
  response: NotebookSession,
});

export const updateNotebookSession = defineRoute({
  method: 'PATCH',
  path: '/api/2.0/boathouse/notebooks/{notebookId}/session',
  area,
  summary: 'Chooses the current catalog and schema, or notes that the loss of variables was read',
  needs: 'run on the notebook',
  params: NotebookPath,
  body: z.strictObject({
    catalog: z.string().optional(),
    schema: z.string().optional(),
    acknowledgeLoss: z.boolean().optional(),
  }),
  response: NotebookSession,
});

export const resetNotebookSession = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/notebooks/{notebookId}/session/reset',
  area,
  summary: 'Starts the session anew: kernel variables, temporary views and current schema are gone',
  needs: 'run on the notebook',
  params: NotebookPath,
  body: z.strictObject({}).optional(),
  response: NotebookSession,
});
