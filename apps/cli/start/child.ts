import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

export interface ChildOptions {
  name: string;
  script: string;
  logs: string;
  env: NodeJS.ProcessEnv;
  /** A line for the person at the terminal. */
  say: (text: string) => void;
}

const maxLogBytes = 20 << 20;

function openLog(file: string): WriteStream {
  const info = statSync(file, { throwIfNoEntry: false });
  if (info && info.size > maxLogBytes) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a', mode: 0o600 });
}

/** A process that was ready for so long does not die of its own start: it is started again at once. */
const steadyMs = 3000;

/**
 * One child process that is started again when it dies: after 0.1 s, doubling to 10 s, back to the start once it was ready
 * for 3 s. It has an IPC channel: when the supervisor dies, the channel closes and the child ends itself.
 */
export class SupervisedChild {
  private readonly options: ChildOptions;
  private process: ChildProcess | null = null;
  private stopping = false;
  private restarting = false;
  private delayMs = 100;
  private timer: NodeJS.Timeout | null = null;
  private readonly waiting: (() => void)[] = [];
  private isReady = false;
  /** The last lines it wrote, for the sentence that tells why it does not start. */
  private tail = '';
  /** Why it gave its last start up, in its own sentence. */
  private failure = '';

  constructor(options: ChildOptions) {
    this.options = options;
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  start(): void {
    if (this.stopping) return;
    const { name, script, logs, env } = this.options;
    const log = openLog(join(logs, `${name}.log`));
    log.on('error', () => undefined); // a full disk must not end the supervisor
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Own process group: Ctrl-C in the terminal reaches the supervisor, which ends its children in order.
      detached: true,
    });
    this.process = child;
    this.isReady = false;
    let readyAt = Number.POSITIVE_INFINITY;
    const write = (chunk: Buffer) => {
      log.write(chunk);
      this.tail = (this.tail + chunk.toString()).slice(-2000);
    };
    child.stdout?.on('data', write);
    child.stderr?.on('data', write);
    child.on('message', (message) => {
      if (typeof message !== 'object' || message === null || !('type' in message)) return;
      if (message.type === 'failed' && 'message' in message) this.failure = String(message.message).split('\n')[0]!;
      if (message.type !== 'ready') return;
      this.isReady = true;
      this.failure = '';
      readyAt = Date.now();
      for (const resolve of this.waiting.splice(0)) resolve();
    });
    child.on('error', () => undefined);
    child.on('exit', (code, signal) => {
      log.end();
      this.process = null;
      this.isReady = false;
      if (this.stopping) return;
      if (this.restarting) {
        this.restarting = false;
        this.start();
        return;
      }
      if (Date.now() - readyAt > steadyMs) this.delayMs = 100;
      const why = this.failure || (signal ?? `code ${code}`);
      this.options.say(`The ${name} process ended (${why}); starting it again.`);
      this.timer = setTimeout(() => this.start(), this.delayMs);
      this.delayMs = Math.min(this.delayMs * 2, 10_000);
    });
  }

  /** Resolves at the child's `ready` message; rejects with its last words after the time-out. */
  ready(timeoutMs: number): Promise<void> {
    if (this.isReady) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(this.failure || this.tail.trim().split('\n').slice(-3).join(' '))),
        timeoutMs,
      );
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Ends the process and starts it again; one that is between two starts gets its next one as planned. */
  async restart(): Promise<void> {
    const child = this.process;
    if (!child || this.stopping) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.restarting = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(timer);
  }

  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    if (this.timer) clearTimeout(this.timer);
    const child = this.process;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await gone;
    clearTimeout(timer);
  }
}
