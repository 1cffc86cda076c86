import { FileFormat, systemError, userError } from '@boathouse/contracts';
import { type ImportRequest, importFiles as importInto, SchemaMoved } from '@boathouse/engine';
import { progress } from './run-plan.ts';
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
  const known = FileFormat.safeParse(format);
  if (!known.success)
    throw userError(
      'UNSUPPORTED_FILE_FORMAT',
      `Files of the format "${format}" cannot be imported. Use CSV, JSON, Parquet or text.`,
    );
  const work: ImportRequest = {
    body,
    source: { location, fileName, format: known.data, options },
    columns: order.columns,
    author: { runId, txnId: envelope.planId, principal: envelope.principal },
    signal,
    onProgress: progress(context, 'Reading the file'),
  };
  const write = await importInto(runtime, work).catch((error: unknown) => {
    if (!(error instanceof SchemaMoved)) throw error;
    const { tableId, version, columns, fullName } = error;
    context.send({ type: 'schemaMoved', tableId, version, columns });
    throw userError(
      'SCHEMA_MOVED',
      `The columns of ${fullName} have changed since this import was prepared. Look at them and import again.`,
      { status: 409 },
    );
  });
  context.committed(write);
  const totalMs = performance.now() - started;
  context.deliver({ type: 'outcome', runId, outcome: { reads: [], write, engineMs: totalMs, totalMs } });
  return { engineMs: totalMs, totalMs };
};
