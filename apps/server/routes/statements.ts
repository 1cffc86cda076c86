import {
  cancelStatement,
  closeStatement,
  createSqlSession,
  deleteSqlSession,
  executeStatement,
  getStatement,
  getStatementChunk,
  listQueryHistory,
  readStatementLink,
  userError,
} from '@boathouse/contracts';
import { implement, implementOpen, type RequestContext, type Route, reply } from '../http/router.ts';
import type { RunRecord } from '../runs/index.ts';
import type { Services } from '../services.ts';
import { ENGINE_WAREHOUSE } from '../statements/index.ts';

const callerOf = (ctx: RequestContext) => ({
  principal: ctx.principal,
  workspaceId: ctx.workspaceId,
  origin: `http://${ctx.req.headers.host ?? 'localhost'}`,
  receivedAt: performance.now(),
});

const historyStates: Record<RunRecord['state'], string> = {
  queued: 'QUEUED',
  running: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'CANCELED',
  lost: 'FAILED',
};

export const statementRoutes = ({ statements, sessions, runs, compute }: Services): Route[] => [
  implement(executeStatement, ({ body, ctx }) => statements.execute(callerOf(ctx), body)),
  implement(getStatement, ({ params, ctx }) => statements.get(callerOf(ctx), params.statement_id)),
  implement(getStatementChunk, ({ params, ctx }) =>
    statements.chunk(callerOf(ctx), params.statement_id, params.chunk_index),
  ),
  implement(cancelStatement, async ({ params, ctx }) => {
    await statements.cancel(callerOf(ctx), params.statement_id);
    return {};
  }),
  implement(closeStatement, async ({ params, ctx }) => {
    await statements.close(callerOf(ctx), params.statement_id);
    return {};
  }),
  implementOpen(readStatementLink, async ({ params }) => {
    const { type, bytes } = await statements.link(params.token);
    return reply({ headers: { 'content-type': type, 'content-length': String(bytes.length) }, bytes });
  }),
  implement(createSqlSession, async ({ body, ctx }) => {
    const confs = Object.keys(body.session_confs ?? {});
    if (confs.length > 0)
      throw userError(
        'INVALID_PARAMETER_VALUE',
        `The session configuration "${confs[0]}" is not supported. Leave session_confs out.`,
      );
    const facts = {
      ...(body.catalog ? { catalog: body.catalog } : {}),
      ...(body.schema ? { schema: body.schema } : {}),
    };
    return { session_id: (await sessions.open(ctx.workspaceId, ctx.principal, facts)).id };
  }),
  implement(deleteSqlSession, async ({ params, ctx }) => {
    await sessions.ofClient(ctx.workspaceId, params.session_id, ctx.principal);
    compute.closeSession(params.session_id);
    await sessions.close(params.session_id);
    return {};
  }),
  implement(listQueryHistory, async ({ query, ctx }) => {
    const { principal, workspaceId } = ctx;
    const beforeMs = query.page_token === undefined ? undefined : Number(query.page_token);
    if (beforeMs !== undefined && !Number.isFinite(beforeMs))
      throw userError('INVALID_PARAMETER_VALUE', 'page_token is not one that this API gave.');
    const found = await runs.runStore.list({
      workspaceId,
      principalId: principal.admin ? undefined : principal.userId,
      beforeMs,
      limit: query.max_results + 1,
    });
    const page = found.slice(0, query.max_results);
    const more = found.length > page.length;
    // As everywhere: an error's text may quote a row.
    const shown = await runs.summaries(principal, page);
    return {
      res: page.map((run, index) => ({
        query_id: run.id,
        status: historyStates[run.state],
        query_text: run.text,
        query_start_time_ms: run.createdAtMs,
        ...(run.endedAtMs === null ? {} : { query_end_time_ms: run.endedAtMs, execution_end_time_ms: run.endedAtMs }),
        ...(run.totalMs === null ? {} : { duration: Math.round(run.totalMs) }),
        ...(run.result ? { rows_produced: run.result.rowCount } : {}),
        ...(shown[index]?.error ? { error_message: shown[index].error.message } : {}),
        user_name: run.principalName,
        warehouse_id: run.settings.engine ?? ENGINE_WAREHOUSE,
        endpoint_id: run.settings.engine ?? ENGINE_WAREHOUSE,
        executed_as_user_name: run.principalName,
        is_final: run.endedAtMs !== null,
      })),
      has_next_page: more,
      ...(more ? { next_page_token: String(page.at(-1)!.createdAtMs) } : {}),
    };
  }),
];
