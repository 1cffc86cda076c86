import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import {
  bareEntry,
  type CellEnd,
  createKernel,
  driverSources,
  findDeno,
  type Kernel,
  openSandbox,
  type Sandbox,
  type SandboxOptions,
  type Walls,
} from '../index.ts';

export interface Shown {
  end: CellEnd;
  stdout: string;
  stderr: string;
  displays: Record<string, unknown>[];
  /** The last display as text. */
  text: string | undefined;
  ms: number;
}

const temps: string[] = [];
after(async () => {
  for (const temp of temps) await rm(temp, { recursive: true, force: true });
});

let shared: Promise<{ sandbox: Sandbox; temp: string }> | undefined;

/** The default walls, found out once for all tests of a file. */
const sharedSandbox = () => {
  shared ??= sandbox();
  return shared;
};

export async function sandbox(changes: Partial<SandboxOptions> = {}): Promise<{ sandbox: Sandbox; temp: string }> {
  const temp = await mkdtemp(join(tmpdir(), 'boathouse-kernel-'));
  temps.push(temp);
  const require = createRequire(import.meta.url);
  const opened = await openSandbox({
    deno: await findDeno((name) => require.resolve(name)),
    tempDirectory: temp,
    entry: bareEntry,
    sources: driverSources,
    ...changes,
  });
  return { sandbox: opened, temp };
}

/** The ways to shut a kernel in that this machine has. */
export function usableWalls(): Promise<Walls[]> {
  usable ??= tryWalls();
  return usable;
}
let usable: Promise<Walls[]> | undefined;

async function tryWalls(): Promise<Walls[]> {
  const all: Walls[] = ['bubblewrap', 'limits', 'permissions'];
  const tried = await Promise.allSettled(all.map((walls) => sandbox({ walls: [walls] })));
  return all.filter((_, i) => tried[i]!.status === 'fulfilled');
}

export interface Session {
  kernel: Kernel;
  temp: string;
  run(
    source: string,
    options?: {
      stopAfterMs?: number;
      onCall?: (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>;
    },
  ): Promise<Shown>;
}

/** A kernel of its own for a test. */
export async function session(t: TestContext, changes: Partial<SandboxOptions> = {}): Promise<Session> {
  const opened = Object.keys(changes).length ? await sandbox(changes) : await sharedSandbox();
  const kernel = await createKernel(opened.sandbox);
  t.after(() => kernel.end());
  return { kernel, temp: opened.temp, run: (source, options = {}) => runCell(kernel, source, options) };
}

async function runCell(
  kernel: Kernel,
  source: string,
  options: NonNullable<Parameters<Session['run']>[1]>,
): Promise<Shown> {
  const controller = new AbortController();
  const printed = { stdout: '', stderr: '' };
  const displays: Record<string, unknown>[] = [];
  let began = performance.now();
  if (options.stopAfterMs !== undefined)
    setTimeout(() => {
      began = performance.now();
      controller.abort();
    }, options.stopAfterMs);
  const end = await kernel.run({
    source,
    signal: controller.signal,
    onStream: (name, text) => {
      printed[name] += text;
    },
    onDisplay: (data) => displays.push(data),
    onCall: options.onCall ?? (async () => null),
  });
  const ms = performance.now() - began;
  const text = displays.at(-1)?.['text/plain'];
  return { end, ...printed, displays, text: typeof text === 'string' ? text : undefined, ms };
}
