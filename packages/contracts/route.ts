import type { z } from 'zod';

/**
 * A route of the HTTP API as data: the server implements it, the browser calls it, the OpenAPI document describes it. One
 * object per route; `path` has `{name}` parameters, and `{name+}` matches the rest of the path.
 */
export interface RouteContract<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  path: string;
  summary: string;
  /** Group in the OpenAPI document. */
  area: string;
  /** What the caller needs, in words; the handler enforces it. */
  needs: string;
  params?: Params;
  query?: Query;
  body?: Body;
  response?: Response;
  /** Body or response are raw bytes and not JSON. */
  raw?: 'request' | 'response' | 'both';
  status?: number;
}

export function defineRoute<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodUnknown,
>(route: RouteContract<P, Q, B, R>): RouteContract<P, Q, B, R> {
  return route;
}
