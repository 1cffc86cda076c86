import {
  BoathouseError,
  type ComputeAnswer,
  type ComputeStatus,
  errorInfo,
  type ServerToCompute,
  systemError,
  type WorkOrder,
} from '@boathouse/contracts';
import type { WebSocket } from 'ws';
import type { OrderEnd, OrderListener } from './types.ts';

/** An order in the hands of a compute process. */
export interface ActiveOrder {
  runId: string;
  kind: WorkOrder['kind'];
  sessionId: string;
  listener: OrderListener;
  finish: (end: OrderEnd) => void;
  /** Compute said that it begins, or anything else about it. */
  begun: boolean;
  /** Gives the order to another process: as long as it has not begun, and where that may be. */
  again: (() => void) | null;
  /** When compute last said that it has this order. */
  seenAtMs: number;
  /** Messages are handled one after another. */
  tail: Promise<void>;
}

interface Question {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** One compute process: its socket, its orders, the sessions that it holds. Survives a short loss of the socket. */
export class ComputeConnection {
  readonly id: string;
  readonly engine: string;
  readonly memoryLimitBytes: number;
  readonly connectedAtMs: number;
  socket: WebSocket | null;
  seenAtMs: number;
  memoryBytes = 0;
  /** Schemas that this process found changed, on their way into the catalog. */
  moved: Promise<void> = Promise.resolve();
  readonly orders = new Map<string, ActiveOrder>();
  readonly sessions = new Set<string>();
  /** Sessions with a kernel here: their variables go with this process. */
  readonly kernels = new Set<string>();
  private readonly questions = new Map<number, Question>();
  private nextQuestion = 1;

  constructor(
    socket: WebSocket,
    facts: { computeId: string; engine: string; memoryLimitBytes: number },
    nowMs: number,
  ) {
    this.id = facts.computeId;
    this.engine = facts.engine;
    this.memoryLimitBytes = facts.memoryLimitBytes;
    this.connectedAtMs = nowMs;
    this.seenAtMs = nowMs;
    this.socket = socket;
  }

  send(message: ServerToCompute): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  ask(question: (ServerToCompute & { type: 'question' })['question'], timeoutMs: number): Promise<unknown> {
    const id = this.nextQuestion++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.questions.delete(id);
        reject(
          systemError(
            'COMPUTE_TIMEOUT',
            `The compute process did not answer within ${Math.round(timeoutMs / 1000)} s. Try again.`,
            { status: 504 },
          ),
        );
      }, timeoutMs);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer);
          this.questions.delete(id);
          then(value);
        };
      this.questions.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.send({ type: 'question', id, question });
    });
  }

  answered(id: number, answer: ComputeAnswer): void {
    const question = this.questions.get(id);
    if (answer.ok) question?.resolve(answer.value);
    else question?.reject(BoathouseError.fromInfo(answer.error));
  }

  /** Answers a request for a plan; a thrown error is the answer. */
  async answerPlan(id: number, plan: Promise<{ payload: string; signature: string }>): Promise<void> {
    try {
      this.send({ type: 'planned', id, answer: { ok: true, plan: await plan } });
    } catch (error) {
      this.send({ type: 'planned', id, answer: { ok: false, error: errorInfo(error) } });
    }
  }

  async answerCommits(id: number, value: Promise<unknown>): Promise<void> {
    try {
      this.send({ type: 'commitsAnswer', id, answer: { ok: true, value: await value } });
    } catch (error) {
      this.send({ type: 'commitsAnswer', id, answer: { ok: false, error: errorInfo(error) } });
    }
  }

  /** Any word about an order says that it has begun. */
  begun(order: ActiveOrder): void {
    order.begun = true;
    if (order.kind === 'typescript') this.kernels.add(order.sessionId);
  }

  /** Gives up: orders that have begun are lost, the others go elsewhere, questions fail. */
  end(): void {
    this.socket?.terminate();
    this.socket = null;
    for (const question of [...this.questions.values()]) {
      question.reject(
        systemError('COMPUTE_UNAVAILABLE', 'The compute process stopped before it answered. Try again.', {
          status: 503,
        }),
      );
    }
    for (const order of [...this.orders.values()]) {
      void order.tail.then(() => (order.again && !order.begun ? order.again() : order.finish({ end: 'lost' })));
    }
    this.orders.clear();
  }

  status(nowMs: number): ComputeStatus {
    return {
      id: this.id,
      engine: this.engine,
      state: this.socket && nowMs - this.seenAtMs < 3000 ? 'ready' : 'unresponsive',
      activeRuns: this.orders.size,
      sessions: this.sessions.size,
      memoryBytes: this.memoryBytes,
      memoryLimitBytes: this.memoryLimitBytes,
      connectedAtMs: this.connectedAtMs,
    };
  }
}
