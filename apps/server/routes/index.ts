import type { Route } from '../http/router.ts';
import type { Services } from '../services.ts';
import { memberRoutes } from './members.ts';
import { notebookRoutes } from './notebooks.ts';
import { objectRoutes } from './objects.ts';
import { resultRoutes } from './results.ts';
import { runRoutes } from './runs.ts';
import { sessionRoutes } from './session.ts';
import { statementRoutes } from './statements.ts';
import { tokenRoutes } from './tokens.ts';
import { warehouseRoutes } from './warehouses.ts';

/** Every route of the API: one file per area. */
export function routes(services: Services): Route[] {
  return [
    ...sessionRoutes(services),
    ...memberRoutes(services),
    ...notebookRoutes(services),
    ...objectRoutes(services),
    ...resultRoutes(services),
    ...runRoutes(services),
    ...statementRoutes(services),
    ...tokenRoutes(services),
    ...warehouseRoutes(services),
  ];
}
