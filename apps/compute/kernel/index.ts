import { BoathouseError, type ComputeToServer, type MimeBundle, RESULT_MIME, userError } from '@boathouse/contracts';
import type { OrderHandler, OrderRoom } from '../orders/types.ts';
import type { Runtime } from '../runtime.ts';
import { answerCall } from './calls.ts';
import { KernelPool } from './pool.ts';

export interface KernelRoomOptions {
  runtime: Runtime;
  tempDirectory: string;
  /** Sends a message that belongs to no run. */
  send(message: ComputeToServer): void;
  idleMs?: number;
}

/** The room of TypeScript cells: a kernel for each session. */
export function kernelRoom({ runtime, tempDirectory, send, idleMs }: KernelRoomOptions): OrderRoom {
  const pool = new KernelPool({
    tempDirectory,
    logger: runtime.logger,
    idleMs,
    onLost: (sessionId, reason) => send({ type: 'sessionLost', sessionId, reason }),
  });
  const typescript: OrderHandler<'typescript'> = (order, context) =>
    pool.use(order.sessionId, async ({ kernel, handles }) => {
      const started = performance.now();
      let engineMs = 0;
      const end = await kernel.run({
        source: order.source,
        signal: context.signal,
        onStream: (name, text) => context.event({ type: 'stream', name, text }),
        onDisplay: (data) => context.event({ type: 'display', data: ownBundle(data) }),
        onCall: async (method, params, signal) => {
          const asked = performance.now();
          try {
            return await answerCall(method, params, { order: context, handles, signal });
          } finally {
            engineMs += performance.now() - asked;
          }
        },
      });
      if (end.end !== 'done' && end.lost !== undefined)
        context.deliver({ type: 'sessionLost', sessionId: order.sessionId, reason: lostReason(end.lost) });
      if (end.end === 'failed') throw BoathouseError.fromInfo(end.error);
      if (end.end === 'cancelled') throw userError('CANCELLED', 'The cell was stopped.');
      return { engineMs, totalMs: performance.now() - started };
    });
  return {
    handlers: { typescript },
    closeSession: (sessionId) => pool.close(sessionId),
    close: () => pool.stop(),
  };
}

const lostReason = (why: string): string =>
  `${why} The variables of this notebook are gone: run the cells that define them again.`;

/** A cell's own bundle. A stored result in it could name anybody's: only this process shows stored results. */
function ownBundle(data: Record<string, unknown>): MimeBundle {
  const { [RESULT_MIME]: _forged, ...own } = data;
  return own;
}
