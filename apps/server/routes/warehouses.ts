import { getWarehouse, listWarehouses, startWarehouse, stopWarehouse, userError } from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';
import { ENGINE_WAREHOUSE, engineWarehouse } from '../statements/index.ts';

function requireKnown(id: string): void {
  if (id !== ENGINE_WAREHOUSE)
    throw userError('RESOURCE_DOES_NOT_EXIST', `There is no warehouse ${id}.`, { status: 404 });
}

export const warehouseRoutes = ({ compute }: Services): Route[] => [
  implement(listWarehouses, async ({ ctx }) => ({
    warehouses: [engineWarehouse(compute, ctx.req.headers.host ?? 'localhost')],
  })),
  implement(getWarehouse, async ({ params, ctx }) => {
    requireKnown(params.id);
    return engineWarehouse(compute, ctx.req.headers.host ?? 'localhost');
  }),
  implement(startWarehouse, async ({ params }) => {
    requireKnown(params.id);
    return {};
  }),
  implement(stopWarehouse, async ({ params }) => {
    requireKnown(params.id);
    throw userError(
      'FEATURE_DISABLED',
      'The built-in engine runs as long as the workspace does and cannot be stopped by itself.',
      { status: 400 },
    );
  }),
];
