import { z } from 'zod';
import { defineRoute } from '../route.ts';
import { RunSummary } from '../runs.ts';

const area = 'Dashboards';

export const ChartKind = z.enum(['table', 'counter', 'bar', 'line', 'scatter']);
export type ChartKind = z.infer<typeof ChartKind>;
export const ChartAggregation = z.enum(['none', 'sum', 'avg', 'min', 'max', 'count']);
export type ChartAggregation = z.infer<typeof ChartAggregation>;

/** How rows are drawn: kept with a tile, and with a cell of a notebook. Columns by name; null = not chosen. */
export const ChartSpec = z.object({
  kind: ChartKind.default('table'),
  x: z.string().nullable().default(null),
  y: z.array(z.string()).default([]),
  color: z.string().nullable().default(null),
  aggregation: ChartAggregation.default('none'),
  title: z.string().max(300).optional(),
});
export type ChartSpec = z.infer<typeof ChartSpec>;

/** Cells of a grid of 12 columns. */
export const TileLayout = z.object({
  x: z.number().int().min(0).max(11),
  y: z.number().int().min(0).max(10_000),
  w: z.number().int().min(1).max(12),
  h: z.number().int().min(1).max(50),
});
export type TileLayout = z.infer<typeof TileLayout>;

export const DashboardTileView = z.object({
  id: z.string(),
  title: z.string(),
  query: z.string(),
  catalog: z.string(),
  schema: z.string(),
  chart: ChartSpec,
  layout: TileLayout,
  live: z.boolean(),
  /** Whose rights the query runs with. */
  publisherId: z.string(),
  publisherName: z.string(),
  /** The answer on show (last run that succeeded) and the newest run where it is another one. */
  shown: RunSummary.nullable(),
  latest: RunSummary.nullable(),
});
export type DashboardTileView = z.infer<typeof DashboardTileView>;

export const DashboardView = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  version: z.number().int(),
  updatedAtMs: z.number(),
  /** What the caller may do: `view`, `run`, `edit`, `manage`. */
  level: z.string(),
  tiles: z.array(DashboardTileView),
});
export type DashboardView = z.infer<typeof DashboardView>;

const DashboardPath = z.object({ id: z.string() });
const TilePath = z.object({ id: z.string(), tileId: z.string() });
const TileFields = {
  title: z.string().max(300),
  query: z.string().min(1).max(1_000_000),
  catalog: z.string(),
  schema: z.string(),
  chart: ChartSpec,
  layout: TileLayout,
  live: z.boolean(),
};

export const listDashboards = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/dashboards',
  area,
  summary: 'Dashboards that the caller may see',
  needs: 'sign-in',
  response: z.object({
    dashboards: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        path: z.string(),
        ownerName: z.string(),
        tiles: z.number().int(),
        updatedAtMs: z.number(),
      }),
    ),
  }),
});

export const createDashboard = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/dashboards',
  area,
  summary: "Creates an empty dashboard, in the caller's home folder unless another parent is given",
  needs: 'edit on the parent folder',
  body: z.strictObject({ name: z.string().min(1).max(200), parentPath: z.string().optional() }),
  response: DashboardView,
});

export const getDashboard = defineRoute({
  method: 'GET',
  path: '/api/2.0/boathouse/dashboards/{id}',
  area,
  summary: 'A dashboard with its tiles and what each shows',
  needs: 'view on the dashboard',
  params: DashboardPath,
  response: DashboardView,
});

export const updateDashboard = defineRoute({
  method: 'PATCH',
  path: '/api/2.0/boathouse/dashboards/{id}',
  area,
  summary: 'Renames a dashboard or moves its tiles; a version that is not the newest is refused',
  needs: 'edit on the dashboard',
  params: DashboardPath,
  body: z.strictObject({
    name: z.string().min(1).max(200).optional(),
    version: z.number().int().optional(),
    layout: z
      .array(z.strictObject({ tileId: z.string(), layout: TileLayout }))
      .max(200)
      .optional(),
  }),
  response: DashboardView,
});

export const deleteDashboard = defineRoute({
  method: 'DELETE',
  path: '/api/2.0/boathouse/dashboards/{id}',
  area,
  summary: 'Moves a dashboard to the trash',
  needs: 'manage on the dashboard',
  params: DashboardPath,
  response: z.object({}),
});

export const createTile = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/dashboards/{id}/tiles',
  area,
  summary: 'Adds a tile; its query runs with the rights of the caller, who becomes its publisher',
  needs: 'edit on the dashboard and the privileges of the query',
  params: DashboardPath,
  body: z.strictObject({
    ...TileFields,
    catalog: z.string().default('main'),
    schema: z.string().default('default'),
    chart: ChartSpec.optional(),
    layout: TileLayout.optional(),
    live: z.boolean().default(true),
  }),
  response: DashboardTileView,
});

export const updateTile = defineRoute({
  method: 'PATCH',
  path: '/api/2.0/boathouse/dashboards/{id}/tiles/{tileId}',
  area,
  summary: 'Changes a tile; whoever changes its query publishes it from then on',
  needs: 'edit on the dashboard; a new query needs its privileges',
  params: TilePath,
  body: z.strictObject(TileFields).partial(),
  response: DashboardTileView,
});

export const deleteTile = defineRoute({
  method: 'DELETE',
  path: '/api/2.0/boathouse/dashboards/{id}/tiles/{tileId}',
  area,
  summary: 'Removes a tile',
  needs: 'edit on the dashboard',
  params: TilePath,
  response: z.object({}),
});

export const runTile = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/dashboards/{id}/tiles/{tileId}/run',
  area,
  summary: "Runs a tile's query now, for all viewers",
  needs: 'run on the dashboard',
  params: TilePath,
  body: z.strictObject({}).optional(),
  response: RunSummary,
});

export const runDashboard = defineRoute({
  method: 'POST',
  path: '/api/2.0/boathouse/dashboards/{id}/run',
  area,
  summary: 'Runs all tiles now',
  needs: 'run on the dashboard',
  params: DashboardPath,
  body: z.strictObject({}).optional(),
  response: z.object({ runs: z.array(RunSummary) }),
});
