import {
  cancelRun,
  getNotebookSession,
  getRun,
  isFinal,
  listCompute,
  listRunEvents,
  listRunning,
  listRuns,
  type NotebookSession,
  resetNotebookSession,
  startRun,
  updateNotebookSession,
  userError,
} from '@boathouse/contracts';
import { implement, type RequestContext, type Route } from '../http/router.ts';
import { type RunRecord, SessionQueue, type StoredSession } from '../runs/index.ts';
import type { Services } from '../services.ts';

const sessionView = ({ state, lostReason }: StoredSession): NotebookSession => ({
  id: state.id,
  catalog: state.catalog,
  schema: state.schema,
  timeZone: state.timeZone,
  tempViews: Object.values(state.tempViews).map((view) => view.name),
  lostReason,
});

type Caller = Pick<RequestContext, 'principal' | 'workspaceId'>;

/** The run, where the caller may know of it. Throws RESOURCE_DOES_NOT_EXIST. */
export async function visibleRun(
  { runs }: Pick<Services, 'runs'>,
  { principal, workspaceId }: Caller,
  id: string,
): Promise<RunRecord> {
  const run = await runs.get(workspaceId, id);
  if (!run)
    throw userError('RESOURCE_DOES_NOT_EXIST', `There is no run ${id}, or you may not see it.`, { status: 404 });
  await runs.requireView(principal, run);
  return run;
}

export const runRoutes = (services: Services): Route[] => {
  const { runs, sessions, access, compute, cells } = services;
  // Cells that are sent one right after another ("run all") start in that order, however long each look at its code takes.
  const arrivals = new SessionQueue();

  const notebookSession = async (notebookId: string, { principal, workspaceId }: Caller): Promise<StoredSession> => {
    await access.require(principal, notebookId, 'run');
    return sessions.ofNotebook(workspaceId, notebookId, principal);
  };

  /** Only those whose run it is, who may edit its notebook, or administrators stop a run. */
  const mayStop = async (run: RunRecord, { principal }: Caller): Promise<void> => {
    if (run.principalId === principal.userId || principal.admin) return;
    const objectId = run.notebookId ?? run.dashboardId;
    if (objectId) await access.require(principal, objectId, 'edit');
    else
      throw userError('PERMISSION_DENIED', `Only ${run.principalName} or an administrator may stop this run.`, {
        status: 403,
      });
  };

  return [
    implement(startRun, async ({ body, ctx }) => {
      const receivedAt = performance.now();
      const { principal, workspaceId } = ctx;
      const common = { id: body.id, workspaceId, principal, parameters: body.parameters, receivedAt };
      if (body.notebookId === undefined) {
        if (body.cellId !== undefined)
          throw userError('INVALID_PARAMETER_VALUE', 'A cell needs its notebook: give notebookId too.');
        if (body.text === undefined)
          throw userError('INVALID_PARAMETER_VALUE', 'Give a cell of a notebook, or a text.');
        const session = sessions.passing(body.id, {
          ...(body.catalog ? { catalog: body.catalog } : {}),
          ...(body.schema ? { schema: body.schema } : {}),
        });
        const run = await runs.start({
          ...common,
          kind: 'statement',
          session,
          language: body.language ?? 'sql',
          text: body.text,
          ...(body.engine ? { engine: body.engine } : {}),
        });
        return runs.summary(principal, run);
      }
      if (body.catalog || body.schema)
        throw userError(
          'INVALID_PARAMETER_VALUE',
          'The catalog and schema of a notebook are those of its session: PATCH …/session changes them.',
        );
      const { notebookId } = body;
      return arrivals.add(`${notebookId} ${principal.userId}`, async () => {
        await access.require(principal, notebookId, 'run');
        const [stored, cell] = await Promise.all([
          sessions.ofNotebook(workspaceId, notebookId, principal),
          body.cellId === undefined ? null : cells.read(notebookId, body.cellId, body.documentVersion),
        ]);
        const text = body.text ?? cell?.source;
        if (text === undefined) throw userError('INVALID_PARAMETER_VALUE', 'Give the cell to run, or a text.');
        const language = cell?.language ?? body.language ?? 'sql';
        if (body.language && body.language !== language)
          throw userError('INVALID_PARAMETER_VALUE', `The cell is ${language}, not ${body.language}.`);
        if (language === 'pipeline')
          throw userError('UNSUPPORTED_RUN', 'A pipeline cell runs with its pipeline: start an update of it.');
        const engine = body.engine ?? cell?.engine;
        const run = await runs.start({
          ...common,
          ...(engine ? { engine } : {}),
          kind: 'cell',
          session: stored.state,
          language,
          text,
          notebookId,
          cellId: body.cellId,
          documentVersion: cell?.documentVersion,
        });
        return runs.summary(principal, run);
      });
    }),

    implement(listRuns, async ({ query, ctx }) => {
      const { principal, workspaceId } = ctx;
      if (query.notebookId !== undefined) await access.require(principal, query.notebookId, 'view');
      if (query.latest === 'true') {
        if (query.notebookId === undefined) throw userError('INVALID_PARAMETER_VALUE', 'latest=true needs notebookId.');
        return { runs: await runs.summaries(principal, await runs.runStore.latestOfCells(query.notebookId)) };
      }
      const found = await runs.runStore.list({
        workspaceId,
        notebookId: query.notebookId,
        cellId: query.cellId,
        principalId: query.notebookId === undefined && !principal.admin ? principal.userId : undefined,
        kind: query.kind,
        states: query.state ? [query.state] : undefined,
        beforeMs: query.beforeMs,
        limit: query.limit,
      });
      return { runs: await runs.summaries(principal, found) };
    }),

    implement(listRunning, async ({ ctx }) => {
      const { principal, workspaceId } = ctx;
      const found = await runs.runStore.list({
        workspaceId,
        principalId: principal.admin ? undefined : principal.userId,
        states: ['queued', 'running'],
        limit: 200,
      });
      return { runs: await runs.summaries(principal, found) };
    }),

    implement(getRun, async ({ params, ctx }) =>
      runs.summary(ctx.principal, await visibleRun(services, ctx, params.id)),
    ),

    implement(listRunEvents, async ({ params, query, ctx }) => {
      const run = await visibleRun(services, ctx, params.id);
      return { ...(await runs.events(ctx.principal, run, query.after, query.limit)), lastSeq: run.lastSeq };
    }),

    implement(cancelRun, async ({ params, ctx }) => {
      const run = await visibleRun(services, ctx, params.id);
      await mayStop(run, ctx);
      if (!isFinal(run.state)) await runs.cancel(run.id);
      return runs.summary(ctx.principal, await visibleRun(services, ctx, params.id));
    }),

    implement(listCompute, async () => compute.status()),

    implement(getNotebookSession, async ({ params, ctx }) =>
      sessionView(await notebookSession(params.notebookId, ctx)),
    ),

    implement(updateNotebookSession, async ({ params, body, ctx }) => {
      const stored = await notebookSession(params.notebookId, ctx);
      const catalog = body.catalog ?? stored.state.catalog;
      const schema = body.schema ?? (body.catalog === undefined ? stored.state.schema : 'default');
      if (catalog !== stored.state.catalog || schema !== stored.state.schema) {
        const known = await services.catalog.reader(ctx.workspaceId).schema(ctx.principal, catalog, schema);
        if (!known)
          throw userError('SCHEMA_NOT_FOUND', `The schema ${catalog}.${schema} cannot be found.`, { status: 404 });
        await sessions.save({ ...stored.state, catalog: known.catalog, schema: known.name });
      }
      if (body.acknowledgeLoss) await sessions.acknowledge(stored.state.id);
      return sessionView(await notebookSession(params.notebookId, ctx));
    }),

    implement(resetNotebookSession, async ({ params, ctx }) => {
      const stored = await notebookSession(params.notebookId, ctx);
      compute.closeSession(stored.state.id);
      await sessions.close(stored.state.id);
      return sessionView(await notebookSession(params.notebookId, ctx));
    }),
  ];
};
