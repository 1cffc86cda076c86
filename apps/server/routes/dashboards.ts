import {
  createDashboard,
  createTile,
  deleteDashboard,
  deleteTile,
  getDashboard,
  listDashboards,
  runDashboard,
  runTile,
  updateDashboard,
  updateTile,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

export const dashboardRoutes = ({ dashboards }: Services): Route[] => [
  implement(listDashboards, async ({ ctx }) => ({ dashboards: await dashboards.list(ctx) })),
  implement(createDashboard, ({ body, ctx }) => dashboards.create(ctx, body.name, body.parentPath)),
  implement(getDashboard, ({ params, ctx }) => dashboards.get(ctx, params.id)),
  implement(updateDashboard, ({ params, body, ctx }) => dashboards.update(ctx, params.id, body)),
  implement(deleteDashboard, async ({ params, ctx }) => {
    await dashboards.remove(ctx, params.id);
    return {};
  }),
  implement(createTile, ({ params, body, ctx }) => dashboards.addTile(ctx, params.id, body)),
  implement(updateTile, ({ params, body, ctx }) => dashboards.updateTile(ctx, params.id, params.tileId, body)),
  implement(deleteTile, async ({ params, ctx }) => {
    await dashboards.removeTile(ctx, params.id, params.tileId);
    return {};
  }),
  implement(runTile, ({ params, ctx }) => dashboards.runTile(ctx, params.id, params.tileId)),
  implement(runDashboard, async ({ params, ctx }) => ({ runs: await dashboards.runAll(ctx, params.id) })),
];
