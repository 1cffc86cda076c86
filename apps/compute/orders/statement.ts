import type { StatementOutcome } from '@boathouse/contracts';
import { isScripted } from '@boathouse/engine';
import { runInner, runPlan } from './run-plan.ts';
import { runSteps } from './steps.ts';
import type { OrderContext, OrderHandler } from './types.ts';

export const statement: OrderHandler<'statement'> = async (order, context) => {
  const envelope = context.runtime.plans.open(order.plan, order.runId);
  const outcome = isScripted(envelope.body)
    ? await runSteps(envelope, context)
    : await runPlan(envelope, context, order.pageRows);
  context.deliver({ type: 'outcome', runId: order.runId, outcome });
  return { engineMs: outcome.engineMs, totalMs: outcome.totalMs };
};

/**
 * Plans and runs a statement made at run time (a kernel's, a stream's) with the rights of its run, and reports what it
 * read and wrote. Rows lie in the store under `result.key`. Throws the server's refusal or the engine's error.
 */
export async function runText(text: string, context: OrderContext): Promise<StatementOutcome> {
  const envelope = context.runtime.plans.open(await context.plan(text), context.runId);
  return isScripted(envelope.body) ? runSteps(envelope, context) : runInner(envelope, context);
}
