import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../apps/cli/start/postgres.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Product {
  url: string;
  home: string;
  port: number;
  /** What the supervisor said at the terminal. */
  output: () => string;
  supervisorPid: number;
  /** Nobody reads what it says from now on. */
  deafen: () => void;
  /** Ctrl-C; answers the exit code. */
  stop: () => Promise<number | null>;
  /** Stops and removes the home. */
  remove: () => Promise<void>;
}

/** Starts the whole product as a person would, on a home and port of its own, and waits for its ready line. */
export async function startProduct(
  options: { home?: string; port?: number; env?: Record<string, string>; timeoutMs?: number; user?: number } = {},
): Promise<Product> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'boathouse-home-'));
  const port = options.port ?? (await freePort());
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'apps/cli/main.ts'), 'start'],
    {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        // As `npm start` does.
        NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'boathouse', 'compile'),
        BOATHOUSE_HOME: home,
        PORT: String(port),
        HOST: '127.0.0.1',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // `user`: a numeric user id, where root starts it for somebody else.
      ...(options.user === undefined ? {} : { uid: options.user, gid: options.user }),
    },
  );
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGINT');
      reject(new Error(`not ready in time:\n${output}`));
    }, options.timeoutMs ?? 60_000);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Boathouse is ready at ')) {
        clearTimeout(timer);
        resolve();
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`ended with code ${code}:\n${output}`));
    });
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    return exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    home,
    port,
    output: () => output,
    supervisorPid: child.pid!,
    deafen: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    stop,
    remove: async () => {
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
