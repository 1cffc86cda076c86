import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServerConfig } from '../config.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface ServerProcess {
  child: ChildProcess;
  origin: string;
  /** Resolves with the exit code (null after a signal). */
  exited: Promise<number | null>;
}

/** The server as a process of its own, as the supervisor starts it; resolves when it says that it is ready. */
export async function spawnServer(config: ServerConfig, env: Record<string, string> = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      PORT: String(config.port),
      DATABASE_URL: config.databaseUrl,
      BOATHOUSE_HOME: config.home,
      BOATHOUSE_COMPUTE_TOKEN: config.computeToken,
      BOATHOUSE_PAGES: '0',
      ...env,
    },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const ready = new Promise<{ type: string; port?: number; message?: string }>((resolve) =>
    child.once('message', resolve),
  );
  const message = await Promise.race([
    ready,
    exited.then(() => ({ type: 'exited', port: undefined, message: 'it ended' })),
  ]);
  if (message.type !== 'ready') throw new Error(message.message ?? 'the server did not start');
  return { child, exited, origin: `http://127.0.0.1:${message.port}` };
}
