import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { setPagePolicy } from './headers.ts';

export interface Pages {
  handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
  upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => void;
  close: () => Promise<void>;
}

/** The Next application of the repository's root: built pages, or from source with hot reload. */
export async function createPages(options: { dev: boolean; host: string; port: number }): Promise<Pages> {
  // Next reads both at its import.
  process.env.NEXT_TELEMETRY_DISABLED = '1';
  if (!options.dev) Object.assign(process.env, { NODE_ENV: 'production' });
  const { default: next } = await import('next');
  // Next puts its own upgrade listener on the server that it is given, which would answer our WebSockets a second time.
  const upgrades = createServer();
  const app = next({
    dev: options.dev,
    dir: fileURLToPath(new URL('../../../', import.meta.url)),
    hostname: options.host,
    port: options.port,
    httpServer: upgrades,
    quiet: true,
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  return {
    async handle(req, res) {
      if (!req.url?.startsWith('/_next/static/')) setPagePolicy(req, res, options);
      await handle(req, res);
    },
    upgrade(req, socket, head) {
      if (!upgrades.emit('upgrade', req, socket, head)) socket.destroy();
    },
    close: () => app.close(),
  };
}
