import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { connect } from 'node:net';

/** A server of Spark Connect in a process of its own. */
export interface RunningServer {
  url: string;
  port: number;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
}

/** Starts a program whose arguments may depend on its port, and waits until it listens. */
export async function start(program: string, argumentsFor: (port: number) => string[], at?: number): Promise<RunningServer> {
  const port = at ?? (await freePort());
  const child = spawn(program, argumentsFor(port), { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + String(text)).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (const from = Date.now(); !(await listens(port)); ) {
    if (child.exitCode !== null || Date.now() - from > 150_000) {
      child.kill('SIGKILL');
      throw new Error(`${program} did not start: ${errors}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url: `sc://127.0.0.1:${port}`, port, stop: () => end(child, ended) };
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  await ended;
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
