import type { PlanEnvelope, StatementOutcome } from '@boathouse/contracts';
import { userError } from '@boathouse/contracts';
import { executePlan, SchemaMoved } from '@boathouse/engine';
import type { OrderContext } from './types.ts';

/** A schema that moves again while it is planned again: someone alters the table in a loop. */
const MAX_PLANS = 3;

/**
 * Runs a verified plan; where the log shows another schema, the catalog is told and the statement is planned anew. `pick`: what
 * of a plan is run.
 */
export async function runPlan(
  first: PlanEnvelope,
  context: OrderContext,
  pageRows: number,
  pick: (envelope: PlanEnvelope) => PlanEnvelope = (envelope) => envelope,
): Promise<StatementOutcome> {
  const { runtime, runId, signal } = context;
  let envelope = pick(first);
  for (let plans = 1; ; plans++) {
    try {
      return await executePlan(runtime, envelope, {
        runId,
        txnId: envelope.planId,
        signal,
        pageRows,
        onPage: (page) => context.page(page),
        onWrite: (write) => context.committed(write),
        onProgress: progress(context),
      });
    } catch (error) {
      if (!(error instanceof SchemaMoved)) throw error;
      if (plans >= MAX_PLANS)
        throw userError(
          'SCHEMA_KEEPS_MOVING',
          `The columns of ${error.fullName} changed each time the statement was about to run. Run it again.`,
          { status: 409 },
        );
      const { tableId, version, columns } = error;
      context.send({ type: 'schemaMoved', tableId, version, columns });
      envelope = pick(runtime.plans.open(await context.plan(envelope.statement), runId));
    }
  }
}

/** Runs a plan inside of an order and reports what it read and wrote. `pick`: what of it is run. */
export async function runInner(
  envelope: PlanEnvelope,
  context: OrderContext,
  pick?: (envelope: PlanEnvelope) => PlanEnvelope,
): Promise<StatementOutcome> {
  const { runId } = context;
  // USE, CREATE VIEW and their like: the server has done it and there is nothing to read.
  if (envelope.body.kind === 'local' && !envelope.body.columns.length) return { reads: [], engineMs: 0, totalMs: 0 };
  // The run's page belongs to what its cell shows, not to a statement inside of it.
  const outcome = await runPlan(envelope, { ...context, page: () => {} }, 0, pick);
  context.deliver({
    type: 'statementDone',
    runId,
    planId: envelope.planId,
    reads: outcome.reads,
    write: outcome.write,
  });
  return outcome;
}

/** Progress for the log of the run: whole per cent, at most two a second, and none for statements that end at once. */
export function progress(context: OrderContext, message = 'Running'): (percent: number) => void {
  let lastAtMs = performance.now();
  let last = -1;
  return (percent) => {
    const whole = Math.floor(percent);
    if (whole <= last || performance.now() - lastAtMs < 500) return;
    last = whole;
    lastAtMs = performance.now();
    context.event({ type: 'progress', percent: whole, message });
  };
}
