import { changed, writeChanges } from '../cdc/write.ts';
import type { DeltaRoom } from '../room.ts';
import { prune } from '../scan/prune.ts';
import { identifier } from '../schema/engine.ts';
import { filesByPartition } from './by-partition.ts';
import { countTouched } from './count.ts';
import { affectedRows, noFileMetrics, noteFiles } from './file-metrics.ts';
import { isWhole, liveCount, markDeleted, rowCounts, type TouchedFile } from './outcome.ts';
import { touchedRows } from './touched.ts';
import type { DeleteRequest, DmlResult } from './types.ts';
import { openWork, readsOf, type Work } from './work.ts';

/**
 * DELETE. Files of which no row stays only leave the log; of the others rows are marked in deletion vectors, or the rest is
 * written anew.
 */
export async function deleteRows(room: DeltaRoom, location: string, request: DeleteRequest): Promise<DmlResult> {
  const opened = await openWork(room, location, request);
  if ('done' in opened) return opened.done;
  const { work } = opened;
  const { files } = await prune(work.read, request.prune ?? []);
  const metrics = { numDeletedRows: 0, ...noFileMetrics() };
  await work.guarded(async () => {
    const start = room.clock();
    const touched = await findAndMark(work, request, files, metrics);
    metrics.scanTimeMs = room.clock() - start;
    const partial = touched.filter((one) => !isWhole(one));
    if (!work.usesVectors && partial.length) await rewriteRest(work, request, partial);
    // Files that go whole are told by the log: change files are needed where a part of one goes.
    if (work.recordsChanges && partial.length)
      await writeChanges(work, [
        changed(await rowsWhere(work, touched, request.where === null ? 'true' : `(${request.where})`), 'delete'),
      ]);
    metrics.rewriteTimeMs = room.clock() - start - metrics.scanTimeMs;
    metrics.numDeletedRows = affectedRows(touched);
    noteFiles(metrics, work, touched, work.usesVectors ? [] : work.adds);
  });
  return work.commit(
    {
      operation: request.operation ?? 'DELETE',
      operationParameters: { predicate: request.where === null ? '[]' : JSON.stringify([request.where]) },
      reads: readsOf(request.prune, files),
    },
    metrics,
  );
}

type Metrics = Parameters<typeof markDeleted>[2];

/** The files with rows to delete; those rows are marked, or their files taken out of the log. */
export async function findAndMark(
  work: Work,
  { where }: Pick<DeleteRequest, 'where'>,
  files: Parameters<Work['target']>[0],
  metrics: Metrics,
): Promise<TouchedFile[]> {
  const { file, row } = work.names;
  const removed = (touched: TouchedFile[]) => {
    for (const one of touched) work.remove(one.file);
    metrics.numDeletionVectorsRemoved = touched.filter(({ file: { deletionVector } }) => deletionVector).length;
    return touched;
  };
  const whole = where === null ? files : await filesByPartition(work, files, where);
  if (whole || where === null) {
    const gone = whole ?? files;
    const counts = await rowCounts(work, gone);
    const live = (one: (typeof files)[number]) => liveCount(one, counts);
    return removed(gone.map((one, index) => ({ index, file: one, count: live(one), live: live(one) })));
  }
  if (!work.usesVectors) return removed(await countTouched(work, files, where));
  const touched = touchedRows(work.engine, files, async (start, end) => {
    const numbers = Array.from({ length: end - start }, (_, index) => start + index);
    const target = await work.target(files.slice(start, end), { fileNumbers: numbers });
    return `SELECT ${identifier(file)} AS f, ${identifier(row)} AS r FROM ${target} WHERE (${where})`;
  });
  return markDeleted(work, touched, metrics);
}

/** What stays of files that go: NULL of the condition keeps a row as FALSE does. */
export async function rewriteRest(
  work: Work,
  { where }: Pick<DeleteRequest, 'where'>,
  partial: readonly TouchedFile[],
): Promise<void> {
  const target = await work.target(
    partial.map(({ file }) => file),
    { tracked: true },
  );
  const rows = `SELECT * FROM ${target} WHERE (${where}) IS NOT TRUE`;
  await work.write(rows, { check: false, fill: false, tracked: true });
}

export async function rowsWhere(work: Work, touched: readonly TouchedFile[], condition: string): Promise<string> {
  const target = await work.target(touched.map(({ file }) => file));
  const columns = work.columns.map(identifier).join(', ');
  return `SELECT ${columns} FROM ${target} WHERE ${condition}`;
}
