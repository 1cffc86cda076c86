import { changed, writeChanges } from '../cdc/write.ts';
import type { DeltaRoom } from '../room.ts';
import { prune } from '../scan/prune.ts';
import { identifier } from '../schema/engine.ts';
import { fileStats } from '../stats/file-stats.ts';
import { updatedRows, updates } from './assign.ts';
import { countTouched } from './count.ts';
import { rowsWhere } from './delete.ts';
import { dmlErrors } from './errors.ts';
import { affectedRows, copiedRows, noFileMetrics, noteFiles } from './file-metrics.ts';
import { markDeleted, type TouchedFile } from './outcome.ts';
import { touchedRows } from './touched.ts';
import type { DmlResult, UpdateRequest } from './types.ts';
import { openWork, readsOf, targetColumn, type Work } from './work.ts';

/** UPDATE. With deletion vectors only the changed rows are written, else the files that hold them. */
export async function updateRows(room: DeltaRoom, location: string, request: UpdateRequest): Promise<DmlResult> {
  const opened = await openWork(room, location, request);
  if ('done' in opened) return opened.done;
  const { work } = opened;
  updates(work.read.fields, request.set);
  if (request.where === null) work.usesVectors = false;
  const where = request.where === null ? 'true' : `(${request.where})`;
  const { files } = await prune(work.read, request.prune ?? []);
  const metrics = { numUpdatedRows: 0, ...noFileMetrics() };
  await work.guarded(async () => {
    const start = room.clock();
    const touched = work.usesVectors
      ? await markDeleted(work, changedRows(work, files, where), metrics)
      : await countTouched(work, files, where);
    metrics.scanTimeMs = room.clock() - start;
    metrics.numUpdatedRows = affectedRows(touched);
    if (!touched.length) return;
    const written = await work.write(await newRows(work, request, touched, where, true), {
      explicitIdentity: true,
      tracked: true,
    });
    const rows = written.reduce((sum, file) => sum + (fileStats(file).numRecords ?? 0), 0);
    // A condition that is asked twice must say the same twice, or rows would be lost.
    if (rows !== metrics.numUpdatedRows + copiedRows(work, touched)) throw dmlErrors.moved(location);
    if (!work.usesVectors) {
      for (const { file } of touched) work.remove(file);
      metrics.numDeletionVectorsRemoved = touched.filter(({ file }) => file.deletionVector).length;
    }
    if (work.recordsChanges)
      await writeChanges(work, [
        changed(await rowsWhere(work, touched, where), 'update_preimage'),
        changed(await newRows(work, request, touched, where, false), 'update_postimage'),
      ]);
    metrics.rewriteTimeMs = room.clock() - start - metrics.scanTimeMs;
    noteFiles(metrics, work, touched, written);
  });
  return work.commit(
    {
      operation: 'UPDATE',
      operationParameters: { predicate: request.where === null ? '[]' : JSON.stringify([request.where]) },
      reads: readsOf(request.prune, files),
    },
    metrics,
  );
}

function changedRows(work: Work, files: Parameters<Work['target']>[0], where: string) {
  const { file, row } = work.names;
  return touchedRows(work.engine, files, async (start, end) => {
    const numbers = Array.from({ length: end - start }, (_, index) => start + index);
    const target = await work.target(files.slice(start, end), { fileNumbers: numbers });
    return `SELECT ${identifier(file)} AS f, ${identifier(row)} AS r FROM ${target} WHERE ${where}`;
  });
}

/**
 * Changed rows; where files are written anew (`asStored` without vectors) the others of their files too. A changed row keeps
 * its id and loses its commit version, which then is that of this commit.
 */
async function newRows(
  work: Work,
  { set }: UpdateRequest,
  touched: readonly TouchedFile[],
  where: string,
  asStored: boolean,
): Promise<string> {
  const { hit } = work.names;
  const files = touched.map(({ file }) => file);
  const target = await work.target(files, { tracked: asStored });
  const all = asStored && !work.usesVectors;
  const marked = `(SELECT *, coalesce(${where}, false) AS ${identifier(hit)} FROM ${target}) AS target`;
  const from = all ? marked : `${target} WHERE ${where}`;
  const isHit = all ? targetColumn(hit) : 'true';
  const kept =
    asStored && work.tracking
      ? [
          `target.${identifier(work.tracking.rowId)}`,
          `CASE WHEN NOT ${isHit} THEN target.${identifier(work.tracking.rowCommitVersion)} END AS ${identifier(work.tracking.rowCommitVersion)}`,
        ]
      : [];
  const { fields } = work.shape;
  const values = updates(fields, set);
  return updatedRows(from, fields, [{ when: isHit, values }], kept, work.compiler(), !all);
}
