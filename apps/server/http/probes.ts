import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BaseServices } from '../services.ts';
import type { Listener } from './server.ts';

export const sendJson = (res: ServerResponse, status: number, value: unknown): void => {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  res.end(JSON.stringify(value));
};

/** `/healthz`: is the database there, and how many compute processes are. Nothing that needs a sign-in. */
export const health =
  (base: BaseServices, computeCount: () => number): Listener =>
  async (_req, res) => {
    const database = await base.pool.query('select 1').then(
      () => 'ok',
      () => 'unreachable',
    );
    const status = database === 'ok' ? 'ok' : 'degraded';
    sendJson(res, status === 'ok' ? 200 : 503, { status, database, compute: computeCount() });
  };

/** `/.well-known/databricks-config`: what Databricks clients ask first. */
export const databricksConfig =
  (workspaceNumber: () => Promise<string | null>): Listener =>
  async (req: IncomingMessage, res) => {
    const host = `http://${req.headers.host}`;
    sendJson(res, 200, {
      oidc_endpoint: `${host}/oidc`,
      workspace_id: (await workspaceNumber()) ?? '0',
      account_id: '00000000-0000-0000-0000-000000000000',
      cloud: 'AWS',
      host_type: 'workspace',
    });
  };
