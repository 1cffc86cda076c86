import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { sameOrigin } from './origin.ts';
import type { Identity, RouterOptions } from './router.ts';

/** One kind of WebSocket. `session`: a signed-in person's browser or token; `compute`: bearer of the compute token. */
export type SocketRoute =
  | {
      path: string;
      auth: 'session';
      maxPayloadBytes: number;
      open: (socket: WebSocket, who: Identity, req: IncomingMessage) => void;
    }
  | { path: string; auth: 'compute'; maxPayloadBytes: number; open: (socket: WebSocket, req: IncomingMessage) => void };

export interface SocketOptions {
  authenticate: RouterOptions['authenticate'];
  computeToken: string;
  log: Logger;
}

/**
 * Answers upgrades by the table given; null from the returned function means that no row has this path.
 * A browser must come from our own pages: a WebSocket carries cookies from any site that opens one.
 */
export function createUpgrades(table: SocketRoute[], options: SocketOptions) {
  const servers = new Map(
    table.map((row) => [
      row.path,
      { row, wss: new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: row.maxPayloadBytes }) },
    ]),
  );
  const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    const entry = servers.get((req.url ?? '/').split('?', 1)[0]!);
    if (!entry) return false;
    socket.on('error', () => socket.destroy());
    void admit(entry.row, req, options).then(
      (admitted) => {
        if (admitted === null) return refuse(socket, '401 Unauthorized');
        if (admitted === 'foreign') return refuse(socket, '403 Forbidden');
        entry.wss.handleUpgrade(req, socket, head, (ws) => {
          ws.on('error', (error) => options.log.debug({ err: error, path: entry.row.path }, 'socket error'));
          if (entry.row.auth === 'compute') entry.row.open(ws, req);
          else if (admitted !== 'compute') entry.row.open(ws, admitted, req);
        });
      },
      (error: unknown) => {
        options.log.warn({ err: error, path: entry.row.path }, 'upgrade refused');
        refuse(socket, '401 Unauthorized');
      },
    );
    return true;
  };
  const close = () => {
    for (const { wss } of servers.values()) for (const client of wss.clients) client.terminate();
  };
  return { upgrade, close };
}

async function admit(
  row: SocketRoute,
  req: IncomingMessage,
  options: SocketOptions,
): Promise<Identity | 'compute' | 'foreign' | null> {
  if (row.auth === 'compute') {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
    return sameSecret(token, options.computeToken) ? 'compute' : null;
  }
  const identity = await options.authenticate(req);
  if (identity && !identity.viaToken && !sameOrigin(req, { whereAbsent: 'refuse' })) return 'foreign';
  return identity;
}

function sameSecret(given: string, secret: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(secret);
  return a.length === b.length && timingSafeEqual(a, b);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
