import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BoathouseError, RESULT_MIME, type ResultManifest, userError } from '@boathouse/contracts';
import { z } from 'zod';
import { runText } from '../orders/statement.ts';
import type { OrderContext } from '../orders/types.ts';
import type { Handles } from './handles.ts';
import { LocalTable, storeLocalTable } from './local-table.ts';

/** What a cell may ask of this process. Everything that it says is checked here: the code around it is a person's. */
export interface CallContext {
  order: OrderContext;
  handles: Handles;
  /** Aborted when the cell stops or no longer waits. */
  signal: AbortSignal;
}

/** Bytes of Arrow that a cell may take into its memory at once. */
const MAX_ROWS_BYTES = 64 * 1024 * 1024;
const MAX_TEXT = 4 * 1024 * 1024;

const Text = z.object({ text: z.string().max(MAX_TEXT) });
const Handle = z.object({ handle: z.number().int() });

type Call = (params: unknown, context: CallContext) => Promise<unknown>;
const call =
  <T>(schema: z.ZodType<T>, work: (params: T, context: CallContext) => Promise<unknown>): Call =>
  (params, context) => {
    const parsed = schema.safeParse(params);
    if (!parsed.success) throw userError('BAD_CALL', 'The cell asked for something in a form that is not understood.');
    return work(parsed.data, context);
  };

const require = createRequire(import.meta.url);

const calls: Record<string, Call> = {
  /** Runs a query; answers its rows as an Arrow IPC stream. */
  query: call(Text, async ({ text }, context) => {
    // One byte more than may be taken: what is cut is too large, and nobody waits for the rest.
    const runtime = { ...context.order.runtime, resultLimitBytes: MAX_ROWS_BYTES + 1 };
    return bytesOf(await resultOf(text, { ...context, order: { ...context.order, runtime } }), context);
  }),
  /** Runs any statement once; answers its columns and a handle of its rows. */
  run: call(Text, async ({ text }, context) => {
    const { result } = await runText(text, scoped(context));
    if (!result?.columns.length) return { handle: null, columns: [], rowCount: 0 };
    return { handle: context.handles.add(result), columns: result.columns, rowCount: result.rowCount };
  }),
  fetch: call(Handle, ({ handle }, context) => bytesOf(context.handles.get(handle), context)),
  /** Columns of a query. The server plans it, nothing runs. */
  describe: call(Text, async ({ text }, { order }) => {
    const { body } = order.runtime.plans.open(await order.plan(text), order.runId);
    if (body.kind === 'query') return body.query.columns;
    throw userError('NOT_A_QUERY', 'Only a query can be used as a DataFrame.');
  }),
  /** Runs a query and shows its rows. */
  show: call(Text, async ({ text }, context) => display(await resultOf(text, context), context)),
  showHandle: call(Handle, async ({ handle }, context) => display(context.handles.get(handle), context)),
  table: call(LocalTable, async (table, context) =>
    display(await storeLocalTable(context.order.runtime.store, table), context),
  ),
  library: call(z.object({ name: z.literal('arrow') }), () =>
    readFile(join(dirname(require.resolve('apache-arrow')), 'Arrow.es2015.min.js')),
  ),
};

/** Answers a call of a cell. Throws BoathouseErrors that say where in the SQL they lie. */
export async function answerCall(method: string, params: unknown, context: CallContext): Promise<unknown> {
  const known = Object.hasOwn(calls, method) ? calls[method] : undefined;
  if (!known) throw userError('UNKNOWN_CALL', `Cells cannot ask for "${method.slice(0, 100)}".`);
  try {
    return await known(params, context);
  } catch (error) {
    const text = Text.safeParse(params);
    throw text.success ? withPlace(error, text.data.text) : error;
  }
}

const scoped = ({ order, signal }: CallContext): OrderContext => ({ ...order, signal });

async function resultOf(text: string, context: CallContext): Promise<ResultManifest> {
  const { result } = await runText(text, scoped(context));
  if (result) return result;
  throw userError('NOT_A_QUERY', 'Only a query has rows.');
}

async function bytesOf(result: ResultManifest, { order }: CallContext): Promise<Uint8Array> {
  if (result.truncated || result.byteCount > MAX_ROWS_BYTES)
    throw userError(
      'RESULT_TOO_LARGE',
      `The result has ${result.truncated ? 'more than ' : ''}${result.rowCount.toLocaleString('en-US')} rows: a cell can collect 64 MB. Use limit or an aggregate, display it, or save it as a table.`,
    );
  return order.runtime.store.get(result.key);
}

async function display(result: ResultManifest, { order }: CallContext): Promise<null> {
  const rows = result.rowCount === 1 ? '1 row' : `${result.rowCount.toLocaleString('en-US')} rows`;
  order.event({ type: 'display', data: { [RESULT_MIME]: result, 'text/plain': rows } });
  return null;
}

/** The place that an error names is one of the statement's text, not of the cell's: it goes into the words. */
function withPlace(error: unknown, text: string): unknown {
  if (!(error instanceof BoathouseError) || !error.position) return error;
  const { line, column } = error.position;
  const shown = (text.split('\n')[line - 1] ?? '').slice(0, 500);
  const place = `In the SQL, line ${line}, column ${column}:\n${shown}\n${' '.repeat(Math.min(column, 500) - 1)}^`;
  return new BoathouseError(error.code, error.message, error.fault, {
    status: error.status,
    sqlState: error.sqlState,
    detail: [place, error.detail].filter(Boolean).join('\n\n'),
    cause: error,
  });
}
