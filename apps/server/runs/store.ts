import { RESULT_MIME, Requirement, ResultManifest, RunEvent, type RunEventRow } from '@boathouse/contracts';
import type { Pool } from 'pg';
import { OUTBOX_CHANNEL } from '../events/index.ts';
import { parseRunRow, type RunRecord, runColumns } from './record.ts';

const StoredResult = ResultManifest.pick({ hash: true, key: true, byteCount: true });

export interface RunFilter {
  workspaceId: string;
  notebookId?: string;
  cellId?: string;
  principalId?: string;
  kind?: string;
  states?: string[];
  beforeMs?: number;
  limit: number;
}

/** Runs and their logs in PostgreSQL. Each write is one statement, and so one transaction with its outbox row. */
export interface RunStore {
  /** Records a queued run with event 1. False where the id is taken. */
  insert(run: RunRecord, leaseMs: number): Promise<boolean>;
  /**
   * Writes the run as it is now and the events after `previousSeq`. False where somebody else has moved the run on since:
   * nothing is written then.
   */
  append(run: RunRecord, previousSeq: number, rows: RunEventRow[], leaseMs: number): Promise<boolean>;
  get(id: string): Promise<RunRecord | null>;
  list(filter: RunFilter): Promise<RunRecord[]>;
  /** The newest run of each cell of a notebook. */
  latestOfCells(notebookId: string): Promise<RunRecord[]>;
  /** Of those, the ones that have read a table. */
  latestReaders(notebookIds: string[], tableId: string): Promise<RunRecord[]>;
  /** What the TypeScript cells needed that ran in the run's session of a notebook, since the session's beginning. */
  carried(run: RunRecord): Promise<Requirement[]>;
  events(runId: string, after: number, limit: number): Promise<RunEventRow[]>;
  /** Prolongs the leases of runs that this server drives. */
  holdLeases(ids: string[], leaseMs: number): Promise<void>;
  /** Runs that have not ended and whose lease has run out, so that nobody drives them. */
  abandoned(): Promise<RunRecord[]>;
  /** Latest known versions by table id. */
  latestVersions(tableIds: string[]): Promise<Map<string, number>>;
}

const json = (value: unknown): string => JSON.stringify(value);
const seconds = (atMs: number | null): number | null => (atMs === null ? null : atMs / 1000);
const lease = (parameter: string) => `now() + ${parameter} * interval '1 millisecond'`;

const insertSql = `WITH new_run AS (
    INSERT INTO run (id, "workspaceId", kind, state, "notebookId", "cellId", "sessionId", "dashboardId", "tileId", "pipelineId", "taskAttemptId",
      "principalId", language, text, "codeHash", "documentVersion", parameters, settings, engine, requires, "createdAt", "lastSeq", "leaseUntil")
    VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb, $17::jsonb, $18, $19::jsonb, to_timestamp($20::float8), 1, ${lease('$21::float8')})
    ON CONFLICT (id) DO NOTHING RETURNING id, "createdAt"),
  first_event AS (INSERT INTO run_event ("runId", seq, at, event) SELECT id, 1, "createdAt", '{"type":"queued"}'::jsonb FROM new_run),
  told AS (INSERT INTO outbox (kind, payload) SELECT 'run.changed', $22::jsonb FROM new_run RETURNING id)
  SELECT pg_notify('${OUTBOX_CHANNEL}', '') FROM told`;

const appendSql = `WITH moved AS (
    UPDATE run SET state = $3, "computeId" = $4, engine = $5, error = $6::jsonb, result = $7::jsonb, "resultHash" = $8, reads = $9::jsonb,
      writes = $10::jsonb, requires = $11::jsonb, "engineMs" = $12, "totalMs" = $13, "startedAt" = to_timestamp($14::float8), "endedAt" = to_timestamp($15::float8),
      "lastSeq" = $16, "computeSeq" = $17, "leaseUntil" = ${lease('$18::float8')}
    WHERE id = $1 AND "lastSeq" = $2 AND state IN ('queued', 'running') RETURNING id),
  logged AS (INSERT INTO run_event ("runId", seq, at, event)
    SELECT moved.id, (e->>'seq')::int, to_timestamp((e->>'atMs')::float8 / 1000), e->'event' FROM moved, jsonb_array_elements($19::jsonb) e),
  kept AS (INSERT INTO result_object (hash, key, "byteCount") SELECT o->>'hash', o->>'key', (o->>'byteCount')::bigint FROM moved, jsonb_array_elements($20::jsonb) o
    ON CONFLICT (hash) DO UPDATE SET "lastUsedAt" = now()),
  told AS (INSERT INTO outbox (kind, payload) SELECT 'run.changed', $21::jsonb FROM moved RETURNING id)
  SELECT pg_notify('${OUTBOX_CHANNEL}', '') FROM told`;

export function createRunStore(pool: Pool, serverId: string): RunStore {
  const told = (run: RunRecord, seq: number) =>
    json({
      runId: run.id,
      seq,
      state: run.state,
      workspaceId: run.workspaceId,
      notebookId: run.notebookId,
      dashboardId: run.dashboardId,
      tileId: run.tileId,
      serverId,
    });
  const select = async (where: string, values: unknown[]): Promise<RunRecord[]> => {
    const { rows } = await pool.query(`SELECT ${runColumns} FROM run r ${where}`, values);
    return rows.map(parseRunRow);
  };

  return {
    async insert(run, leaseMs) {
      const { rowCount } = await pool.query({
        name: 'run-insert',
        text: insertSql,
        values: [
          run.id,
          run.workspaceId,
          run.kind,
          run.notebookId,
          run.cellId,
          run.sessionId,
          run.dashboardId,
          run.tileId,
          run.pipelineId,
          run.taskAttemptId,
          run.principalId,
          run.language,
          run.text,
          run.codeHash,
          run.documentVersion,
          json(run.parameters),
          json(run.settings),
          run.engine,
          json(run.requires),
          seconds(run.createdAtMs),
          leaseMs,
          told({ ...run, state: 'queued' }, 1),
        ],
      });
      return rowCount === 1;
    },

    async append(run, previousSeq, rows, leaseMs) {
      const results = rows.flatMap(({ event }) => resultsOf(event));
      const { rowCount } = await pool.query({
        name: 'run-append',
        text: appendSql,
        values: [
          run.id,
          previousSeq,
          run.state,
          run.computeId,
          run.engine,
          run.error && json(run.error),
          run.result && json(run.result),
          run.result?.hash ?? null,
          json(run.reads),
          json(run.writes),
          json(run.requires),
          run.engineMs,
          run.totalMs,
          seconds(run.startedAtMs),
          seconds(run.endedAtMs),
          run.lastSeq,
          run.computeSeq,
          leaseMs,
          json(rows),
          json([...new Map(results.map((result) => [result.hash, result])).values()]),
          told(run, run.lastSeq),
        ],
      });
      return rowCount === 1;
    },

    async get(id) {
      return (await select('WHERE r.id = $1', [id]))[0] ?? null;
    },

    list(filter) {
      return select(
        `WHERE r."workspaceId" = $1 AND ($2::text IS NULL OR r."notebookId" = $2) AND ($3::text IS NULL OR r."cellId" = $3)
           AND ($4::text IS NULL OR r."principalId" = $4) AND ($5::text IS NULL OR r.kind = $5) AND ($6::text[] IS NULL OR r.state = ANY($6))
           AND ($7::float8 IS NULL OR r."createdAt" < to_timestamp($7::float8 / 1000)) ORDER BY r."createdAt" DESC LIMIT $8`,
        [
          filter.workspaceId,
          filter.notebookId ?? null,
          filter.cellId ?? null,
          filter.principalId ?? null,
          filter.kind ?? null,
          filter.states ?? null,
          filter.beforeMs ?? null,
          filter.limit,
        ],
      );
    },

    latestOfCells(notebookId) {
      return select(
        `WHERE r.id IN (SELECT DISTINCT ON ("cellId") id FROM run WHERE "notebookId" = $1 AND "cellId" IS NOT NULL AND kind = 'cell'
           ORDER BY "cellId", "createdAt" DESC)`,
        [notebookId],
      );
    },

    latestReaders(notebookIds, tableId) {
      return select(
        `WHERE r.id IN (SELECT DISTINCT ON ("notebookId", "cellId") id FROM run WHERE "notebookId" = ANY($1) AND "cellId" IS NOT NULL AND kind = 'cell'
           ORDER BY "notebookId", "cellId", "createdAt" DESC) AND r.reads @> $2::jsonb`,
        [notebookIds, json([{ tableId }])],
      );
    },

    async carried({ id, sessionId, notebookId }) {
      if (sessionId === null || notebookId === null) return [];
      const { rows } = await pool.query<{ requirement: unknown }>(
        `SELECT DISTINCT requirement FROM run r, jsonb_array_elements(r.requires) requirement
           WHERE r."notebookId" = $1 AND r."sessionId" = $2 AND r.language = 'typescript' AND r.id <> $3
             AND r."createdAt" >= coalesce((SELECT s."createdAt" FROM sql_session s WHERE s.id = $2), '-infinity')`,
        [notebookId, sessionId, id],
      );
      return rows.map((row) => Requirement.parse(row.requirement));
    },

    async events(runId, after, limit) {
      const { rows } = await pool.query<{ seq: number; atMs: number; event: unknown }>(
        `SELECT seq, (extract(epoch FROM at) * 1000)::float8 AS "atMs", event FROM run_event WHERE "runId" = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
        [runId, after, limit],
      );
      return rows.map((row) => ({ runId, seq: row.seq, atMs: row.atMs, event: RunEvent.parse(row.event) }));
    },

    async holdLeases(ids, leaseMs) {
      if (ids.length === 0) return;
      await pool.query(
        `UPDATE run SET "leaseUntil" = ${lease('$2::float8')} WHERE id = ANY($1) AND state IN ('queued', 'running')`,
        [ids, leaseMs],
      );
    },

    abandoned() {
      return select(
        `WHERE r.state IN ('queued', 'running') AND (r."leaseUntil" IS NULL OR r."leaseUntil" < now()) LIMIT 500`,
        [],
      );
    },

    async latestVersions(tableIds) {
      if (tableIds.length === 0) return new Map();
      const { rows } = await pool.query<{ id: string; version: string }>(
        'SELECT id, version::text AS version FROM "table" WHERE id = ANY($1) AND version IS NOT NULL',
        [tableIds],
      );
      return new Map(rows.map((row) => [row.id, Number(row.version)]));
    },
  };
}

/** Stored results that an event tells of: the quota counts them. */
function resultsOf(event: RunEvent): { hash: string; key: string; byteCount: number }[] {
  if (event.type === 'result')
    return [{ hash: event.result.hash, key: event.result.key, byteCount: event.result.byteCount }];
  if (event.type !== 'display') return [];
  const parsed = StoredResult.safeParse(event.data[RESULT_MIME]);
  return parsed.success ? [parsed.data] : [];
}
