import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** Where the tools lie that install and start a Spark; absent on machines without them. */
export const sparkTools = (root: string): string =>
  resolve(process.env.BOATHOUSE_SPARK_TOOLS ?? join(root, '../shared/tools/spark'));

export interface SparkServer {
  /** `sc://127.0.0.1:port`. */
  url: string;
  stop(): Promise<void>;
}

/** Starts a Spark Connect server with Delta Lake on a free port of this machine; it answers when this resolves. */
export async function startSparkServer(root: string): Promise<SparkServer> {
  const command = join(sparkTools(root), 'connect-server');
  if (!existsSync(command)) throw new Error(`There is no Spark to start: ${command} is missing.`);
  const warehouse = await mkdtemp(join(tmpdir(), 'boathouse-spark-'));
  const port = await freePort();
  // A group of its own: the script and the Java process that it starts end together.
  const child = spawn(command, [String(port), warehouse], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const gone = new Promise<void>((end) => child.once('exit', () => end()));
  const stop = async () => {
    end(child);
    await gone;
    await rm(warehouse, { recursive: true, force: true });
  };
  const ready = new Promise<void>((begin, fail) => {
    createInterface({ input: child.stdout! }).on('line', (line) => line.startsWith('ready') && begin());
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`The Spark server ended with ${code}.`)));
  });
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `sc://127.0.0.1:${port}`, stop };
}

function end({ pid, exitCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGTERM');
}

function freePort(): Promise<number> {
  return new Promise((found, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? found(address.port) : fail()));
    });
  });
}
