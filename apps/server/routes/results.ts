import { downloadRunResult, readRunResult, userError } from '@boathouse/contracts';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import { findResult, serveDownload, serveWindow } from '../results/index.ts';
import type { Services } from '../services.ts';
import { visibleRun } from './runs.ts';

export const resultRoutes = (services: Services): Route[] => {
  const { runs, store, compute, results } = services;

  /** Throws PERMISSION_DENIED, saying whom to ask, where the caller may not read what the run has read. */
  const readable = async (ctx: RequestContext, id: string, hash: string | undefined) => {
    const run = await visibleRun(services, ctx, id);
    const withheld = await runs.withheld(ctx.principal, run);
    if (withheld) throw userError('PERMISSION_DENIED', withheld.message, { status: 403 });
    const manifest = await findResult(runs, run, hash);
    results.used(manifest.hash);
    return manifest;
  };

  return [
    implement(readRunResult, async ({ params, query, ctx }) =>
      serveWindow(
        store,
        await readable(ctx, params.id, query.hash),
        query.offset,
        query.rows,
        ctx.req.headers['if-none-match'],
      ),
    ),
    implement(downloadRunResult, async ({ params, query, ctx }) =>
      serveDownload(
        { store, compute },
        await readable(ctx, params.id, query.hash),
        query.format,
        query.fileName ?? 'result',
      ),
    ),
  ];
};
