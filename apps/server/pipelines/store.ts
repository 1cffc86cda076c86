import {
  ErrorInfo,
  PipelineGraph,
  PipelineSpec,
  type PipelineUpdateView,
  RunState,
  UpdateCause,
  UpdateState,
} from '@boathouse/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Tx } from '../db.ts';

const PipelineRow = z.object({
  id: z.string(),
  workspaceId: z.string(),
  name: z.string(),
  spec: PipelineSpec,
  notebookId: z.string().nullable(),
  /** Null where the notebook is gone. */
  notebookName: z.string().nullable(),
  notebookPath: z.string().nullable(),
  ownerId: z.string(),
  ownerName: z.string(),
  eventLog: z.string().nullable(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});
export type PipelineRow = z.infer<typeof PipelineRow>;

/** What an update was asked to do. */
export const UpdateConfig = z.object({
  validateOnly: z.boolean().default(false),
  refreshSelection: z.array(z.string()).default([]),
  fullRefreshSelection: z.array(z.string()).default([]),
  spec: PipelineSpec,
});
export type UpdateConfig = z.infer<typeof UpdateConfig>;

const UpdateRow = z.object({
  id: z.string(),
  pipelineId: z.string(),
  runId: z.string().nullable(),
  state: UpdateState,
  cause: UpdateCause,
  fullRefresh: z.boolean(),
  config: UpdateConfig,
  graph: PipelineGraph.nullable(),
  createdBy: z.string(),
  createdByName: z.string(),
  createdAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  runState: RunState.nullable(),
  runEndedAtMs: z.number().nullable(),
  error: ErrorInfo.nullable(),
  /** The run was not recorded within its time: the server died in between. */
  orphan: z.boolean(),
});
export type UpdateRow = z.infer<typeof UpdateRow>;

const pipelineSelect = `SELECT p.id, p."workspaceId", p.name, p.spec, p."notebookId", o.name AS "notebookName", o.path AS "notebookPath", p."ownerId",
    coalesce(u.name, '') AS "ownerName", (extract(epoch FROM p."createdAt") * 1000)::float8 AS "createdAtMs",
    (extract(epoch FROM p."updatedAt") * 1000)::float8 AS "updatedAtMs",
    (SELECT c.name || '.' || s.name || '.' || t.name FROM "table" t JOIN schema s ON s.id = t."schemaId" JOIN catalog c ON c.id = s."catalogId"
      WHERE t.id = p."eventLogId" AND t.state = 'published') AS "eventLog"
  FROM pipeline p LEFT JOIN workspace_object o ON o.id = p."notebookId" AND o."deletedAt" IS NULL LEFT JOIN "user" u ON u.id = p."ownerId"`;

/** A run row follows its update within this time, or never. */
const RECORDED_WITHIN = `interval '30 seconds'`;
const updateSelect = `SELECT d.id, d."pipelineId", d."runId", d.state, d.cause, d."fullRefresh", d.config, d.graph, d."createdBy", coalesce(w.name, '') AS "createdByName",
    (extract(epoch FROM d."createdAt") * 1000)::float8 AS "createdAtMs", (extract(epoch FROM d."endedAt") * 1000)::float8 AS "endedAtMs",
    r.state AS "runState", (extract(epoch FROM r."endedAt") * 1000)::float8 AS "runEndedAtMs", r.error,
    (d."runId" IS NOT NULL AND r.id IS NULL AND d."createdAt" < now() - ${RECORDED_WITHIN}) AS orphan
  FROM pipeline_update d LEFT JOIN run r ON r.id = d."runId" LEFT JOIN "user" w ON w.id = d."createdBy"`;
const active = `d."runId" IS NOT NULL AND (r.state IN ('queued', 'running') OR (r.id IS NULL AND d."createdAt" >= now() - ${RECORDED_WITHIN}))`;

interface NewPipeline {
  id: string;
  workspaceId: string;
  name: string;
  spec: PipelineSpec;
  notebookId: string | null;
  ownerId: string;
}

interface NewUpdate {
  id: string;
  pipelineId: string;
  runId: string | null;
  state: UpdateState;
  cause: UpdateCause;
  fullRefresh: boolean;
  config: UpdateConfig;
  graph: PipelineGraph;
  createdBy: string;
}

/** Pipelines and their updates in PostgreSQL. How an update ends is told by its run; the row keeps what comes before. */
export function createPipelineStore(pool: Pool) {
  const pipelines = async (where: string, values: unknown[]): Promise<PipelineRow[]> =>
    (await pool.query(`${pipelineSelect} WHERE ${where}`, values)).rows.map((row) => PipelineRow.parse(row));
  const updates = async (db: Pool | Tx, where: string, values: unknown[]): Promise<UpdateRow[]> =>
    (await db.query(`${updateSelect} WHERE ${where}`, values)).rows.map((row) => UpdateRow.parse(row));
  return {
    list: (workspaceId: string) => pipelines(`p."workspaceId" = $1 ORDER BY lower(p.name), p.id`, [workspaceId]),
    async get(workspaceId: string, id: string): Promise<PipelineRow | null> {
      return (await pipelines('p."workspaceId" = $1 AND p.id = $2', [workspaceId, id]))[0] ?? null;
    },
    async ofNotebook(workspaceId: string, notebookId: string): Promise<PipelineRow | null> {
      const where = `p."workspaceId" = $1 AND p."notebookId" = $2 ORDER BY p."createdAt" LIMIT 1`;
      return (await pipelines(where, [workspaceId, notebookId]))[0] ?? null;
    },
    /** The notebook's pipeline, made where there is none: two first runs at once make one. */
    async insertForNotebook(tx: Tx, pipeline: NewPipeline & { notebookId: string }): Promise<void> {
      await tx.query('SELECT 1 FROM workspace_object WHERE id = $1 FOR UPDATE', [pipeline.notebookId]);
      const { rows } = await tx.query('SELECT 1 FROM pipeline WHERE "notebookId" = $1', [pipeline.notebookId]);
      if (!rows.length) await this.insert(tx, pipeline);
    },
    async insert(tx: Tx, it: NewPipeline): Promise<void> {
      await tx.query(
        'INSERT INTO pipeline (id, "workspaceId", name, spec, "notebookId", "ownerId") VALUES ($1, $2, $3, $4::jsonb, $5, $6)',
        [it.id, it.workspaceId, it.name, JSON.stringify(it.spec), it.notebookId, it.ownerId],
      );
    },
    async change(tx: Tx, id: string, name: string, spec: PipelineSpec, notebookId: string | null): Promise<void> {
      await tx.query(
        'UPDATE pipeline SET name = $2, spec = $3::jsonb, "notebookId" = $4, "updatedAt" = now() WHERE id = $1',
        [id, name, JSON.stringify(spec), notebookId],
      );
    },
    /** Its tables stay and belong to no pipeline any more. */
    async remove(tx: Tx, id: string): Promise<void> {
      await tx.query('UPDATE "table" SET "pipelineId" = NULL WHERE "pipelineId" = $1', [id]);
      await tx.query('DELETE FROM pipeline WHERE id = $1', [id]);
    },
    async setEventLog(id: string, tableId: string): Promise<void> {
      await pool.query('UPDATE pipeline SET "eventLogId" = $2 WHERE id = $1', [id, tableId]);
    },
    /** Locks the pipeline against another start. Answers its active update, where there is one. */
    async lock(tx: Tx, id: string): Promise<UpdateRow | null> {
      await tx.query('SELECT 1 FROM pipeline WHERE id = $1 FOR UPDATE', [id]);
      return (await updates(tx, `d."pipelineId" = $1 AND ${active}`, [id]))[0] ?? null;
    },
    async activeUpdate(id: string): Promise<UpdateRow | null> {
      return (await updates(pool, `d."pipelineId" = $1 AND ${active}`, [id]))[0] ?? null;
    },
    async insertUpdate(db: Pool | Tx, it: NewUpdate): Promise<void> {
      await db.query(
        `INSERT INTO pipeline_update (id, "pipelineId", "runId", state, cause, "fullRefresh", config, graph, "createdBy", "endedAt")
           VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9, CASE WHEN $3::text IS NULL THEN now() END)`,
        [
          it.id,
          it.pipelineId,
          it.runId,
          it.state,
          it.cause,
          it.fullRefresh,
          JSON.stringify(it.config),
          JSON.stringify(it.graph),
          it.createdBy,
        ],
      );
    },
    async removeUpdate(id: string): Promise<void> {
      await pool.query('DELETE FROM pipeline_update WHERE id = $1', [id]);
    },
    async moved(id: string, state: UpdateState): Promise<void> {
      await pool.query('UPDATE pipeline_update SET state = $2 WHERE id = $1', [id, state]);
    },
    async update(pipelineId: string, id: string): Promise<UpdateRow | null> {
      return (await updates(pool, 'd."pipelineId" = $1 AND d.id = $2', [pipelineId, id]))[0] ?? null;
    },
    /** Whoever uses an id twice must mean the same pipeline. */
    async pipelineOfUpdate(id: string): Promise<string | null> {
      const { rows } = await pool.query<{ pipelineId: string }>(
        'SELECT "pipelineId" FROM pipeline_update WHERE id = $1',
        [id],
      );
      return rows[0]?.pipelineId ?? null;
    },
    updates: (pipelineId: string, limit: number, beforeMs: number | null) =>
      updates(
        pool,
        `d."pipelineId" = $1 AND ($3::float8 IS NULL OR d."createdAt" < to_timestamp($3::float8 / 1000)) ORDER BY d."createdAt" DESC, d.id LIMIT $2`,
        [pipelineId, limit, beforeMs],
      ),
    async latestOf(pipelineIds: string[]): Promise<Map<string, UpdateRow>> {
      const found = await updates(
        pool,
        `d.id IN (SELECT DISTINCT ON ("pipelineId") id FROM pipeline_update WHERE "pipelineId" = ANY($1) ORDER BY "pipelineId", "createdAt" DESC)`,
        [pipelineIds],
      );
      return new Map(found.map((row) => [row.pipelineId, row]));
    },
  };
}
export type PipelineStore = ReturnType<typeof createPipelineStore>;

/** The end of an update by the end of its run. */
const endState = { succeeded: 'COMPLETED', failed: 'FAILED', cancelled: 'CANCELED', lost: 'FAILED' } as const;

export function updateView(row: UpdateRow): PipelineUpdateView {
  const ended = row.runState === 'queued' || row.runState === 'running' || row.runState === null ? null : row.runState;
  const [problem] = row.graph?.errors ?? [];
  const told: ErrorInfo | null = row.runId === null && problem ? graphError(problem) : null;
  return {
    id: row.id,
    pipelineId: row.pipelineId,
    runId: row.runId,
    state: ended ? endState[ended] : row.orphan ? 'FAILED' : row.state,
    cause: row.cause,
    fullRefresh: row.fullRefresh,
    validateOnly: row.config.validateOnly,
    createdBy: row.createdByName,
    createdAtMs: row.createdAtMs,
    endedAtMs: row.runId === null ? row.endedAtMs : row.runEndedAtMs,
    error: row.error ?? told,
  };
}

const graphError = ({ code, message, position }: PipelineGraph['errors'][number]): ErrorInfo => ({
  code,
  message,
  fault: 'user',
  status: 400,
  ...(position ? { position } : {}),
});
