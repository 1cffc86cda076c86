import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { systemError } from '@boathouse/contracts';
import { createKernel, driverSources, findDeno, type Kernel, openSandbox, type Sandbox } from '@boathouse/kernel';
import type { Logger } from 'pino';
import { Handles } from './handles.ts';

export interface KernelPoolOptions {
  tempDirectory: string;
  logger: Logger;
  /** The kernel of a session ended while no cell ran in it. */
  onLost(sessionId: string, reason: string): void;
  idleMs?: number;
  maxKernels?: number;
}

/** A session's kernel and the results that its cells can still ask for. */
export interface SessionKernel {
  readonly kernel: Kernel;
  readonly handles: Handles;
}

interface Entry {
  readonly started: Promise<SessionKernel>;
  busy: number;
  usedAtMs: number;
  timer?: NodeJS.Timeout;
}

const IDLE_MS = 15 * 60_000;
/** Each holds some 50 MB idle and 0.5 GB at most. */
const MAX_KERNELS = 16;

const require = createRequire(import.meta.url);
const inRepository = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One kernel per session: started at its first cell, ended after 15 minutes without one. */
export class KernelPool {
  private readonly options: KernelPoolOptions;
  private readonly entries = new Map<string, Entry>();
  private sandbox: Promise<Sandbox> | undefined;
  private closed = false;

  constructor(options: KernelPoolOptions) {
    this.options = options;
  }

  /** Works with the session's kernel, which stays alive meanwhile. Throws KERNEL_UNAVAILABLE, TOO_MANY_KERNELS. */
  async use<T>(sessionId: string, work: (session: SessionKernel) => Promise<T>): Promise<T> {
    const entry = this.entries.get(sessionId) ?? this.add(sessionId);
    entry.busy++;
    clearTimeout(entry.timer);
    try {
      return await work(await entry.started);
    } finally {
      entry.busy--;
      entry.usedAtMs = performance.now();
      if (!entry.busy && this.entries.get(sessionId) === entry) this.endWhenIdle(sessionId, entry);
    }
  }

  /** Ends a session's kernel without a word. */
  close(sessionId: string): void {
    const entry = this.entries.get(sessionId);
    if (entry) this.remove(sessionId, entry);
  }

  async stop(): Promise<void> {
    this.closed = true;
    const started = [...this.entries.values()].map(({ started }) => started);
    for (const [sessionId, entry] of this.entries) this.remove(sessionId, entry);
    await Promise.allSettled(started.map(async (one) => (await one).kernel.ended));
  }

  private add(sessionId: string): Entry {
    this.makeRoom();
    const entry: Entry = { started: this.start(sessionId), busy: 0, usedAtMs: performance.now() };
    this.entries.set(sessionId, entry);
    entry.started.catch(() => {
      if (this.entries.get(sessionId) === entry) this.entries.delete(sessionId);
    });
    return entry;
  }

  private async start(sessionId: string): Promise<SessionKernel> {
    this.sandbox ??= this.findSandbox();
    const kernel = await createKernel(await this.sandbox);
    if (this.closed) void kernel.end();
    void kernel.ended.then((reason) => {
      const entry = this.entries.get(sessionId);
      if (!entry) return;
      this.entries.delete(sessionId);
      clearTimeout(entry.timer);
      // While a cell runs, its own end tells of the loss.
      if (!entry.busy && !this.closed) this.options.onLost(sessionId, reason);
    });
    return { kernel, handles: new Handles() };
  }

  private async findSandbox(): Promise<Sandbox> {
    try {
      await mkdir(this.options.tempDirectory, { recursive: true });
      const sandbox = await openSandbox({
        deno: await findDeno((name) => require.resolve(name)),
        tempDirectory: this.options.tempDirectory,
        entry: inRepository('./entry.ts'),
        sources: [...driverSources, inRepository('../../../packages/sdk')],
      });
      this.options.logger.info({ walls: sandbox.walls }, 'kernels can run');
      return sandbox;
    } catch (error) {
      // The next cell tries again: what was missing may have been installed.
      this.sandbox = undefined;
      throw error;
    }
  }

  private endWhenIdle(sessionId: string, entry: Entry): void {
    const { idleMs = IDLE_MS, onLost } = this.options;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      this.remove(sessionId, entry);
      const minutes = Math.max(1, Math.round(idleMs / 60_000));
      onLost(
        sessionId,
        `The kernel of this notebook was ended after ${minutes} minutes without use: its variables are gone. Run the cells that define them again.`,
      );
    }, idleMs);
    entry.timer.unref();
  }

  /** Where there are too many, the one that was idle longest goes. */
  private makeRoom(): void {
    const { maxKernels = MAX_KERNELS, onLost } = this.options;
    if (this.entries.size < maxKernels) return;
    const idle = [...this.entries].filter(([, entry]) => !entry.busy).sort((a, b) => a[1].usedAtMs - b[1].usedAtMs)[0];
    if (!idle)
      throw systemError(
        'TOO_MANY_KERNELS',
        `${maxKernels} notebooks run TypeScript on this compute process already. Wait until one has ended its cell.`,
        { status: 503 },
      );
    this.remove(idle[0], idle[1]);
    onLost(idle[0], 'The kernel of this notebook made room for another one: its variables are gone.');
  }

  private remove(sessionId: string, entry: Entry): void {
    this.entries.delete(sessionId);
    clearTimeout(entry.timer);
    void entry.started.then(
      ({ kernel }) => kernel.end(),
      () => {},
    );
  }
}
