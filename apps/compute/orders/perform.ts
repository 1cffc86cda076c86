import { type BoathouseError, errorInfo, type RunEvent, systemError, type WorkOrder } from '@boathouse/contracts';
import { STOPPING } from '../sessions.ts';
import type { OrderContext, OrderEnd, OrderHandlers } from './types.ts';

type Finished = Extract<RunEvent, { type: 'finished' }>;

/** Performs an order by its row of the table and ends its log with `finished`. Never rejects. */
export async function perform(handlers: OrderHandlers, order: WorkOrder, context: OrderContext): Promise<void> {
  const started = performance.now();
  let finished: Finished;
  try {
    if (context.signal.aborted) finished = stopped(context.signal);
    else {
      const end = await dispatch(handlers, order, context);
      finished = { type: 'finished', state: 'succeeded', ...end };
    }
  } catch (error) {
    const info = errorInfo(error);
    if (info.code === 'INTERNAL_ERROR')
      context.runtime.logger.error({ err: error, runId: order.runId }, 'an order failed by a bug');
    else if (info.fault === 'system')
      context.runtime.logger.warn({ runId: order.runId, code: info.code, detail: info.detail }, info.message);
    finished =
      context.signal.aborted || (error as BoathouseError).code === 'CANCELLED'
        ? stopped(context.signal)
        : { type: 'finished', state: 'failed', error: info };
  }
  context.event({ ...finished, totalMs: finished.totalMs ?? performance.now() - started });
}

/** The end of a run that did not reach its own: cancelled by a person, or lost with this process. */
function stopped(signal: AbortSignal): Finished {
  if (signal.reason !== STOPPING) return { type: 'finished', state: 'cancelled' };
  const error = systemError(
    'COMPUTE_STOPPED',
    'The compute process was stopped while this ran; nothing that it had committed is lost. Run it again.',
    {
      status: 503,
    },
  );
  return { type: 'finished', state: 'lost', error: error.toInfo() };
}

function dispatch(handlers: OrderHandlers, order: WorkOrder, context: OrderContext): Promise<OrderEnd> {
  // One branch a kind: TypeScript cannot pair a handler with its order by a computed key.
  switch (order.kind) {
    case 'statement':
      return handlers.statement?.(order, context) ?? unsupported(order.kind);
    case 'typescript':
      return handlers.typescript?.(order, context) ?? unsupported(order.kind);
    case 'import':
      return handlers.import?.(order, context) ?? unsupported(order.kind);
    case 'pipeline':
      return handlers.pipeline?.(order, context) ?? unsupported(order.kind);
  }
}

const unsupported = (kind: string): Promise<never> =>
  Promise.reject(
    systemError(
      'UNSUPPORTED_ORDER',
      `This compute process does not run ${kind} work. Update it to the version of the server.`,
      { status: 501 },
    ),
  );
