import { randomUUID } from 'node:crypto';
import { type PipelineEvent, PipelinePlan, systemError, userError } from '@boathouse/contracts';
import { runUpdate } from '@boathouse/pipelines';
import type { OrderHandler } from './types.ts';

/** An update of a pipeline. It fails where a flow has failed; what the others wrote stays. */
export const pipelineUpdate: OrderHandler<'pipeline'> = async (order, context) => {
  const started = performance.now();
  const { runtime, runId, signal } = context;
  const plan = PipelinePlan.parse(JSON.parse(runtime.plans.payload(order.order.plan)));
  if (plan.updateId !== runId)
    throw systemError('PLAN_OF_ANOTHER_RUN', 'A plan was refused because it belongs to another run.', { status: 403 });
  if (plan.expiresAtMs < runtime.clock())
    throw systemError(
      'PLAN_EXPIRED',
      'The update waited so long that its permissions must be checked again. Run it again.',
      { status: 409 },
    );
  const end = await runUpdate({
    ...runtime,
    ids: randomUUID,
    plan,
    signal,
    onEvent: (event) => context.event(flowEvent(event)),
    onCommit: (write) => context.committed(write),
    onRead: (reads) => context.deliver({ type: 'statementDone', runId, planId: plan.updateId, reads }),
    onSchemaMoved: ({ tableId, version, columns }) => context.send({ type: 'schemaMoved', tableId, version, columns }),
    onBug: (error, dataset) => runtime.logger.error({ err: error, runId, dataset }, 'a flow failed by a bug'),
  });
  if (end.state === 'CANCELED') throw userError('CANCELLED', 'The update was stopped.', { status: 409 });
  const failed = end.errors[0];
  if (failed) {
    const more = end.errors.length > 1 ? ` (${end.errors.length - 1} more failed)` : '';
    const { code, message, fault, ...rest } = failed.error;
    const told = fault === 'user' ? userError : systemError;
    throw told(code, `${failed.dataset}: ${message}${more}`, rest);
  }
  return { engineMs: performance.now() - started };
};

/** An event of the event log, as news of the run. */
const flowEvent = (event: PipelineEvent) => ({
  type: 'flow' as const,
  flow: event.origin.dataset_name ?? '',
  status: event.event_type,
  details: { ...event },
});
