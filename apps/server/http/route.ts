import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal, RouteContract } from '@boathouse/contracts';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Reply } from './reply.ts';

/** What a handler knows of the request that nobody had to sign in for. */
export interface OpenContext {
  requestId: string;
  log: Logger;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  req: IncomingMessage;
  res: ServerResponse;
}

export interface RequestContext extends OpenContext {
  principal: Principal;
  workspaceId: string;
  /** Signed in by an API token and not by a browser's session. */
  viaToken: boolean;
}

export interface Call<Params, Query, Body, Context> {
  params: Params;
  query: Query;
  body: Body;
  ctx: Context;
}

type AnyContract = RouteContract;

/** A contract with what fulfils it. `open` needs no sign-in. */
export type Route =
  | {
      open: false;
      contract: AnyContract;
      handle: (call: Call<unknown, unknown, unknown, RequestContext>) => Promise<unknown>;
    }
  | {
      open: true;
      contract: AnyContract;
      handle: (call: Call<unknown, unknown, unknown, OpenContext>) => Promise<unknown>;
    };

type Handler<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType, C> = (
  call: Call<z.output<P>, z.output<Q>, z.output<B>, C>,
) => Promise<z.output<R> | Reply>;

/** Pairs a contract with its handler; the router has parsed params, query and body by the contract before. */
export function implement<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  contract: RouteContract<P, Q, B, R>,
  handle: Handler<P, Q, B, R, RequestContext>,
): Route {
  // The router parses by this very contract, which is what makes the two types one.
  return {
    open: false,
    contract,
    handle: handle as (call: Call<unknown, unknown, unknown, RequestContext>) => Promise<unknown>,
  };
}

/** A route that needs no sign-in. */
export function implementOpen<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
  contract: RouteContract<P, Q, B, R>,
  handle: Handler<P, Q, B, R, OpenContext>,
): Route {
  return {
    open: true,
    contract,
    handle: handle as (call: Call<unknown, unknown, unknown, OpenContext>) => Promise<unknown>,
  };
}
