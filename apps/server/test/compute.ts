import { type ChildProcess, spawn } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../compute/test/stand-in.ts';
import type { TestServer } from './harness.ts';

export interface TestCompute {
  pid: number;
  /** kill -9. */
  kill: () => Promise<void>;
  stop: () => Promise<void>;
}

/** A real compute process for a test server; ready when the server has it. */
export async function startCompute(server: Pick<TestServer, 'app' | 'config' | 'origin'>): Promise<TestCompute> {
  const { home, computeToken } = server.config;
  const privateKey = createPrivateKey(await readFile(join(home, 'installation.key')));
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  const connected = () => server.app.services.compute.status().computes.filter((it) => it.state === 'ready').length;
  const before = connected();
  const child: ChildProcess = spawn(process.execPath, [new URL('../../compute/main.ts', import.meta.url).pathname], {
    stdio: ['ignore', process.env.BOATHOUSE_TEST_LOG ? 'inherit' : 'ignore', 'inherit'],
    env: {
      ...process.env,
      BOATHOUSE_SERVER_URL: `${server.origin.replace('http', 'ws')}/internal/compute`,
      BOATHOUSE_COMPUTE_TOKEN: computeToken,
      BOATHOUSE_PUBLIC_KEY: Buffer.from(publicKey).toString('base64'),
      BOATHOUSE_HOME: home,
      BOATHOUSE_PARENT_PID: String(process.pid),
      BOATHOUSE_COMPUTE_MEMORY_BYTES: String(512 * 1024 * 1024),
      BOATHOUSE_LOG_LEVEL: process.env.BOATHOUSE_TEST_LOG ?? 'silent',
    },
  });
  const gone = once(child, 'exit');
  // As the supervisor does: who does not go when asked is made to.
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const insist = setTimeout(() => {
      process.stderr.write('compute did not stop within 10 s: killed\n');
      child.kill('SIGKILL');
    }, 10_000);
    await gone;
    clearTimeout(insist);
  };
  await until(() => connected() > before, 10_000).catch(async (error: unknown) => {
    await end('SIGKILL');
    throw error;
  });
  return { pid: child.pid!, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}
