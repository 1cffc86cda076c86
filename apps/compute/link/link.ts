import {
  BoathouseError,
  type CommitAsk,
  type ComputeAnswer,
  type ComputeBinary,
  type ComputeToServer,
  type RunEvent,
  ServerToCompute,
  type SignedPlan,
  type StatementContext,
  systemError,
} from '@boathouse/contracts';
import type { Logger } from 'pino';
import { WebSocket } from 'ws';
import { Outbox } from './outbox.ts';

export interface LinkOptions {
  url: string;
  token: string;
  register: Extract<ComputeToServer, { type: 'register' }>;
  /** Run ids and bytes for the heartbeat. */
  heartbeat(): { runs: string[]; memoryBytes: number };
  onMessage(message: Exclude<ServerToCompute, { type: 'ack' | 'planned' | 'commitsAnswer' | 'go' }>): void;
  logger: Logger;
}

const HEARTBEAT_MS = 1000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2000;
/** The catalog may wait for its database for so long, and a little more. */
const ANSWER_MS = 45_000;

const unanswered = () =>
  systemError(
    'CATALOG_UNAVAILABLE',
    'The catalog did not say whether it has accepted the commit. Try again: what was committed is not repeated.',
    { status: 503 },
  );

/** A server that is silent for so long has gone without closing the socket. */
const SILENCE_MS = 15_000;

/**
 * Compute's end of the link: connects, registers, beats, comes back after a break (0.1 s, doubling to 2 s) and sends again
 * what the server has not acknowledged. Work goes on while the link is down.
 */
export class ServerLink {
  private readonly options: LinkOptions;
  private readonly outbox = new Outbox();
  private readonly plans = new Map<
    number,
    { message: ComputeToServer; resolve(plan: SignedPlan): void; reject(error: Error): void }
  >();
  private readonly asked = new Map<number, { message: ComputeToServer; answer(answer: ComputeAnswer): void }>();
  /** Orders whose turn has come and that wait for the server's word, by run. */
  private readonly held = new Map<string, () => void>();
  private nextPlan = 1;
  private socket: WebSocket | null = null;
  private retryMs = FIRST_RETRY_MS;
  private beat: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;
  private heardAtMs = 0;
  private onReady: (() => void) | undefined;

  constructor(options: LinkOptions) {
    this.options = options;
  }

  /** Resolves at the first registration; later breaks are mended silently. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.onReady = resolve;
      this.connect();
    });
  }

  event(runId: string, event: RunEvent): void {
    this.send(this.outbox.addEvent(runId, event));
  }

  /** A message of a run that must arrive: kept until the run's next event is acknowledged. */
  deliver(runId: string, message: ComputeToServer): void {
    this.send(this.outbox.addMessage(runId, message));
  }

  /** A message that is worth nothing after a break. */
  send(message: ComputeToServer): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  page(header: ComputeBinary, bytes: Uint8Array): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const head = Buffer.from(JSON.stringify(header), 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(head.length);
    this.socket.send(Buffer.concat([length, head, bytes]));
  }

  /**
   * Says that an order begins. A held one waits for `go`: as long as the server has not given it, it may give the order to another
   * process instead. Resolves also where the signal aborts the wait.
   */
  begin(runId: string, hold: boolean, signal: AbortSignal): Promise<void> {
    this.send({ type: 'accepted', runId });
    if (!hold || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        this.held.delete(runId);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.held.set(runId, go);
      signal.addEventListener('abort', go, { once: true });
    });
  }

  /** Asks the server for the plan of a statement. Rejects with the server's refusal. */
  plan(runId: string, sessionId: string, text: string, statement?: StatementContext): Promise<SignedPlan> {
    const id = this.nextPlan++;
    const message: ComputeToServer = {
      type: 'plan',
      id,
      runId,
      sessionId,
      text,
      ...(statement ? { statement } : {}),
    };
    return new Promise((resolve, reject) => {
      this.plans.set(id, { message, resolve, reject });
      this.send(message);
    });
  }

  /** Asks the catalog about commits. Rejects with its refusal, or where the server does not answer in time. */
  commits(ask: CommitAsk): Promise<unknown> {
    const id = this.nextPlan++;
    const message: ComputeToServer = { type: 'commits', id, ask };
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.asked.delete(id);
        reject(unanswered());
      }, ANSWER_MS);
      const settled = () => {
        clearTimeout(late);
        this.asked.delete(id);
      };
      this.asked.set(id, {
        message,
        answer(answer) {
          settled();
          if (answer.ok) resolve(answer.value);
          else reject(BoathouseError.fromInfo(answer.error));
        },
      });
      this.send(message);
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearInterval(this.beat);
    this.socket?.close(1000);
    const stopping = systemError('COMPUTE_STOPPING', 'The compute process is stopping. Run the statement again.');
    for (const waiting of this.plans.values()) waiting.reject(stopping);
    this.plans.clear();
    for (const waiting of [...this.asked.values()]) waiting.answer({ ok: false, error: stopping.toInfo() });
  }

  private connect(): void {
    if (this.closed) return;
    const socket = new WebSocket(this.options.url, {
      headers: { authorization: `Bearer ${this.options.token}` },
      maxPayload: 64 * 1024 * 1024,
    });
    this.socket = socket;
    socket.on('open', () => {
      this.retryMs = FIRST_RETRY_MS;
      this.heardAtMs = Date.now();
      this.send(this.options.register);
      for (const message of this.outbox.unacknowledged()) this.send(message);
      for (const { message } of this.plans.values()) this.send(message);
      for (const { message } of this.asked.values()) this.send(message);
      for (const runId of this.held.keys()) this.send({ type: 'accepted', runId });
      this.startBeat();
      this.onReady?.();
      this.onReady = undefined;
    });
    socket.on('message', (data, binary) => {
      this.heardAtMs = Date.now();
      if (!binary) this.receive(String(data));
    });
    socket.on('ping', () => {
      this.heardAtMs = Date.now();
    });
    socket.on('pong', () => {
      this.heardAtMs = Date.now();
    });
    socket.on('error', (error) => this.options.logger.debug({ err: error }, 'the link to the server failed'));
    socket.on('close', () => {
      clearInterval(this.beat);
      if (this.socket === socket) this.socket = null;
      if (this.closed) return;
      this.retry = setTimeout(() => this.connect(), this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
    });
  }

  private startBeat(): void {
    clearInterval(this.beat);
    const beat = () => {
      if (Date.now() - this.heardAtMs > SILENCE_MS) return void this.socket?.terminate();
      this.socket?.ping();
      this.send({ type: 'heartbeat', ...this.options.heartbeat() });
    };
    beat();
    this.beat = setInterval(beat, HEARTBEAT_MS);
  }

  private receive(text: string): void {
    const parsed = ServerToCompute.safeParse(json(text));
    if (!parsed.success) {
      this.options.logger.error(
        { issues: parsed.error.issues.slice(0, 3) },
        'a message of the server is not of the protocol',
      );
      return;
    }
    const message = parsed.data;
    if (message.type === 'go') this.held.get(message.runId)?.();
    else if (message.type === 'ack') this.outbox.acknowledge(message.runId, message.seq);
    else if (message.type === 'commitsAnswer') this.asked.get(message.id)?.answer(message.answer);
    else if (message.type === 'planned') {
      const waiting = this.plans.get(message.id);
      this.plans.delete(message.id);
      if (message.answer.ok) waiting?.resolve(message.answer.plan);
      else waiting?.reject(BoathouseError.fromInfo(message.answer.error));
    } else this.options.onMessage(message);
  }
}

/** JSON of a frame; a frame that is none fails its schema like any other wrong message. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
