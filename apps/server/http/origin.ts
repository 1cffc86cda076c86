import type { IncomingMessage } from 'node:http';
import { userError } from '@boathouse/contracts';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True where the server listens on this machine only. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/**
 * False for a Host header that a loopback server must not answer: another site's name that was made to point here (DNS
 * rebinding) would otherwise read as the same origin.
 */
export function hostAllowed(req: IncomingMessage, listenHost: string): boolean {
  const header = req.headers.host;
  if (!header) return false;
  if (!isLoopback(listenHost)) return true;
  return loopbackHosts.has(header.replace(/:\d+$/, '').toLowerCase());
}

/**
 * Refuses a request that another site's page sent with the person's cookie. `whereAbsent` is for clients that send no
 * Origin at all: accepted only where no cookie gives the request its power. Throws PERMISSION_DENIED.
 */
export function requireSameOrigin(req: IncomingMessage, options: { whereAbsent: 'accept' | 'refuse' }): void {
  if (!sameOrigin(req, options)) {
    throw userError(
      'PERMISSION_DENIED',
      'The request comes from another site. Open the workspace itself and try again.',
      { status: 403 },
    );
  }
}

export function sameOrigin(req: IncomingMessage, options: { whereAbsent: 'accept' | 'refuse' }): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined) return options.whereAbsent === 'accept';
  // A proxy may end TLS before us, so the scheme is not compared: host and port are what another site cannot have.
  return URL.canParse(origin) && new URL(origin).host === host;
}
