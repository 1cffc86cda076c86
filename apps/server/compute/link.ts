import { ComputeBinary, ComputeToServer, errorInfo, systemError, type WorkOrder } from '@boathouse/contracts';
import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { type ActiveOrder, ComputeConnection } from './connection.ts';
import { decodeFrame } from './frame.ts';
import { rememberIn } from './newest.ts';
import type { Compute, LinkHooks, OrderEnd, OrderListener, RunOptions } from './types.ts';

export interface LinkOptions {
  log: Logger;
  clock: () => number;
  hooks: LinkHooks;
  /** A process or an order that is silent for so long is lost. */
  leaseMs?: number;
  /** A socket that closed may come back within this time without loss. */
  graceMs?: number;
  /** How long an order waits for a compute process. */
  waitMs?: number;
}

interface Work extends RunOptions {
  order: WorkOrder;
  listener: OrderListener;
  finish: (end: OrderEnd) => void;
}
interface WaitingOrder extends Work {
  timer: NodeJS.Timeout;
}

const unavailable = () =>
  systemError(
    'COMPUTE_UNAVAILABLE',
    'No compute process is running; the workspace is starting one. Try again in a moment.',
    { status: 503 },
  );

/** An order that ends process after process before it begins is given up. */
const MAX_REQUEUES = 3;

/** The server's end of `/internal/compute`: any number of compute processes, orders by session affinity, then least busy. */
export function createComputeLink(options: LinkOptions): Compute & { open(socket: WebSocket): void } {
  const { log, clock, hooks } = options;
  const leaseMs = options.leaseMs ?? 5000;
  const graceMs = options.graceMs ?? 1000;
  const waitMs = options.waitMs ?? 10_000;
  const connections = new Map<string, ComputeConnection>();
  const waiting = new Set<WaitingOrder>();
  const waitingQuestions = new Set<() => void>();
  const ended = new Map<string, () => Promise<void>>();
  /**
   * Processes by run that were sent an order of it and given up before it began. One that only hung may come back with the order still
   * in its hands, and its words could not be told from those about another order of the run.
   */
  const avoided = new Map<string, ReadonlySet<string>>();
  let stopped = false;
  const adopting = new Map<string, Promise<ActiveOrder | null>>();

  const ready = (): ComputeConnection[] => [...connections.values()].filter((it) => it.socket?.readyState === 1);
  const leastBusy = (): ComputeConnection | undefined => ready().toSorted((a, b) => a.orders.size - b.orders.size)[0];
  const choose = ({ sessionId, runId }: WorkOrder): ComputeConnection | undefined => {
    const given = ready().filter((it) => !avoided.get(runId)?.has(it.id));
    return given.find((it) => it.sessions.has(sessionId)) ?? given.toSorted((a, b) => a.orders.size - b.orders.size)[0];
  };

  const remember = (runId: string, settled: () => Promise<void>): void => rememberIn(ended, runId, settled);

  function hold(
    connection: ComputeConnection,
    runId: string,
    kind: ActiveOrder['kind'],
    sessionId: string,
    listener: OrderListener,
    end: (end: OrderEnd) => void,
  ): ActiveOrder {
    const order: ActiveOrder = {
      runId,
      kind,
      sessionId,
      listener,
      seenAtMs: clock(),
      tail: Promise.resolve(),
      begun: false,
      again: null,
      finish: (how) => {
        if (connection.orders.get(runId) === order) connection.orders.delete(runId);
        const settled = listener.settled();
        remember(runId, () => settled);
        end(how);
      },
    };
    connection.orders.set(runId, order);
    ended.delete(runId);
    return order;
  }

  function dispatch(connection: ComputeConnection, work: Work): void {
    const { order, listener } = work;
    const held = hold(connection, order.runId, order.kind, order.sessionId, listener, work.finish);
    connection.sessions.add(order.sessionId);
    // The variables of a kernel are gone with its process: a cell that counted on them must not run without.
    if (order.kind !== 'typescript' || !connection.kernels.has(order.sessionId)) {
      held.again = () => {
        connection.orders.delete(order.runId);
        const tried = avoided.get(order.runId) ?? new Set();
        if (tried.size >= MAX_REQUEUES) return held.finish({ end: 'lost' });
        rememberIn(avoided, order.runId, new Set([...tried, connection.id]));
        listener.requeued();
        enqueue(work);
      };
    }
    connection.send({ type: 'order', order, hold: !work.readOnly });
    listener.sent(connection.id, connection.engine);
  }

  function enqueue(work: Work): void {
    const connection = choose(work.order);
    if (connection) {
      dispatch(connection, work);
      return;
    }
    const entry: WaitingOrder = {
      ...work,
      timer: setTimeout(() => {
        waiting.delete(entry);
        work.finish({ end: 'failed', error: unavailable().toInfo() });
      }, waitMs),
    };
    waiting.add(entry);
  }

  function drain(): void {
    for (const entry of [...waiting]) {
      const connection = choose(entry.order);
      if (!connection) continue;
      waiting.delete(entry);
      clearTimeout(entry.timer);
      dispatch(connection, entry);
    }
    for (const wake of [...waitingQuestions]) wake();
  }

  function lose(connection: ComputeConnection, why: string): void {
    if (stopped || connections.get(connection.id) !== connection) return;
    connections.delete(connection.id);
    log.warn({ computeId: connection.id, why, orders: connection.orders.size }, 'a compute process is lost');
    const kernels = [...connection.kernels];
    connection.end();
    for (const sessionId of kernels) {
      hooks
        .sessionLost(
          sessionId,
          'The compute process stopped: the variables of this notebook are gone. Run the cells that define them again.',
        )
        .catch((error) => log.error({ err: error }, 'the loss of a session could not be recorded'));
    }
    hooks.changed();
  }

  /** Runs `work` after everything that came before for this order. */
  function inOrder(order: ActiveOrder, work: () => Promise<void> | void): Promise<void> {
    order.tail = order.tail.then(work).catch((error) => {
      log.error({ err: error, runId: order.runId }, 'a message of compute could not be handled');
      order.finish({ end: 'failed', error: errorInfo(error) });
    });
    return order.tail;
  }

  /** The order of a message; one of before this server's start is adopted if it still runs. */
  async function orderOf(connection: ComputeConnection, runId: string): Promise<ActiveOrder | null> {
    const known = connection.orders.get(runId);
    if (known || ended.has(runId)) return known ?? null;
    let found = adopting.get(runId);
    if (!found) {
      found = hooks.adopt(runId, connection.id).then((driver) => {
        if (!driver) remember(runId, () => Promise.resolve());
        return driver && hold(connection, runId, driver.kind, driver.sessionId, driver.listener, driver.end);
      });
      adopting.set(runId, found);
      void found.finally(() => adopting.delete(runId)).catch(() => {});
    }
    return found;
  }

  /** Compute may forget a run's last words when what they led to is durable, not before. */
  function acknowledge(
    connection: ComputeConnection,
    runId: string,
    seq: number,
    settled: (() => Promise<void>) | undefined,
  ): void {
    void (settled?.() ?? Promise.resolve()).then(() => connection.send({ type: 'ack', runId, seq }));
  }

  type Message = ReturnType<typeof ComputeToServer.parse>;
  type RunMessage = Extract<Message, { runId: string }>;

  async function handleRun(connection: ComputeConnection, message: RunMessage): Promise<void> {
    const order = connection.orders.get(message.runId) ?? (await orderOf(connection, message.runId));
    if (!order) {
      if (message.type === 'event') acknowledge(connection, message.runId, message.seq, ended.get(message.runId));
      // Nobody waits for it any more: it must not begin.
      if (message.type === 'accepted') connection.send({ type: 'cancel', runId: message.runId });
      if (message.type === 'committed') await hooks.strayCommit(message.runId, message.write);
      if (message.type === 'plan') {
        const gone = systemError('RUN_ENDED', 'The run of this statement has ended.', { status: 409 });
        connection.send({ type: 'planned', id: message.id, answer: { ok: false, error: gone.toInfo() } });
      }
      return;
    }
    order.seenAtMs = clock();
    connection.begun(order);
    switch (message.type) {
      case 'accepted':
        return connection.send({ type: 'go', runId: message.runId });
      case 'event':
        await inOrder(order, async () => {
          const { event } = message;
          const ack = () => connection.send({ type: 'ack', runId: message.runId, seq: message.seq });
          if (event.type !== 'finished') {
            // Not awaited: what follows need not wait for the disk, only the acknowledgement does.
            order.listener
              .event(event, message.seq)
              .then(ack, (error) => log.error({ err: error, runId: order.runId }, 'an event was not stored'));
            return;
          }
          acknowledge(connection, message.runId, message.seq, () => order.listener.settled());
          // A planned statement succeeds by its outcome; the driver of the run writes the run's own end.
          if (event.state === 'failed') order.finish({ end: 'failed', error: event.error ?? errorInfo(null) });
          else if (event.state === 'cancelled') order.finish({ end: 'cancelled' });
          else if (event.state === 'lost') order.finish({ end: 'lost' });
          else if (order.kind === 'typescript' || order.kind === 'pipeline') {
            order.finish({
              end: 'done',
              outcome: { reads: [], engineMs: event.engineMs ?? 0, totalMs: event.totalMs ?? 0 },
            });
          }
        });
        return;
      case 'committed':
        return inOrder(order, () => order.listener.committed(message.write));
      case 'statementDone':
        return inOrder(order, () => order.listener.statementDone(message.planId, message.reads, message.write));
      case 'outcome':
        return inOrder(order, () => order.finish({ end: 'done', outcome: message.outcome }));
      case 'plan': {
        // What the run has committed before must be in the catalog when the next statement is planned.
        const plan = Promise.all([order.tail, connection.moved.catch(() => {})]).then(() =>
          order.listener.plan(message.text, message.sessionId, message.statement),
        );
        return connection.answerPlan(message.id, plan);
      }
    }
  }

  async function handle(connection: ComputeConnection, message: Message): Promise<void> {
    switch (message.type) {
      case 'register':
        return;
      case 'heartbeat':
        connection.memoryBytes = message.memoryBytes;
        for (const runId of message.runs) {
          const order = connection.orders.get(runId) ?? (await orderOf(connection, runId));
          if (order) order.seenAtMs = clock();
        }
        return;
      case 'schemaMoved':
        // The plan that compute asks for next must see the new schema.
        connection.moved = connection.moved.then(() => hooks.schemaMoved(message));
        return connection.moved;
      case 'commits':
        return connection.answerCommits(message.id, hooks.commits(message.ask));
      case 'answer':
        return connection.answered(message.id, message.answer);
      case 'sessionLost':
        connection.kernels.delete(message.sessionId);
        return hooks.sessionLost(message.sessionId, message.reason);
      default:
        return handleRun(connection, message);
    }
  }

  function register(socket: WebSocket, facts: Extract<Message, { type: 'register' }>): ComputeConnection {
    const known = connections.get(facts.computeId);
    if (known) {
      known.socket?.terminate();
      known.socket = socket;
      known.seenAtMs = clock();
      return known;
    }
    const connection = new ComputeConnection(socket, facts, clock());
    connections.set(connection.id, connection);
    log.info({ computeId: connection.id, engine: connection.engine }, 'a compute process is ready');
    return connection;
  }

  const watch = setInterval(() => {
    const now = clock();
    for (const connection of [...connections.values()]) {
      if (now - connection.seenAtMs > leaseMs) lose(connection, 'no heartbeat');
      for (const order of [...connection.orders.values()]) {
        if (now - order.seenAtMs > leaseMs) order.finish({ end: 'lost' });
      }
    }
  }, 500);
  watch.unref();

  return {
    open(socket) {
      let connection: ComputeConnection | null = null;
      const receive = (data: RawData, binary: boolean) => {
        const buffer = Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
        if (connection) connection.seenAtMs = clock();
        if (binary) {
          const { header, bytes } = decodeFrame(ComputeBinary, buffer);
          const order = connection?.orders.get(header.runId);
          if (!connection || !order) return;
          connection.begun(order);
          order.listener.page(header, bytes);
          return;
        }
        const message = ComputeToServer.parse(JSON.parse(buffer.toString('utf8')));
        if (message.type === 'register') {
          connection = register(socket, message);
          drain();
          hooks.changed();
        } else if (connection) {
          void handle(connection, message).catch((error) =>
            log.error({ err: error, type: message.type }, 'a message of compute could not be handled'),
          );
        }
      };
      socket.on('message', (data, binary) => {
        try {
          receive(data, binary);
        } catch (error) {
          log.error({ err: error }, 'compute sent what is not a message of the link');
          socket.close(1008, 'not a message of the link');
        }
      });
      socket.on('close', () => {
        const lost = connection;
        if (!lost || lost.socket !== socket) return;
        lost.socket = null;
        setTimeout(() => lost.socket === null && lose(lost, 'its connection closed'), graceMs).unref();
      });
    },

    run: (order, listener, { readOnly }) => new Promise((finish) => enqueue({ order, listener, finish, readOnly })),

    cancel(runId) {
      for (const entry of [...waiting]) {
        if (entry.order.runId !== runId) continue;
        waiting.delete(entry);
        clearTimeout(entry.timer);
        entry.finish({ end: 'cancelled' });
      }
      for (const connection of connections.values()) {
        const order = connection.orders.get(runId);
        if (!order) continue;
        order.again = null;
        connection.send({ type: 'cancel', runId });
      }
    },

    async ask(question, askOptions = {}) {
      const connection = leastBusy() ?? (await waitForCompute());
      return connection.ask(question, askOptions.timeoutMs ?? 30_000);
    },

    closeSession(sessionId) {
      for (const connection of connections.values()) {
        if (!connection.sessions.delete(sessionId)) continue;
        connection.kernels.delete(sessionId);
        connection.send({ type: 'closeSession', sessionId });
      }
    },

    status: () => ({ computes: [...connections.values()].map((it) => it.status(clock())), waitingRuns: waiting.size }),

    stop() {
      // What compute still does is the next server's to take over.
      stopped = true;
      clearInterval(watch);
      for (const entry of waiting) clearTimeout(entry.timer);
      waiting.clear();
      for (const connection of connections.values()) connection.socket?.close(1001, 'the server stops');
    },
  };

  function waitForCompute(): Promise<ComputeConnection> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waitingQuestions.delete(wake);
        reject(unavailable());
      }, waitMs);
      const wake = () => {
        const connection = leastBusy();
        if (!connection) return;
        clearTimeout(timer);
        waitingQuestions.delete(wake);
        resolve(connection);
      };
      waitingQuestions.add(wake);
    });
  }
}
