import type { Route } from '../http/router.ts';
import type { Services } from '../services.ts';
import { catalogBrowserRoutes } from './catalog-browser.ts';
import { dashboardRoutes } from './dashboards.ts';
import { databricksPipelineRoutes } from './databricks-pipelines.ts';
import { engineRoutes } from './engines.ts';
import { fileRoutes } from './files.ts';
import { jobRoutes } from './jobs.ts';
import { memberRoutes } from './members.ts';
import { notebookRoutes } from './notebooks.ts';
import { objectRoutes } from './objects.ts';
import { openApiRoute } from './openapi.ts';
import { permissionRoutes } from './permissions.ts';
import { pipelineRoutes } from './pipelines.ts';
import { resultRoutes } from './results.ts';
import { runRoutes } from './runs.ts';
import { sessionRoutes } from './session.ts';
import { statementRoutes } from './statements.ts';
import { tokenRoutes } from './tokens.ts';
import { unityCatalogRoutes } from './unity-catalog.ts';
import { uploadRoutes } from './uploads.ts';
import { warehouseRoutes } from './warehouses.ts';
import { workspaceRoutes } from './workspace.ts';

/** Every route of the API: one file per area. */
export function routes(services: Services): Route[] {
  const all = [
    ...catalogBrowserRoutes(services),
    ...sessionRoutes(services),
    ...engineRoutes(services),
    ...fileRoutes(services),
    ...dashboardRoutes(services),
    ...jobRoutes(services),
    ...memberRoutes(services),
    ...notebookRoutes(services),
    ...objectRoutes(services),
    ...permissionRoutes(services),
    ...databricksPipelineRoutes(services),
    ...pipelineRoutes(services),
    ...resultRoutes(services),
    ...runRoutes(services),
    ...statementRoutes(services),
    ...tokenRoutes(services),
    ...unityCatalogRoutes(services),
    ...uploadRoutes(services),
    ...warehouseRoutes(services),
    ...workspaceRoutes(services),
  ];
  return [...all, openApiRoute(all)];
}
