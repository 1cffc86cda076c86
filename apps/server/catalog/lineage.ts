import type { Queryable } from './db.ts';

export interface Edge {
  tableId: string;
  direction: 'read' | 'write';
  runId: string;
  version: number;
}

/** The nearest name for who made a run: its pipeline, job, dashboard or notebook, else the person. */
const sourceOfRun = `SELECT
    CASE WHEN r."pipelineId" IS NOT NULL THEN 'pipeline' WHEN jr."jobId" IS NOT NULL THEN 'job'
         WHEN r."dashboardId" IS NOT NULL THEN 'dashboard' WHEN r."notebookId" IS NOT NULL THEN 'notebook' ELSE 'user' END AS kind,
    coalesce(r."pipelineId", jr."jobId"::text, r."dashboardId", r."notebookId", r."principalId") AS id
  FROM run r LEFT JOIN task_attempt a ON a.id = r."taskAttemptId" LEFT JOIN task_run tr ON tr.id = a."taskRunId"
    LEFT JOIN job_run jr ON jr.id = tr."jobRunId" WHERE r.id = $3`;

/** Notes that a run read or wrote a table. Runs that are not recorded leave no edge. */
export async function recordEdge(tx: Queryable, edge: Edge): Promise<void> {
  await tx.query(
    `INSERT INTO lineage_edge ("tableId", direction, "sourceKind", "sourceId", "lastRunId", "lastVersion")
       SELECT $1, $2, source.kind, source.id, $3, $4::bigint FROM (${sourceOfRun}) source
     ON CONFLICT ("tableId", direction, "sourceKind", "sourceId")
       DO UPDATE SET "lastRunId" = excluded."lastRunId", "lastVersion" = excluded."lastVersion", count = lineage_edge.count + 1, "lastAt" = now()`,
    [edge.tableId, edge.direction, edge.runId, edge.version],
  );
}

/** Notes that a view is made from tables: the view reads them. */
export async function recordViewReads(tx: Queryable, viewId: string, tableIds: string[]): Promise<void> {
  await tx.query(`DELETE FROM lineage_edge WHERE "sourceKind" = 'table' AND "sourceId" = $1 AND direction = 'read'`, [
    viewId,
  ]);
  for (const tableId of tableIds) {
    await tx.query(
      `INSERT INTO lineage_edge ("tableId", direction, "sourceKind", "sourceId") VALUES ($1, 'read', 'table', $2) ON CONFLICT DO NOTHING`,
      [tableId, viewId],
    );
  }
}

/** A table or view is gone: nothing reads or writes it, and it reads nothing. */
export async function forgetEdges(tx: Queryable, tableIds: string[]): Promise<void> {
  await tx.query(
    `DELETE FROM lineage_edge WHERE "tableId" = ANY($1::text[]) OR ("sourceKind" = 'table' AND "sourceId" = ANY($1::text[]))`,
    [tableIds],
  );
}
