import { createHash } from 'node:crypto';
import {
  ErrorInfo,
  Requirement,
  ResultManifest,
  RunKind,
  RunParameter,
  RunState,
  type RunSummary,
  TableRead,
  TableWrite,
} from '@boathouse/contracts';
import { z } from 'zod';
import type { RunProgress } from './machine.ts';

/** A run as the server holds it: what was asked, and what has become of it. */
export interface RunRecord extends RunProgress {
  id: string;
  workspaceId: string;
  kind: RunKind;
  notebookId: string | null;
  cellId: string | null;
  sessionId: string | null;
  dashboardId: string | null;
  tileId: string | null;
  pipelineId: string | null;
  taskAttemptId: string | null;
  principalId: string;
  principalName: string;
  language: RunLanguageName;
  text: string;
  codeHash: string;
  documentVersion: string | null;
  parameters: RunParameter[];
  settings: Record<string, string>;
  /** Who may see the output: every privilege that the statements needed. */
  requires: Requirement[];
  createdAtMs: number;
  lastSeq: number;
  /** Highest of compute's own event numbers that is durable. */
  computeSeq: number;
}

const languages = ['sql', 'typescript', 'pipeline'] as const;
export type RunLanguageName = (typeof languages)[number];

/** SHA-256 of language and text, hexadecimal, as the notebook computes it for a cell: equal hashes mean equal code. */
export const codeHash = (language: string, text: string): string =>
  createHash('sha256').update(`${language}\n${text}`, 'utf8').digest('hex');

const millis = (column: string, name: string) => `(extract(epoch FROM r."${column}") * 1000)::float8 AS "${name}"`;

/** Columns of a run for SELECT, from `run r` with the person's name. */
export const runColumns = `r.id, r."workspaceId", r.kind, r.state, r."notebookId", r."cellId", r."sessionId", r."dashboardId", r."tileId",
  r."pipelineId", r."taskAttemptId", r."principalId", coalesce((SELECT u.name FROM "user" u WHERE u.id = r."principalId"), r."principalId") AS "principalName",
  r.language, r.text, r."codeHash", r."documentVersion", r.parameters, r.settings, r.engine, r."computeId", r.error, r.result, r.reads, r.writes,
  r.requires, r."engineMs", r."totalMs", r."lastSeq", r."computeSeq",
  ${millis('createdAt', 'createdAtMs')}, ${millis('startedAt', 'startedAtMs')}, ${millis('endedAt', 'endedAtMs')}`;

const nullableText = z.string().nullable();
const nullableNumber = z.number().nullable();

const RunRow = z.object({
  id: z.string(),
  workspaceId: z.string(),
  kind: RunKind,
  state: RunState,
  notebookId: nullableText,
  cellId: nullableText,
  sessionId: nullableText,
  dashboardId: nullableText,
  tileId: nullableText,
  pipelineId: nullableText,
  taskAttemptId: nullableText,
  principalId: z.string(),
  principalName: z.string(),
  language: z.enum(languages),
  text: z.string(),
  codeHash: z.string(),
  documentVersion: nullableText,
  parameters: z.array(RunParameter),
  settings: z.record(z.string(), z.string()),
  engine: z.string(),
  computeId: nullableText,
  error: ErrorInfo.nullable(),
  result: ResultManifest.nullable(),
  reads: z.array(TableRead),
  writes: z.array(TableWrite),
  requires: z.array(Requirement),
  engineMs: nullableNumber,
  totalMs: nullableNumber,
  lastSeq: z.number(),
  computeSeq: z.number(),
  createdAtMs: z.number(),
  startedAtMs: nullableNumber,
  endedAtMs: nullableNumber,
});

/** Throws ZodError where the database holds what no version of ours wrote. */
export const parseRunRow = (row: unknown): RunRecord => RunRow.parse(row);

export interface SummaryView {
  withheld: { message: string } | null;
  stale: RunSummary['stale'];
}

/** The run as one viewer may see it: without grants, no output, no error text and no table names. */
export function summarise(run: RunRecord, view: SummaryView): RunSummary {
  const hidden = view.withheld;
  return {
    id: run.id,
    kind: run.kind,
    state: run.state,
    notebookId: run.notebookId,
    cellId: run.cellId,
    principalId: run.principalId,
    principalName: run.principalName,
    engine: run.engine,
    codeHash: run.codeHash,
    documentVersion: run.documentVersion,
    text: run.text,
    createdAtMs: run.createdAtMs,
    startedAtMs: run.startedAtMs,
    endedAtMs: run.endedAtMs,
    engineMs: run.engineMs,
    totalMs: run.totalMs,
    // An engine's message may quote a value of a row.
    error: hidden && run.error ? { ...run.error, message: hidden.message, detail: undefined } : run.error,
    result: hidden ? null : run.result,
    reads: hidden ? [] : run.reads,
    writes: hidden ? [] : run.writes,
    withheld: hidden,
    stale: hidden ? [] : view.stale,
    lastSeq: run.lastSeq,
  };
}
