import { z } from 'zod';
import { ErrorInfo } from './errors.ts';
import { ResultManifest, TableRead, TableWrite } from './results.ts';

export const RunState = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'lost']);
export type RunState = z.infer<typeof RunState>;
export const isFinal = (state: RunState): boolean => state !== 'queued' && state !== 'running';

export const RunKind = z.enum(['cell', 'statement', 'task', 'tile', 'import', 'pipeline']);
export type RunKind = z.infer<typeof RunKind>;

/** How a run names an attached Spark as its engine: `Spark: analytics`. */
export const sparkEngineName = (name: string): string => `Spark: ${name}`;
/** The name of the attached Spark that a run names; null for the embedded engine. */
export const attachedEngineOf = (engine: string): string | null =>
  engine.startsWith('Spark: ') ? engine.slice('Spark: '.length) : null;

/** A MIME bundle as of Jupyter's display_data: the keys say what a viewer may draw. */
export const MimeBundle = z.record(z.string(), z.unknown());
export type MimeBundle = z.infer<typeof MimeBundle>;

/** MIME type of a stored table in a bundle: its value is a ResultManifest. */
export const RESULT_MIME = 'application/vnd.boathouse.result+json';

/** One entry of a run's append-only log. `seq` counts from 1 within the run and has no gaps. */
export const RunEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('queued') }),
  z.object({ type: z.literal('started'), computeId: z.string(), engine: z.string() }),
  z.object({ type: z.literal('progress'), percent: z.number().optional(), message: z.string() }),
  z.object({ type: z.literal('stream'), name: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({ type: z.literal('display'), data: MimeBundle }),
  z.object({ type: z.literal('result'), result: ResultManifest }),
  z.object({ type: z.literal('read'), read: TableRead }),
  z.object({ type: z.literal('write'), write: TableWrite }),
  /** Structured news of a pipeline update, for its graph. */
  z.object({
    type: z.literal('flow'),
    flow: z.string(),
    status: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('finished'),
    state: z.enum(['succeeded', 'failed', 'cancelled', 'lost']),
    error: ErrorInfo.optional(),
    engineMs: z.number().optional(),
    totalMs: z.number().optional(),
    /** Milliseconds since the request was received: plan ready, order sent to compute, first page sent to viewers. */
    timing: z
      .object({
        plannedMs: z.number().optional(),
        sentMs: z.number().optional(),
        pageInMs: z.number().optional(),
        pageOutMs: z.number().optional(),
      })
      .optional(),
  }),
]);
export type RunEvent = z.infer<typeof RunEvent>;

/** A run as lists and cells show it. Outputs that the viewer may not see are left out and `withheld` says why. */
export const RunSummary = z.object({
  id: z.string(),
  kind: RunKind,
  state: RunState,
  notebookId: z.string().nullable(),
  cellId: z.string().nullable(),
  principalId: z.string(),
  principalName: z.string(),
  engine: z.string(),
  codeHash: z.string(),
  documentVersion: z.string().nullable(),
  text: z.string(),
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  engineMs: z.number().nullable(),
  totalMs: z.number().nullable(),
  error: ErrorInfo.nullable(),
  result: ResultManifest.nullable(),
  reads: z.array(TableRead),
  writes: z.array(TableWrite),
  /** Names the person to ask where the viewer lacks a grant. */
  withheld: z.object({ message: z.string() }).nullable(),
  /** Tables read that have moved on since: `{fullName, readVersion, latestVersion}`. */
  stale: z.array(z.object({ fullName: z.string(), readVersion: z.number(), latestVersion: z.number() })),
  lastSeq: z.number(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export const RunEventRow = z.object({ runId: z.string(), seq: z.number().int(), atMs: z.number(), event: RunEvent });
export type RunEventRow = z.infer<typeof RunEventRow>;
