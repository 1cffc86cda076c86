import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorInfo, systemError } from '@boathouse/contracts';
import type { ServerConfig } from '../config.ts';
import { setSecurityHeaders } from './headers.ts';
import { hostAllowed } from './origin.ts';
import type { Pages } from './pages.ts';

export type Listener = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export interface HttpOptions {
  config: ServerConfig;
  /** Longest prefix first is not needed: the first row whose prefix fits answers. */
  listeners: { prefix: string; exact?: boolean; listen: Listener }[];
  /** False where no WebSocket of ours has the path. */
  upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** The pages once they are ready; requests wait for them. Null: no pages here. */
  pages: Promise<Pages> | null;
  onError: (error: unknown) => void;
}

export interface HttpServer {
  server: Server;
  /** The port that it listens on (differs from the configured one where that is 0). */
  port: number;
  close: (graceMs: number) => Promise<void>;
}

/** One port for API, pages and WebSockets. Rejects with PORT_IN_USE. */
export async function listen(options: HttpOptions): Promise<HttpServer> {
  const { config } = options;
  const server = createServer((req, res) => {
    void answer(req, res, options).catch((error: unknown) => {
      options.onError(error);
      if (!res.headersSent) res.writeHead(errorInfo(error).status, { 'content-type': 'text/plain; charset=utf-8' });
      res.end('The workspace hit an internal error. Try again; the log of the server has the details.');
    });
  });
  // Uploads of many gigabytes take longer than Node's five minutes; a stalled head is still cut off.
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  server.keepAliveTimeout = 65_000;
  server.on('upgrade', (req, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (!hostAllowed(req, config.host)) socket.destroy();
    else if (!options.upgrade(req, socket, head)) {
      if (options.pages)
        void options.pages.then(
          (pages) => pages.upgrade(req, socket, head),
          () => socket.destroy(),
        );
      else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? systemError('PORT_IN_USE', `Port ${config.port} is in use. Choose another with PORT=…`)
          : error,
      );
    });
    server.listen(config.port, config.host, resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: (graceMs) =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), graceMs).unref();
      }),
  };
}

async function answer(req: IncomingMessage, res: ServerResponse, options: HttpOptions): Promise<void> {
  setSecurityHeaders(res);
  if (!hostAllowed(req, options.config.host)) {
    res.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' });
    res.end('This workspace answers at localhost only. Start it with HOST=0.0.0.0 to open it to others.');
    return;
  }
  const path = (req.url ?? '/').split('?', 1)[0]!;
  const row = options.listeners.find(({ prefix, exact }) => (exact ? path === prefix : path.startsWith(prefix)));
  if (row) return row.listen(req, res);
  if (!options.pages) {
    res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
    res.end('Not found');
    return;
  }
  await (await options.pages).handle(req, res);
}
