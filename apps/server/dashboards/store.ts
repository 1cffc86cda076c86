import { ChartSpec, TileLayout } from '@boathouse/contracts';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Tx } from '../db.ts';

const TileRow = z.object({
  id: z.string(),
  dashboardId: z.string(),
  title: z.string(),
  query: z.string(),
  catalog: z.string(),
  schema: z.string(),
  chart: ChartSpec,
  layout: TileLayout,
  live: z.boolean(),
  publisherId: z.string(),
  publisherName: z.string(),
  shownRunId: z.string().nullable(),
  latestRunId: z.string().nullable(),
  workspaceId: z.string(),
});
export type Tile = z.infer<typeof TileRow>;

const columns = `t.id, t."dashboardId", t.title, t.query, t.catalog, t.schema, t.chart, t.layout, t.live, t."publisherId",
  coalesce((SELECT u.name FROM "user" u WHERE u.id = t."publisherId"), '') AS "publisherName", t."shownRunId", t."latestRunId", o."workspaceId"`;
const source = `dashboard_tile t JOIN workspace_object o ON o.id = t."dashboardId" AND o."deletedAt" IS NULL`;

type Writable = Pick<
  Tile,
  'id' | 'dashboardId' | 'title' | 'query' | 'catalog' | 'schema' | 'chart' | 'layout' | 'live' | 'publisherId'
>;

/** Tiles in PostgreSQL. Tiles of dashboards in the trash are not there. */
export function createTileStore(pool: Pool) {
  const select = async (where: string, values: unknown[]): Promise<Tile[]> => {
    const { rows } = await pool.query(`SELECT ${columns} FROM ${source} ${where}`, values);
    return rows.map((row) => TileRow.parse(row));
  };
  return {
    ofDashboard: (dashboardId: string) =>
      select('WHERE t."dashboardId" = $1 ORDER BY t."createdAt", t.id', [dashboardId]),
    async get(tileId: string): Promise<Tile | null> {
      return (await select('WHERE t.id = $1', [tileId]))[0] ?? null;
    },
    /** Live tiles whose query reads the table. */
    readersOf: (tableId: string) => select('WHERE t.live AND t."tableIds" @> $1::jsonb', [JSON.stringify([tableId])]),
    /** Those of a dashboard whose answer on show is older than a table that it read. */
    overtaken: (dashboardId: string) =>
      select(
        `WHERE t."dashboardId" = $1 AND t.live AND EXISTS (SELECT 1 FROM run r, jsonb_array_elements(r.reads) e JOIN "table" b ON b.id = e->>'tableId'
           WHERE r.id = t."shownRunId" AND b.version > (e->>'version')::bigint)`,
        [dashboardId],
      ),
    async insert(tx: Tx, tile: Writable, tableIds: string[]): Promise<void> {
      await tx.query(
        `INSERT INTO dashboard_tile (id, "dashboardId", title, query, catalog, schema, chart, layout, live, "publisherId", "tableIds")
           VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9, $10, $11::jsonb)`,
        [
          tile.id,
          tile.dashboardId,
          tile.title,
          tile.query,
          tile.catalog,
          tile.schema,
          JSON.stringify(tile.chart),
          JSON.stringify(tile.layout),
          tile.live,
          tile.publisherId,
          JSON.stringify(tableIds),
        ],
      );
    },
    /** `tableIds` null leaves them; a new query forgets what the old one showed. */
    async update(tx: Tx, tile: Writable, tableIds: string[] | null): Promise<void> {
      await tx.query(
        `UPDATE dashboard_tile SET title = $2, query = $3, catalog = $4, schema = $5, chart = $6::jsonb, layout = $7::jsonb, live = $8, "publisherId" = $9,
           "tableIds" = coalesce($10::jsonb, "tableIds"), "shownRunId" = CASE WHEN $10::jsonb IS NULL THEN "shownRunId" END,
           "latestRunId" = CASE WHEN $10::jsonb IS NULL THEN "latestRunId" END, "updatedAt" = now() WHERE id = $1`,
        [
          tile.id,
          tile.title,
          tile.query,
          tile.catalog,
          tile.schema,
          JSON.stringify(tile.chart),
          JSON.stringify(tile.layout),
          tile.live,
          tile.publisherId,
          tableIds && JSON.stringify(tableIds),
        ],
      );
    },
    async setLayout(tx: Tx, tileId: string, layout: TileLayout): Promise<void> {
      await tx.query('UPDATE dashboard_tile SET layout = $2::jsonb, "updatedAt" = now() WHERE id = $1', [
        tileId,
        JSON.stringify(layout),
      ]);
    },
    async remove(tx: Tx, tileId: string): Promise<void> {
      await tx.query('DELETE FROM dashboard_tile WHERE id = $1', [tileId]);
    },
    async begun(tileId: string, runId: string): Promise<void> {
      await pool.query('UPDATE dashboard_tile SET "latestRunId" = $2 WHERE id = $1', [tileId, runId]);
    },
    /** The run succeeded with the tile's present query: it is on show, and its tables wake the tile from here. */
    async shown(tileId: string, runId: string, tableIds: string[]): Promise<void> {
      await pool.query(
        'UPDATE dashboard_tile SET "shownRunId" = $2, "tableIds" = $3::jsonb WHERE id = $1 AND "latestRunId" = $2',
        [tileId, runId, JSON.stringify(tableIds)],
      );
    },
    /** The dashboard's version after one more edit; null where `expected` is not the present one. */
    async bump(tx: Tx, dashboardId: string, expected?: number): Promise<number | null> {
      const { rows } = await tx.query<{ version: number }>(
        'UPDATE dashboard SET version = version + 1, "updatedAt" = now() WHERE id = $1 AND ($2::int IS NULL OR version = $2) RETURNING version',
        [dashboardId, expected ?? null],
      );
      return rows[0]?.version ?? null;
    },
    async facts(dashboardIds: string[]): Promise<Map<string, { version: number; tiles: number; updatedAtMs: number }>> {
      const { rows } = await pool.query<{ id: string; version: number; tiles: number; updatedAtMs: number }>(
        `SELECT d.id, d.version, (SELECT count(*)::int FROM dashboard_tile t WHERE t."dashboardId" = d.id) AS tiles,
           (extract(epoch FROM d."updatedAt") * 1000)::float8 AS "updatedAtMs" FROM dashboard d WHERE d.id = ANY($1)`,
        [dashboardIds],
      );
      return new Map(rows.map(({ id, ...facts }) => [id, facts]));
    },
  };
}
export type TileStore = ReturnType<typeof createTileStore>;
