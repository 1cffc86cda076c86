import {
  getWarehouse,
  listWarehouses,
  startWarehouse,
  stopWarehouse,
  userError,
  type Warehouse,
} from '@boathouse/contracts';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';
import { attachedWarehouse, ENGINE_WAREHOUSE, engineWarehouse } from '../statements/index.ts';

export const warehouseRoutes = ({ compute, engines }: Services): Route[] => {
  const all = async (ctx: RequestContext): Promise<Warehouse[]> => {
    const host = ctx.req.headers.host ?? 'localhost';
    const attached = await engines.list(ctx);
    return [engineWarehouse(compute, host), ...attached.map((engine) => attachedWarehouse(engine, host))];
  };
  const known = async (ctx: RequestContext, id: string): Promise<Warehouse> => {
    const found = (await all(ctx)).find((warehouse) => warehouse.id === id);
    if (!found) throw userError('RESOURCE_DOES_NOT_EXIST', `There is no warehouse ${id}.`, { status: 404 });
    return found;
  };
  return [
    implement(listWarehouses, async ({ ctx }) => ({ warehouses: await all(ctx) })),
    implement(getWarehouse, ({ params, ctx }) => known(ctx, params.id)),
    implement(startWarehouse, async ({ params, ctx }) => {
      await known(ctx, params.id);
      return {};
    }),
    implement(stopWarehouse, async ({ params, ctx }) => {
      const { id } = await known(ctx, params.id);
      throw userError(
        'FEATURE_DISABLED',
        id === ENGINE_WAREHOUSE
          ? 'The built-in engine runs as long as the workspace does and cannot be stopped by itself.'
          : 'An attached engine is started and stopped where it runs.',
        { status: 400 },
      );
    }),
  ];
};
