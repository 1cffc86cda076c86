import { invariant } from '@boathouse/contracts';
import { evolved } from '../alter/evolve.ts';
import { changed, writeChanges } from '../cdc/write.ts';
import { findAndMark, rewriteRest, rowsWhere } from '../dml/delete.ts';
import { isWhole } from '../dml/outcome.ts';
import { openWork, readsOf, type Work } from '../dml/work.ts';
import type { DeltaRoom } from '../room.ts';
import { prune } from '../scan/prune.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { identifier } from '../schema/engine.ts';
import { fileStats } from '../stats/file-stats.ts';
import type { Snapshot } from '../types.ts';
import type { Check } from './checks.ts';
import { writeErrors } from './errors.ts';
import { given } from './files.ts';
import { metadataWith } from './shape.ts';
import type { InsertRequest, WriteResult } from './types.ts';

/**
 * REPLACE WHERE: the rows that fulfil a condition go, and new ones that fulfil it come. REPLACE ON: the rows go that match a
 * new one. Both in one commit.
 */
export async function replaceRows(room: DeltaRoom, location: string, request: InsertRequest): Promise<WriteResult> {
  const isOn = request.mode === 'replaceOn';
  const replaced = isOn ? request.replaceOn : request.replaceWhere;
  invariant(replaced, 'the request says which rows go');
  const opened = await openWork(room, location, { ...request, prune: replaced.prune });
  if ('done' in opened) return { ...opened.done, version: opened.done.version ?? 0 };
  const { work } = opened;
  const { files } = await prune(work.read, replaced.prune ?? []);
  const { shape, snapshot, metadata, protocol } = evolved(room, work.read, request);
  const vectors = { numDeletionVectorsAdded: 0, numDeletionVectorsUpdated: 0, numDeletionVectorsRemoved: 0 };
  const metrics = {
    numFiles: 0,
    numOutputRows: 0,
    numOutputBytes: 0,
    numRemovedFiles: 0,
    numRemovedBytes: 0,
    numDeletedRows: 0,
    numCopiedRows: 0,
    numAddedChangeFiles: 0,
  };
  await work.guarded(async () => {
    const before = work.shape;
    work.shape = shape;
    const adds = await work.write(request.rows, {
      fill: true,
      ...given(request),
      checks: isOn ? [] : [fulfils(replaced.condition, replaced.text, work.columns)],
    });
    const after = work.shape;
    // The new rows were written first: what they match is asked of their files, so that the query runs once.
    const where = isOn ? await matches(room, snapshot, adds, replaced.condition) : replaced.condition;
    work.shape = before;
    const touched = await findAndMark(work, { where }, files, vectors);
    const partial = touched.filter((one) => !isWhole(one));
    if (!work.usesVectors && partial.length) await rewriteRest(work, { where }, partial);
    work.shape = after;
    work.snapshot = snapshot;
    // Files that go whole are told by the log; once there are change files they must tell everything.
    if (work.recordsChanges && partial.length)
      await writeChanges(work, [
        changed(await rowsWhere(work, touched, `(${where})`), 'delete'),
        changed(await newRows(work, adds), 'insert'),
      ]);
    const gone = work.usesVectors ? touched.filter(isWhole) : touched;
    metrics.numFiles = adds.length;
    metrics.numOutputRows = adds.reduce((sum, file) => sum + (fileStats(file).numRecords ?? 0), 0);
    metrics.numOutputBytes = adds.reduce((sum, { size }) => sum + size, 0);
    metrics.numRemovedFiles = gone.length;
    metrics.numRemovedBytes = gone.reduce((sum, { file }) => sum + file.size, 0);
    metrics.numDeletedRows = touched.reduce((sum, { count }) => sum + count, 0);
    metrics.numCopiedRows = work.usesVectors ? 0 : partial.reduce((sum, { count, live }) => sum + live - count, 0);
    metrics.numAddedChangeFiles = work.cdcs.length;
  });
  const isAdvanced = work.shape.fields !== shape.fields;
  const last = isAdvanced ? metadataWith(metadata ?? work.read.metadata, work.shape.fields) : metadata;
  const done = await work.commit(
    {
      operation: request.operation ?? 'WRITE',
      operationParameters: { mode: 'Overwrite', partitionBy: '[]', predicate: replaced.text },
      reads: request.readVersion === undefined ? readsOf(replaced.prune, files) : { kind: 'table' },
      ...(last ? { metadata: last } : {}),
      ...(protocol ? { protocol } : {}),
    },
    metrics,
  );
  return { ...done, version: done.version ?? work.read.version };
}

const fulfils = (condition: string, text: string, columns: readonly string[]): Check => ({
  failed: `(${condition}) IS NOT TRUE`,
  columns,
  error: (row) => writeErrors.notReplaced(text, row),
});

async function matches(
  room: DeltaRoom,
  snapshot: Snapshot,
  adds: Parameters<Work['target']>[0],
  condition: string,
): Promise<string> {
  const names = snapshot.fields.map(({ name }) => name);
  return `EXISTS (SELECT 1 FROM ${await relation(scanOf(room), snapshot, adds, names)} AS source WHERE ${condition})`;
}

async function newRows(work: Work, adds: Parameters<Work['target']>[0]): Promise<string> {
  const columns = work.columns.map(identifier).join(', ');
  return `SELECT ${columns} FROM ${await work.target(adds)}`;
}
