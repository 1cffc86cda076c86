import { type ErrorInfo, errorInfo, systemError, userError } from '@boathouse/contracts';
import { residentBytes } from '../sandbox/proc.ts';
import type { Sandbox, SandboxedProcess } from '../sandbox/sandbox.ts';
import { type TransformedCell, transformCell } from '../transform/index.ts';
import { BadFrame, FRAME, FrameReader, frame, withId } from '../wire/frames.ts';
import { FromKernel, type ToKernel } from '../wire/protocol.ts';
import { cellError } from './stack.ts';
import { StreamBuffer } from './stream.ts';

/** How a cell ended. `lost`: the kernel ended with it, and why, as a sentence; its variables are gone. */
export type CellEnd =
  | { end: 'done' }
  | { end: 'failed'; error: ErrorInfo; lost?: string }
  | { end: 'cancelled'; lost?: string };

export interface CellRun {
  source: string;
  /** Aborting stops the cell within a second: kindly, and after 0.8 s with the whole kernel. */
  signal: AbortSignal;
  onStream(name: 'stdout' | 'stderr', text: string): void;
  onDisplay(data: Record<string, unknown>): void;
  /**
   * A call of the cell: answer JSON, or bytes (Uint8Array). Thrown BoathouseErrors reach the cell with their code. The
   * method and its parameters come from untrusted code.
   */
  onCall(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
}

export interface Kernel {
  /** Runs one cell at a time, in order of the calls. Never rejects. */
  run(cell: CellRun): Promise<CellEnd>;
  /** Why the kernel ended, once it has. */
  readonly ended: Promise<string>;
  readonly alive: boolean;
  /** Process id of the kernel or of its walls. */
  readonly pid: number;
  /** Ends the process at once. */
  end(reason?: string): Promise<void>;
}

const START_MS = 10_000;
const GRACE_MS = 800;
const WATCH_MS = 100;
/** A message of the kernel. What the host sends back has no such bound: it is its own. */
const MAX_FRAME_BYTES = 12 * 1024 * 1024;
/** Cells whose lines a stack can still name. */
const REMEMBERED_CELLS = 500;

/** Starts a kernel; resolves when it takes cells. Throws KERNEL_UNAVAILABLE. */
export async function createKernel(sandbox: Sandbox): Promise<Kernel> {
  const kernel = new SandboxedKernel(await sandbox.start(), sandbox);
  await kernel.ready;
  return kernel;
}

interface Running {
  id: number;
  cell: CellRun;
  streams: StreamBuffer;
  calls: Map<number, AbortController>;
  finish(end: CellEnd): void;
}

class SandboxedKernel implements Kernel {
  readonly ended: Promise<string>;
  readonly ready: Promise<void>;
  alive = true;
  private readonly process: SandboxedProcess;
  private readonly sandbox: Sandbox;
  private readonly cells = new Map<number, TransformedCell>();
  private nextId = 1;
  private tail: Promise<unknown> = Promise.resolve();
  private running: Running | null = null;
  /** What was printed while no cell ran: by timers of earlier ones. */
  private orphan: { name: 'stdout' | 'stderr'; text: string }[] = [];
  private errors = '';
  private reason: string | undefined;
  private onReady: () => void = () => {};

  constructor(process: SandboxedProcess, sandbox: Sandbox) {
    this.process = process;
    this.sandbox = sandbox;
    const { child } = process;
    this.ended = new Promise((resolve) => {
      const gone = (code: number | null, signal: string | null) => {
        if (!this.alive) return;
        this.alive = false;
        const reason = this.reason ?? this.reasonOf(code, signal);
        void process.clean();
        this.die(reason);
        resolve(reason);
      };
      child.once('exit', gone);
      child.once('error', () => gone(null, null));
    });
    this.ready = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.kill('The kernel did not start in time.'), START_MS);
      this.onReady = () => {
        clearTimeout(timer);
        resolve();
      };
      void this.ended.then((reason) => {
        clearTimeout(timer);
        reject(
          systemError('KERNEL_UNAVAILABLE', `The kernel did not start. ${reason}`, {
            detail: this.errors.slice(-2000),
          }),
        );
      });
    });
    child.stdin!.on('error', () => {});
    child.stderr!.on('data', (data: Buffer) => {
      this.errors = (this.errors + data.toString('utf8')).slice(-4000);
    });
    const reader = new FrameReader(MAX_FRAME_BYTES);
    child.stdout!.on('data', (chunk: Buffer) => {
      if (this.reason !== undefined) return;
      try {
        reader.push(chunk, (type, body) => this.receive(type, body));
      } catch (error) {
        if (!(error instanceof BadFrame || error instanceof SyntaxError)) throw error;
        this.kill('The kernel was ended because the cell wrote to the pipe that connects it.');
      }
    });
    if (sandbox.walls === 'permissions') this.watch();
  }

  get pid(): number {
    return this.process.child.pid ?? 0;
  }

  run(cell: CellRun): Promise<CellEnd> {
    const work = this.tail.then(() => this.runNow(cell));
    this.tail = work;
    return work;
  }

  async end(reason = 'The kernel was ended.'): Promise<void> {
    this.kill(reason);
    await this.ended;
  }

  private async runNow(cell: CellRun): Promise<CellEnd> {
    if (cell.signal.aborted) return { end: 'cancelled' };
    if (!this.alive) return { end: 'failed', error: diedError(await this.ended), lost: await this.ended };
    const id = this.nextId++;
    let transformed: TransformedCell;
    try {
      transformed = transformCell(cell.source, id);
    } catch (error) {
      return { end: 'failed', error: errorInfo(error) };
    }
    this.remember(id, transformed);
    const streams = new StreamBuffer(cell.onStream);
    for (const { name, text } of this.orphan.splice(0)) streams.add(name, text);
    let kill: NodeJS.Timeout | undefined;
    const stop = () => {
      this.write(FRAME.interrupt, withId(id));
      kill = setTimeout(() => this.kill(STOPPED), GRACE_MS);
    };
    try {
      return await new Promise<CellEnd>((finish) => {
        this.running = { id, cell, streams, calls: new Map(), finish };
        const { body, functions, names, constants } = transformed;
        this.send({ t: 'run', id, body, functions, names, constants });
        cell.signal.addEventListener('abort', stop);
      });
    } finally {
      clearTimeout(kill);
      cell.signal.removeEventListener('abort', stop);
      for (const call of this.running?.calls.values() ?? []) call.abort();
      this.running = null;
      streams.flush();
    }
  }

  private receive(type: number, body: Uint8Array): void {
    if (type === FRAME.stdout || type === FRAME.stderr) {
      const name = type === FRAME.stdout ? 'stdout' : 'stderr';
      const text = Buffer.from(body).toString('utf8');
      if (this.running) this.running.streams.add(name, text);
      else if (this.orphan.length < 100) this.orphan.push({ name, text: text.slice(0, 10_000) });
      return;
    }
    if (type !== FRAME.json) throw new BadFrame(`a frame of type ${type}`);
    const parsed = FromKernel.safeParse(JSON.parse(Buffer.from(body).toString('utf8')));
    if (!parsed.success) throw new BadFrame('a message of no known form');
    const message = parsed.data;
    const { running } = this;
    switch (message.t) {
      case 'ready':
        this.onReady();
        return;
      case 'display':
        running?.streams.flush();
        running?.cell.onDisplay(message.data);
        return;
      case 'call':
        this.call(message.id, message.method, message.params);
        return;
      case 'cancel':
        running?.calls.get(message.id)?.abort();
        return;
      case 'done':
        if (running?.id === message.id) running.finish({ end: 'done' });
        return;
      case 'failed':
        if (running?.id !== message.id) return;
        if (message.interrupted || running.cell.signal.aborted) running.finish({ end: 'cancelled' });
        else running.finish({ end: 'failed', error: this.errorOf(running.id, message) });
    }
  }

  private call(id: number, method: string, params: unknown): void {
    const { running } = this;
    const refuse = (error: ErrorInfo) => {
      const { code, message, fault, status, detail } = error;
      this.send({ t: 'refused', id, error: { code, message, fault, status, detail } });
    };
    if (!running) {
      const error = userError(
        'NO_CELL_RUNNING',
        'Data can be reached only while a cell runs: await what the cell starts before it ends.',
      );
      refuse(error.toInfo());
      return;
    }
    const controller = new AbortController();
    running.calls.set(id, controller);
    running.streams.flush();
    running.cell
      .onCall(method, params, AbortSignal.any([controller.signal, running.cell.signal]))
      .then(
        (value) => {
          if (value instanceof Uint8Array) this.write(FRAME.bytes, withId(id, value));
          else this.send({ t: 'reply', id, value: value ?? null });
        },
        (error: unknown) => refuse(errorInfo(error)),
      )
      .finally(() => running.calls.delete(id));
  }

  private errorOf(id: number, message: Extract<FromKernel, { t: 'failed' }>): ErrorInfo {
    return cellError(message, (file, line, column) => {
      const cellId = Number(/^cell-(\d+)/.exec(file)?.[1]);
      const position = this.cells.get(cellId)?.position(file, line, column);
      return position ? { current: cellId === id, position } : null;
    });
  }

  private remember(id: number, cell: TransformedCell): void {
    this.cells.set(id, cell);
    this.cells.delete(id - REMEMBERED_CELLS);
  }

  private die(reason: string): void {
    const { running } = this;
    if (!running) return;
    running.streams.flush();
    if (running.cell.signal.aborted) running.finish({ end: 'cancelled', lost: reason });
    else running.finish({ end: 'failed', error: diedError(reason), lost: reason });
  }

  private reasonOf(code: number | null, signal: string | null): string {
    // What another thread's language asks for is refused at once: nothing was used up.
    if (/reserve virtual memory/i.test(this.errors))
      return 'The kernel ended because a cell started a worker, and a kernel has one thread for its code.';
    if (/out of memory|allocation failed|Fatal JavaScript|memory allocation of/i.test(this.errors))
      return OUT_OF_MEMORY(this.sandbox.memoryBytes);
    return `The kernel ended by itself (${signal ?? `code ${code}`}).`;
  }

  private kill(reason: string): void {
    this.reason ??= reason;
    this.process.child.kill('SIGKILL');
  }

  private send(message: ToKernel): void {
    this.write(FRAME.json, Buffer.from(JSON.stringify(message), 'utf8'));
  }

  private write(type: number, body: Uint8Array): void {
    if (this.alive) this.process.child.stdin!.write(frame(type, body));
  }

  /** Where no limit of the system holds, a look every 0.1 s must do. */
  private watch(): void {
    const base = residentBytes(this.pid);
    const timer = setInterval(() => {
      Promise.all([base, residentBytes(this.pid)]).then(
        ([before, now]) => {
          if (now - before > this.sandbox.memoryBytes) this.kill(OUT_OF_MEMORY(this.sandbox.memoryBytes));
        },
        () => {},
      );
    }, WATCH_MS);
    timer.unref();
    void this.ended.then(() => clearInterval(timer));
  }
}

const STOPPED = 'The cell could not be stopped in any other way, so the kernel was ended.';
const OUT_OF_MEMORY = (bytes: number): string =>
  `The kernel ran out of its ${Math.round(bytes / 2 ** 20)} MB of memory. Let SQL do the work on large data, or collect less.`;

function diedError(reason: string): ErrorInfo {
  const isMemory = reason.includes('out of its');
  return userError(
    isMemory ? 'KERNEL_OUT_OF_MEMORY' : 'KERNEL_DIED',
    `${reason} The variables of this notebook are gone: run the cells that define them again.`,
  ).toInfo();
}
