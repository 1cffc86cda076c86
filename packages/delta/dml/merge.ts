import type { PrunePredicate } from '@boathouse/contracts';
import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { evolved } from '../alter/evolve.ts';
import type { DeltaRoom } from '../room.ts';
import { prune } from '../scan/prune.ts';
import { fileStats } from '../stats/file-stats.ts';
import { metadataWith } from '../write/shape.ts';
import { equalitiesOf } from './equalities.ts';
import { dmlErrors } from './errors.ts';
import { keyRanges } from './key-ranges.ts';
import { mergeMetrics } from './merge-metrics.ts';
import { changedAndInserted, changedSql, insertedFiles, type Merge, recordChanges } from './merge-rows.ts';
import { isWhole, liveCount, markDeleted, rowCounts, type TouchedFile } from './outcome.ts';
import { findPairs, onlyDeletes, StagedSource } from './pairs.ts';
import { type Touched, touchedRows } from './touched.ts';
import type { DmlResult, MergeRequest } from './types.ts';
import { openWork, readsOf } from './work.ts';

/**
 * MERGE. The source is staged, joined with the columns of the target that conditions name, and only files with rows to
 * change are read whole. Without matches to act on it only appends.
 */
export async function mergeRows(room: DeltaRoom, location: string, request: MergeRequest): Promise<DmlResult> {
  const appends = !request.matched.length && !request.notMatchedBySource.length;
  const opened = await openWork(room, location, request, { appends });
  if ('done' in opened) return opened.done;
  const { work } = opened;
  const table = evolved(room, work.read, request);
  work.shape = table.shape;
  work.snapshot = table.snapshot;
  const { fields } = work.shape;
  const metrics = mergeMetrics();
  const isBound = !request.notMatchedBySource.length;
  const predicates: PrunePredicate[] = isBound ? [...(request.prune ?? [])] : [];
  let files: readonly AddFile[] = [];
  const stage = await room.reader.store.stage();
  try {
    await work.guarded(async () => {
      const start = room.clock();
      const source = await StagedSource.read(work, stage, request.source);
      metrics.numSourceRows = source.rows;
      metrics.materializeSourceTimeMs = room.clock() - start;
      if (isBound) predicates.push(...(await keyRanges(work, source, equalitiesOf(request.on))));
      files = (await prune(work.read, predicates)).files;
      const pairs = await findPairs(work, stage, source, request, await work.target(files));
      const merge: Merge = { work, request, source, pairs, fields };
      const touched = await findTouched(merge, files, metrics);
      metrics.scanTimeMs = room.clock() - start - metrics.materializeSourceTimeMs;
      await rewrite(merge, touched, metrics);
      metrics.rewriteTimeMs = room.clock() - start - metrics.materializeSourceTimeMs - metrics.scanTimeMs;
    });
  } finally {
    await stage.discard();
  }
  const isAdvanced = work.shape.fields !== fields;
  const metadata = isAdvanced ? metadataWith(table.metadata ?? work.read.metadata, work.shape.fields) : table.metadata;
  return work.commit(
    {
      operation: 'MERGE',
      operationParameters: parametersOf(request),
      reads: readsOf(predicates, files),
      ...(metadata ? { metadata } : {}),
      ...(table.protocol ? { protocol: table.protocol } : {}),
    },
    { ...metrics },
  );
}

type Metrics = ReturnType<typeof mergeMetrics>;

async function findTouched(merge: Merge, files: readonly AddFile[], metrics: Metrics): Promise<TouchedFile[]> {
  const { work, request, pairs } = merge;
  if (!request.matched.length && !request.notMatchedBySource.length) return [];
  const touched = once(
    merge,
    touchedRows(
      work.engine,
      files,
      async (start, end) => `SELECT f, r FROM ${pairs.moves} AS moves WHERE f >= ${start} AND f < ${end}`,
    ),
  );
  if (work.usesVectors) {
    const vectors = {
      numDeletionVectorsAdded: 0,
      numDeletionVectorsUpdated: 0,
      numDeletionVectorsRemoved: 0,
    };
    const found = await markDeleted(work, touched, vectors);
    metrics.numTargetDeletionVectorsAdded = vectors.numDeletionVectorsAdded;
    metrics.numTargetDeletionVectorsUpdated = vectors.numDeletionVectorsUpdated;
    metrics.numTargetDeletionVectorsRemoved = vectors.numDeletionVectorsRemoved;
    return found;
  }
  const found: TouchedFile[] = [];
  for await (const { index, file, count } of touched)
    found.push({ index, file, count, live: liveCount(file, await rowCounts(work, [file])) });
  for (const { file } of found) work.remove(file);
  metrics.numTargetDeletionVectorsRemoved = found.filter(({ file }) => file.deletionVector).length;
  return found;
}

/** Throws DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE where a row is named twice. */
async function* once({ work, request }: Merge, touched: AsyncIterable<Touched>): AsyncGenerator<Touched> {
  for await (const one of touched) {
    if (one.named > one.count && !onlyDeletes(request)) throw dmlErrors.multipleMatches(work.read.location);
    yield one;
  }
}

const ByClause = z.array(
  z.object({ clause: z.union([z.bigint(), z.number()]).transform(Number), n: z.bigint().transform(Number) }),
);

async function rewrite(merge: Merge, touched: readonly TouchedFile[], metrics: Metrics): Promise<void> {
  const { work, request, pairs } = merge;
  const clauses = [...request.matched, ...request.notMatchedBySource];
  const kinds = clauses.map(({ action }) => action.kind);
  const counts = ByClause.parse(
    touched.length
      ? await work.engine.rows(`SELECT clause, count(*) AS n FROM ${pairs.moves} AS moves GROUP BY clause`)
      : [],
  );
  for (const { clause, n } of counts) metrics.changed(kinds[clause] ?? 'delete', clause < request.matched.length, n);
  const live = touched.reduce((sum, one) => sum + one.live, 0);
  const changedRows = touched.reduce((sum, one) => sum + one.count, 0);
  const updated = metrics.numTargetRowsUpdated;
  metrics.numTargetRowsCopied = work.usesVectors ? 0 : live - changedRows;
  const expected = updated + metrics.numTargetRowsCopied;
  const together = expected > 0 ? await changedAndInserted(merge, await changedSql(merge, touched, true)) : null;
  if (together && rowsIn(together.adds) !== expected + together.rows) throw dmlErrors.moved(work.read.location);
  if (expected > 0 && !together) {
    const adds = await work.write(await changedSql(merge, touched, true), { explicitIdentity: true, tracked: true });
    if (rowsIn(adds) !== expected) throw dmlErrors.moved(work.read.location);
  }
  const inserted = together ? together.sql : await insertedFiles(merge);
  metrics.numTargetRowsInserted = typeof inserted === 'string' ? (together?.rows ?? 0) : rowsIn(inserted);
  metrics.numOutputRows = expected + metrics.numTargetRowsInserted;
  if (work.recordsChanges && touched.length) await recordChanges(merge, touched, inserted, metrics);
  const gone = work.usesVectors ? touched.filter(isWhole) : touched;
  const added = work.adds.filter(({ deletionVector }) => !deletionVector);
  metrics.numTargetFilesRemoved = gone.length;
  metrics.numTargetBytesRemoved = gone.reduce((sum, { file }) => sum + file.size, 0);
  metrics.numTargetFilesAdded = added.length;
  metrics.numTargetBytesAdded = added.reduce((sum, { size }) => sum + size, 0);
  metrics.numTargetChangeFilesAdded = work.cdcs.length;
}

const rowsIn = (files: readonly AddFile[]): number =>
  files.reduce((sum, file) => sum + (fileStats(file).numRecords ?? 0), 0);

/** As Spark tells a merge in the history. */
function parametersOf(request: MergeRequest): Record<string, unknown> {
  const tell = (clauses: readonly { condition: string | null; action?: { kind: string } }[]) =>
    JSON.stringify(
      clauses.map(({ condition, action }) => ({
        ...(condition === null ? {} : { predicate: condition }),
        actionType: action?.kind ?? 'insert',
      })),
    );
  return {
    predicate: JSON.stringify([request.on]),
    matchedPredicates: tell(request.matched),
    notMatchedPredicates: tell(request.notMatched),
    notMatchedBySourcePredicates: tell(request.notMatchedBySource),
  };
}
