import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { WorkOrder } from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { openDuckDb, SparkPool, sweepStaging } from '@boathouse/engine';
import { createExpressionCompiler } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';
import type { Logger } from 'pino';
import type { ComputeConfig } from './config.ts';
import { catalogOverLink } from './link/catalog.ts';
import { ServerLink } from './link/link.ts';
import { orderRooms } from './orders/index.ts';
import { perform } from './orders/perform.ts';
import type { OrderContext, OrderHandlers } from './orders/types.ts';
import { planVerifier } from './plans.ts';
import { answer } from './questions/index.ts';
import type { Runtime } from './runtime.ts';
import { SessionQueues } from './sessions.ts';
import { sweepTemp } from './temp.ts';

export interface Compute {
  readonly id: string;
  /** Resolves when the server has accepted this process. */
  ready: Promise<void>;
  /** Cancels what runs, tells the server, closes everything. */
  stop(): Promise<void>;
}

/** Opens the data plane and links it to the server. `onShutdown`: the server asked this process to end. */
export async function openCompute(config: ComputeConfig, logger: Logger, onShutdown: () => void): Promise<Compute> {
  const store = await createLocalStore(config.storageRoot);
  await sweepTemp(config.tempRoot);
  const engine = await openDuckDb({
    memoryLimitBytes: config.memoryLimitBytes,
    threads: config.threads,
    tempDirectory: config.tempDirectory,
    allowedDirectories: [config.storageRoot],
    logger,
  });
  const clock = Date.now;
  const runtime: Runtime = {
    engine,
    store,
    delta: createDelta({
      store,
      engine,
      clock,
      logger,
      compiler: createExpressionCompiler(),
      catalog: catalogOverLink((ask) => link.commits(ask)),
      // A shallow clone reads files of its source. Only CLONE writes such paths, and it needs SELECT on the source.
      allowOutside: (uri) => uri.startsWith(`${store.uri('tables')}/`),
    }),
    plans: planVerifier(config.publicKey, clock),
    spark: new SparkPool({ clock }),
    clock,
    logger,
  };
  const id = `compute-${randomUUID()}`;
  const queues = new SessionQueues();
  const rooms = orderRooms({
    runtime,
    tempDirectory: config.tempDirectory,
    send: (message) => link.send(message),
    idleMs: config.kernelIdleMs,
  });
  const handlers: OrderHandlers = Object.assign({}, ...rooms.map((room) => room.handlers));

  const link = new ServerLink({
    url: config.serverUrl,
    token: config.token,
    register: {
      type: 'register',
      computeId: id,
      pid: process.pid,
      engine: engine.name,
      memoryLimitBytes: engine.memoryLimitBytes,
      token: config.token,
    },
    heartbeat: () => ({ runs: queues.active(), memoryBytes: process.memoryUsage.rss() }),
    logger,
    onMessage(message) {
      switch (message.type) {
        case 'order':
          return start(message.order, message.hold ?? false);
        case 'cancel':
          return queues.cancel(message.runId);
        case 'question':
          void answer(message.question, runtime).then((reply) =>
            link.send({ type: 'answer', id: message.id, answer: reply }),
          );
          return;
        case 'closeSession':
          for (const room of rooms) room.closeSession?.(message.sessionId);
          return;
        case 'shutdown':
          return onShutdown();
      }
    },
  });

  function start(order: WorkOrder, hold: boolean): void {
    const { runId, sessionId } = order;
    void queues.add({
      runId,
      sessionId,
      run: async (signal) => {
        await link.begin(runId, hold, signal);
        const context: OrderContext = {
          runtime,
          runId,
          sessionId,
          signal,
          event: (event) => link.event(runId, event),
          deliver: (message) => link.deliver(runId, message),
          send: (message) => link.send(message),
          page: (page) => link.page({ type: 'page', runId, rows: page.rows, more: page.more }, page.bytes),
          committed: (write) => link.deliver(runId, { type: 'committed', runId, write }),
          plan: (text, statement) => link.plan(runId, sessionId, text, statement),
        };
        return perform(handlers, order, context);
      },
    });
  }

  sweepStaging(store, clock()).catch((error: unknown) =>
    logger.warn({ err: error }, 'old unpacked files could not be removed'),
  );
  return {
    id,
    ready: link.open(),
    async stop() {
      await queues.stop();
      for (const room of rooms) await room.close?.();
      link.close();
      await runtime.spark.close();
      await engine.close();
      await rm(config.tempDirectory, { recursive: true, force: true });
    },
  };
}
