import type { IncomingMessage, ServerResponse } from 'node:http';
import { userError } from '@boathouse/contracts';
import { requireSameOrigin } from '../http/origin.ts';
import { readBytes } from '../http/parse.ts';
import { sendError } from '../http/router.ts';
import type { Listener } from '../http/server.ts';
import type { BaseServices } from '../services.ts';
import type { CookieSecret } from './secrets.ts';

const addressHeader = 'x-boathouse-client-address';
const maxAuthBytes = 64 * 1024;
/** All that people need of better-auth: its other routes would change people and sessions past our own checks. */
const openPaths = new Set(['/api/auth/sign-in/email', '/api/auth/sign-out']);

export interface SignIn {
  /** `/api/auth/*`: signing in and out by better-auth's own routes. */
  listen: Listener;
  /** Signs a person in within another request: sets the session cookie on its answer. */
  signIn: (
    req: IncomingMessage,
    res: ServerResponse,
    credentials: { email: string; password: string },
  ) => Promise<void>;
  hashPassword: (password: string) => Promise<string>;
  /** Loads better-auth ahead of the first sign-in. */
  warm: () => Promise<void>;
}

/** Signing in and out by better-auth, which is loaded at first use: it takes longer than the rest of the server's start. */
export function createSignIn(base: BaseServices, cookie: CookieSecret): SignIn {
  let loading: ReturnType<typeof load> | null = null;
  const auth = () => {
    loading ??= load(base, cookie);
    return loading;
  };
  return {
    async listen(req, res) {
      try {
        const path = (req.url ?? '').split('?', 1)[0]!;
        if (!openPaths.has(path))
          throw userError('ENDPOINT_NOT_FOUND', `No API found for '${req.method} ${path}'.`, { status: 404 });
        if (req.method === 'POST') requireSameOrigin(req, { whereAbsent: 'accept' });
        const body =
          req.method === 'GET' || req.method === 'HEAD'
            ? undefined
            : new Uint8Array(await readBytes(req, maxAuthBytes));
        const response = await (await auth()).handler(
          new Request(urlOf(req), { method: req.method, headers: headersOf(req), body }),
        );
        await write(res, response);
      } catch (error) {
        sendError(res, error, base.log);
      }
    },
    async signIn(req, res, credentials) {
      const { headers } = await (await auth()).api.signInEmail({
        body: credentials,
        headers: headersOf(req),
        returnHeaders: true,
      });
      res.setHeader('set-cookie', headers.getSetCookie());
    },
    async hashPassword(password) {
      const { hashPassword } = await import('better-auth/crypto');
      return hashPassword(password);
    },
    async warm() {
      await auth();
    },
  };
}

async function load(base: BaseServices, cookie: CookieSecret) {
  const { betterAuth } = await import('better-auth');
  return betterAuth({
    appName: 'Boathouse',
    basePath: '/api/auth',
    secret: cookie.secret,
    // Its own query builder on our connections: the Prisma client would load a query compiler of 50 MB for these few rows.
    database: base.pool,
    session: { modelName: 'auth_session', expiresIn: 30 * 86_400, updateAge: 86_400 },
    databaseHooks: { session: { create: { after: ({ userId }) => noteSignIn(base, userId) } } },
    // People come by the first start or by invitation, never by themselves.
    emailAndPassword: { enabled: true, disableSignUp: true },
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'rate_limit',
      window: 10,
      max: 100,
      customRules: { '/sign-in/email': { window: 10, max: 5 } },
    },
    // The name under which the browser reached us; the router has checked that Host is one of ours.
    trustedOrigins: (request) =>
      request ? [new URL(request.url).origin, new URL(request.url).origin.replace('http:', 'https:')] : [],
    advanced: {
      cookiePrefix: cookie.prefix,
      useSecureCookies: false,
      // Only this header, which we set from the connection: what a client writes into X-Forwarded-For is not believed.
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    telemetry: { enabled: false },
    logger: {
      log: (level, message) =>
        base.log[level === 'error' ? 'error' : level === 'warn' ? 'warn' : 'debug']({ from: 'better-auth' }, message),
    },
  });
}

/** Beside the sign-in and not in its transaction, which is better-auth's: a failure is logged and keeps nobody out. */
async function noteSignIn(base: BaseServices, userId: string): Promise<void> {
  await base.pool
    .query(
      `insert into audit_event ("workspaceId", "userId", action, target)
        select "workspaceId", "userId", 'sign-in', "userId" from member where "userId" = $1`,
      [userId],
    )
    .catch((error: unknown) => base.log.warn({ err: error }, 'a sign-in was not noted'));
}

const urlOf = (req: IncomingMessage): string => `http://${req.headers.host}${req.url}`;

function headersOf(req: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (typeof value === 'string') headers.set(name, value);
  }
  headers.set(addressHeader, req.socket.remoteAddress ?? '127.0.0.1');
  return headers;
}

async function write(res: ServerResponse, response: Response): Promise<void> {
  if (response.status === 429) {
    const seconds = response.headers.get('x-retry-after') ?? '10';
    res.setHeader('retry-after', seconds);
    throw userError('TOO_MANY_REQUESTS', `Too many tries. Wait ${seconds} seconds and try again.`, { status: 429 });
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) res.setHeader('set-cookie', cookies);
  for (const name of ['content-type', 'location']) {
    const value = response.headers.get(name);
    if (value !== null) res.setHeader(name, value);
  }
  res.setHeader('cache-control', 'no-store');
  res.writeHead(response.status);
  res.end(Buffer.from(await response.arrayBuffer()));
}
