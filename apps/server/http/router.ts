import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Principal } from '@boathouse/contracts';
import { type BoathouseError, errorInfo, userError } from '@boathouse/contracts';
import type { Logger } from 'pino';
import { databaseUnavailable, isDatabaseAway } from '../db.ts';
import { RouteTree } from './match.ts';
import { requireSameOrigin } from './origin.ts';
import { parseAs, queryObject, readJson, refuseNul } from './parse.ts';
import { Reply } from './reply.ts';
import type { OpenContext, Route } from './route.ts';

export { reply } from './reply.ts';
export type { OpenContext, RequestContext, Route } from './route.ts';
export { implement, implementOpen } from './route.ts';

export interface Identity {
  principal: Principal;
  workspaceId: string;
  viaToken: boolean;
}

export interface RouterOptions {
  log: Logger;
  /** Who asks; null when nobody is signed in. Throws for a token that is not valid. */
  authenticate: (req: IncomingMessage) => Promise<Identity | null>;
  /** Number of the workspace for `X-Databricks-Org-Id`; null before the first sign-in. */
  workspaceNumber: (workspaceId: string | null) => Promise<string | null>;
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Answers `/api/2.x` requests by the routes given. */
export function createRouter(
  routes: Route[],
  options: RouterOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const tree = new RouteTree();
  for (const route of routes) tree.add(route);

  return async (req, res) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const log = options.log.child({ requestId });
    const url = new URL(req.url ?? '/', 'http://host');
    const gone = new AbortController();
    res.on('close', () => gone.abort());
    res.setHeader('x-request-id', requestId);
    res.setHeader('cache-control', 'no-store');
    const match = tree.find(req.method ?? 'GET', url.pathname);
    try {
      const open: OpenContext = { requestId, log, signal: gone.signal, req, res };
      if (!match.found) throw noRoute(match.allowed, req.method ?? 'GET', url.pathname);
      const { route, params } = match;
      let answer: unknown;
      if (route.open) {
        if (!safeMethods.has(req.method ?? 'GET')) requireSameOrigin(req, { whereAbsent: 'accept' });
        await labelWorkspace(res, options, null);
        answer = await route.handle({ ...(await parseCall(route, params, url, req)), ctx: open });
      } else {
        const identity = await options.authenticate(req);
        await labelWorkspace(res, options, identity?.workspaceId ?? null);
        if (!identity)
          throw userError('UNAUTHENTICATED', 'Sign in first, or send a token: Authorization: Bearer <token>.', {
            status: 401,
          });
        if (!identity.viaToken && !safeMethods.has(req.method ?? 'GET'))
          requireSameOrigin(req, { whereAbsent: 'refuse' });
        answer = await route.handle({ ...(await parseCall(route, params, url, req)), ctx: { ...open, ...identity } });
      }
      await send(res, answer, route.contract.status ?? 200, req.method === 'HEAD');
    } catch (error) {
      // The client went away: nobody is left to be told.
      if (gone.signal.aborted && !res.writableFinished) log.debug({ err: error }, 'the client went away');
      else sendError(res, error, log);
    } finally {
      log.info(
        {
          method: req.method,
          // The route and not the path: parameters may be secrets (links to results).
          path: match.found ? match.route.contract.path : url.pathname,
          status: res.statusCode,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
        },
        'request',
      );
    }
  };
}

async function parseCall(route: Route, params: Record<string, string>, url: URL, req: IncomingMessage) {
  const { contract } = route;
  // A slash inside a parameter (a path, a full name) arrives as %2F, so decoding follows matching.
  const decoded = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeSegment(value)]));
  const rawRequest = contract.raw === 'request' || contract.raw === 'both';
  const query = queryObject(url.searchParams);
  refuseNul(decoded, 'path');
  refuseNul(query, 'query');
  return {
    params: contract.params && parseAs(contract.params, decoded, 'path'),
    query: contract.query && parseAs(contract.query, query, 'query'),
    body: rawRequest || !contract.body ? undefined : parseAs(contract.body, (await readJson(req)) ?? {}, 'body'),
  };
}

function decodeSegment(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw userError('INVALID_PARAMETER_VALUE', 'The path of the request is not valid percent-encoding.');
  }
}

function noRoute(allowed: string[], method: string, path: string): BoathouseError {
  if (allowed.length > 0) {
    return userError('METHOD_NOT_ALLOWED', `${path} answers ${allowed.join(', ')}, not ${method}.`, { status: 405 });
  }
  return userError('ENDPOINT_NOT_FOUND', `No API found for '${method} ${path}'.`, { status: 404 });
}

async function labelWorkspace(res: ServerResponse, options: RouterOptions, workspaceId: string | null): Promise<void> {
  const number = await options.workspaceNumber(workspaceId);
  if (number !== null) res.setHeader('x-databricks-org-id', number);
}

async function send(res: ServerResponse, answer: unknown, status: number, head: boolean): Promise<void> {
  if (res.headersSent) return;
  if (answer instanceof Reply) {
    res.writeHead(answer.status, answer.headers);
    if (answer.body === undefined || head) res.end();
    else if (answer.body instanceof Uint8Array) res.end(answer.body);
    else await pipeline(answer.body, res);
    return;
  }
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  res.end(
    head
      ? undefined
      : JSON.stringify(answer ?? {}, (_name, value) => (typeof value === 'bigint' ? Number(value) : value)),
  );
}

/** Errors in Databricks' shape; `details` carries our own code, position and engine text. */
export function sendError(res: ServerResponse, error: unknown, log: Logger): void {
  const info = errorInfo(isDatabaseAway(error) ? databaseUnavailable(error) : error);
  if (info.fault === 'system') log.error({ err: error, code: info.code }, 'request failed');
  if (res.headersSent) {
    // Half an answer is out: only a broken connection tells the client that the rest will not come.
    res.destroy();
    return;
  }
  const details = info.position || info.detail || info.sqlState ? [info] : undefined;
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if ((info.status === 429 || info.status === 503) && !res.hasHeader('retry-after')) headers['retry-after'] = '5';
  if (info.status === 413) headers.connection = 'close';
  res.writeHead(info.status, headers);
  res.end(JSON.stringify({ error_code: info.code, message: info.message, ...(details ? { details } : {}) }));
}
