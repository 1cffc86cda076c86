import {
  type PlanEnvelope,
  type StatementContext,
  type StatementOutcome,
  systemError,
  userError,
} from '@boathouse/contracts';
import { decodeRows, type Prepared, runStatement, type StatementHost } from '@boathouse/engine';
import { runInner } from './run-plan.ts';
import type { OrderContext } from './types.ts';

/** Rows that FOR goes over at most: they are held in memory. */
const MAX_ROWS = 100_000;

/**
 * Runs a plan of several steps: a script, EXECUTE IMMEDIATE, an assignment. Each statement is planned by the server, with the
 * rights of the run, when its turn comes. Reads and writes are reported as they happen; the outcome is the result to show.
 */
export async function runSteps(envelope: PlanEnvelope, context: OrderContext): Promise<StatementOutcome> {
  const started = performance.now();
  const spent = { engineMs: 0 };
  const host: StatementHost<StatementOutcome> = {
    async plan(text, statement) {
      const next = context.runtime.plans.open(await context.plan(text, statement), context.runId);
      return prepared(next, context, statement, spent);
    },
  };
  const { result } = await runStatement(envelope.statement, prepared(envelope, context, {}, spent), {}, host);
  return {
    ...(result?.result ? { result: result.result } : {}),
    reads: [],
    engineMs: spent.engineMs,
    totalMs: performance.now() - started,
  };
}

function prepared(
  envelope: PlanEnvelope,
  context: OrderContext,
  statement: StatementContext,
  spent: { engineMs: number },
): Prepared<StatementOutcome> {
  // A moved schema is planned for again where the statement stands.
  const inPlace: OrderContext = { ...context, plan: (text) => context.plan(text, statement) };
  const run = async (pick?: (plan: PlanEnvelope) => PlanEnvelope): Promise<StatementOutcome> => {
    if (context.signal.aborted) throw userError('CANCELLED', 'The run was cancelled.');
    const outcome = await runInner(envelope, inPlace, pick);
    spent.engineMs += outcome.engineMs;
    return outcome;
  };
  return {
    body: envelope.body,
    run: () => run(),
    async rows() {
      const { result } = await run(queryOf);
      if (!result) return [];
      if (result.truncated || result.rowCount > MAX_ROWS) {
        throw userError(
          'UNSUPPORTED_FEATURE',
          `A script over more than ${MAX_ROWS} rows is not supported. Use a LIMIT, or one statement for all rows.`,
          { sqlState: '0A000' },
        );
      }
      return decodeRows(await context.runtime.store.get(result.key)).rows;
    },
  };
}

/** The query of a plan alone: the row of an assignment, the rows of FOR. */
function queryOf(envelope: PlanEnvelope): PlanEnvelope {
  const { body } = envelope;
  if (body.kind === 'query' || body.kind === 'assign' || body.kind === 'immediate')
    return { ...envelope, body: { kind: 'query', query: body.query } };
  throw systemError('PLAN_WITHOUT_QUERY', `A plan of the kind ${body.kind} has no rows to read.`);
}
