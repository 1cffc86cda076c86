import { z } from 'zod';
import { defineRoute } from '../route.ts';

/** Databricks' warehouses: the embedded engine, and each attached one that the caller may use. */
const area = 'SQL warehouses';
const WarehousePath = z.object({ id: z.string() });

export const Warehouse = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['RUNNING', 'STARTING', 'STOPPED']),
  size: z.string(),
  cluster_size: z.string(),
  warehouse_type: z.string(),
  enable_serverless_compute: z.boolean(),
  auto_stop_mins: z.number().int(),
  min_num_clusters: z.number().int(),
  max_num_clusters: z.number().int(),
  num_clusters: z.number().int(),
  num_active_sessions: z.number().int(),
  creator_name: z.string(),
  jdbc_url: z.string(),
  odbc_params: z.object({ hostname: z.string(), path: z.string(), port: z.number().int(), protocol: z.string() }),
  health: z.object({ status: z.string(), message: z.string().optional() }),
});
export type Warehouse = z.infer<typeof Warehouse>;

export const listWarehouses = defineRoute({
  method: 'GET',
  path: '/api/2.0/sql/warehouses',
  area,
  summary: 'Engines that answer SQL',
  needs: 'sign-in',
  query: z.strictObject({
    run_as_user_id: z.string().optional(),
    page_size: z.coerce.number().int().optional(),
    page_token: z.string().optional(),
  }),
  response: z.object({ warehouses: z.array(Warehouse) }),
});

export const getWarehouse = defineRoute({
  method: 'GET',
  path: '/api/2.0/sql/warehouses/{id}',
  area,
  summary: 'One engine',
  needs: 'sign-in',
  params: WarehousePath,
  response: Warehouse,
});

export const startWarehouse = defineRoute({
  method: 'POST',
  path: '/api/2.0/sql/warehouses/{id}/start',
  area,
  summary:
    'Compute processes are always started with the workspace: succeeds where one runs, and waits for one where it restarts',
  needs: 'sign-in',
  params: WarehousePath,
  body: z.strictObject({}).optional(),
  response: z.object({}),
});

export const stopWarehouse = defineRoute({
  method: 'POST',
  path: '/api/2.0/sql/warehouses/{id}/stop',
  area,
  summary: 'Refused: the built-in engine ends with the workspace, an attached one is stopped where it runs',
  needs: 'sign-in',
  params: WarehousePath,
  body: z.strictObject({}).optional(),
  response: z.object({}),
});
