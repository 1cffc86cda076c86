import type { Column, ObjectStore, ResultManifest } from '@boathouse/contracts';
import type { RecordBatch } from 'apache-arrow';
import type { QueryEnd, QueryOptions } from '../engine.ts';
import { ResultWriter } from '../results/writer.ts';
import type { ExecuteOptions } from './outcome.ts';

/** What reads the rows of a query: as an engine's `query` takes it. */
export type RowReader = Pick<QueryOptions, 'firstBatchRows' | 'onBatch'>;

/** Runs a query, sends its first rows at once as a page, and keeps all of them as a result. */
export async function storeResult(
  deps: { store: ObjectStore; resultLimitBytes?: number },
  columns: Column[],
  { onPage, pageRows = 0 }: Pick<ExecuteOptions, 'onPage' | 'pageRows'>,
  run: (reader: RowReader) => Promise<QueryEnd>,
): Promise<{ result: ResultManifest; engineMs: number }> {
  const writer = new ResultWriter({ store: deps.store, columns, limitBytes: deps.resultLimitBytes });
  const wantsPage = onPage !== undefined && pageRows > 0;
  // A page says whether rows follow, so it waits for the second batch or the end: for small results they come together.
  let waiting: { rows: number; page: () => Uint8Array } | null = null;
  let paged = !wantsPage;
  const send = (more: boolean) => {
    if (!waiting) return;
    onPage?.({ bytes: waiting.page(), rows: waiting.rows, more });
    waiting = null;
    paged = true;
  };
  const onBatch = async (batch: RecordBatch): Promise<boolean> => {
    const { accepted, page } = await writer.add(batch);
    if (!paged) {
      if (waiting) send(true);
      else {
        waiting = { rows: batch.numRows, page };
        // A full first batch: more is likely, and the reader should not wait for it.
        if (batch.numRows >= pageRows) send(true);
      }
    }
    return accepted;
  };
  try {
    const end = await run({ firstBatchRows: wantsPage ? pageRows : undefined, onBatch });
    if (!paged && waiting) send(false);
    else if (!paged) onPage?.({ bytes: writer.emptyPage(), rows: 0, more: false });
    return { result: await writer.finish(), engineMs: end.engineMs };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
