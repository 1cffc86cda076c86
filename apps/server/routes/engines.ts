import {
  attachEngine,
  changeEngine,
  checkEngine,
  checkNewEngine,
  detachEngine,
  listEngines,
} from '@boathouse/contracts';
import { implement, type Route } from '../http/router.ts';
import type { Services } from '../services.ts';

export const engineRoutes = ({ engines }: Services): Route[] => [
  implement(listEngines, async ({ ctx }) => ({ engines: await engines.list(ctx) })),
  implement(attachEngine, ({ body, ctx }) => engines.attach(ctx, body)),
  implement(changeEngine, ({ params, body, ctx }) => engines.change(ctx, params.id, body)),
  implement(detachEngine, async ({ params, ctx }) => {
    await engines.detach(ctx, params.id);
    return {};
  }),
  implement(checkEngine, ({ params, ctx }) => engines.check(ctx, params.id)),
  implement(checkNewEngine, ({ body, ctx }) => engines.checkNew(ctx, body)),
];
