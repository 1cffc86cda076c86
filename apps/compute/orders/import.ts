import { FileFormat, systemError } from '@boathouse/contracts';
import { importFiles as importInto } from '@boathouse/engine';
import { progress } from './statement.ts';
import type { OrderHandler } from './types.ts';

/** An uploaded file becomes a table, or rows of one, in one commit. */
export const importFiles: OrderHandler<'import'> = async (order, context) => {
  const started = performance.now();
  const { runtime, runId, signal } = context;
  const envelope = runtime.plans.open(order.plan, runId);
  const { body } = envelope;
  if ((body.kind !== 'createTable' && body.kind !== 'insert') || (body.kind === 'createTable' && body.query))
    throw systemError(
      'PLAN_NOT_AN_IMPORT',
      'The plan of an import must create a table or insert into one, without a query.',
    );
  const { location, fileName, format, options } = order.source;
  const write = await importInto(runtime, {
    body,
    source: { location, fileName, format: FileFormat.parse(format), options },
    columns: order.columns,
    author: { runId, txnId: envelope.planId, principal: envelope.principal },
    signal,
    onProgress: progress(context, 'Reading the file'),
  });
  context.committed(write);
  const totalMs = performance.now() - started;
  context.deliver({ type: 'outcome', runId, outcome: { reads: [], write, engineMs: totalMs, totalMs } });
  return { engineMs: totalMs, totalMs };
};
