import type { PrunePredicate } from '@boathouse/contracts';
import { z } from 'zod';
import type { AddFile } from '../actions/types.ts';
import { evolved } from '../alter/evolve.ts';
import { changed, writeChanges } from '../cdc/write.ts';
import type { DeltaRoom } from '../room.ts';
import { prune } from '../scan/prune.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { identifier } from '../schema/engine.ts';
import type { DeltaField } from '../schema/types.ts';
import { fileStats } from '../stats/file-stats.ts';
import { metadataWith } from '../write/shape.ts';
import { assignments, type Branch, updatedRows, updates } from './assign.ts';
import { dmlErrors } from './errors.ts';
import { keyRanges } from './key-ranges.ts';
import { mergeMetrics } from './merge-metrics.ts';
import { isWhole, liveCount, markDeleted, rowCounts, type TouchedFile } from './outcome.ts';
import { clauseOf, findPairs, onlyDeletes, type Pairs, StagedSource } from './pairs.ts';
import { type Touched, touchedRows } from './touched.ts';
import type { DmlResult, MergeRequest } from './types.ts';
import { openWork, readsOf, type Work } from './work.ts';

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
      if (isBound) predicates.push(...(await keyRanges(work, source, request.keys ?? [])));
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

interface Merge {
  work: Work;
  request: MergeRequest;
  source: StagedSource;
  pairs: Pairs;
  fields: readonly DeltaField[];
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
  if (expected > 0) {
    const adds = await work.write(await changedSql(merge, touched, true), { explicitIdentity: true, tracked: true });
    if (rowsIn(adds) !== expected) throw dmlErrors.moved(work.read.location);
  }
  const inserted = await insert(merge);
  metrics.numTargetRowsInserted = rowsIn(inserted);
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

/** Touched files as `target` beside what is to become of their rows as `source`. */
async function joined(merge: Merge, touched: readonly TouchedFile[], how: 'JOIN' | 'LEFT JOIN', tracked: boolean) {
  const { work, source, pairs } = merge;
  const { number, file, row, clause } = source.names;
  const target = await work.target(
    touched.map((one) => one.file),
    { tracked, fileNumbers: touched.map(({ index }) => index) },
  );
  const moves = `(SELECT source.*, moves.f AS ${identifier(file)}, moves.r AS ${identifier(row)}, moves.clause AS ${identifier(clause)}
    FROM ${pairs.moves} AS moves LEFT JOIN ${source.relation} AS source ON source.${identifier(number)} = moves.s)`;
  const on = `source.${identifier(file)} = target.${identifier(work.names.file)} AND source.${identifier(row)} = target.${identifier(work.names.row)}`;
  return { from: `${target} ${how} ${moves} AS source ON ${on}`, clause: `source.${identifier(clause)}` };
}

function branchesOf({ request, fields }: Merge, clause: string): { branches: Branch[]; deletes: number[] } {
  const clauses = [...request.matched, ...request.notMatchedBySource];
  const branches = clauses.flatMap(({ action }, index): Branch[] =>
    action.kind === 'update' ? [{ when: `(${clause} = ${index})`, values: updates(fields, action.set) }] : [],
  );
  return { branches, deletes: clauses.flatMap(({ action }, index) => (action.kind === 'delete' ? [index] : [])) };
}

/**
 * Rows as they are after the merge: updated ones, and where files are written anew (`asStored` without vectors) those that
 * stay as they are.
 */
async function changedSql(merge: Merge, touched: readonly TouchedFile[], asStored: boolean): Promise<string> {
  const { work, fields } = merge;
  const keepsOthers = asStored && !work.usesVectors;
  const { from, clause } = await joined(merge, touched, keepsOthers ? 'LEFT JOIN' : 'JOIN', asStored);
  const { branches, deletes } = branchesOf(merge, clause);
  const stays = deletes.length ? `${clause} NOT IN (${deletes.join(', ')})` : 'true';
  const where = keepsOthers ? `(${clause} IS NULL OR ${stays})` : stays;
  const kept =
    asStored && work.tracking
      ? [
          `target.${identifier(work.tracking.rowId)}`,
          `CASE WHEN ${clause} IS NULL THEN target.${identifier(work.tracking.rowCommitVersion)} END AS ${identifier(work.tracking.rowCommitVersion)}`,
        ]
      : [];
  return updatedRows(`${from} WHERE ${where}`, fields, branches, kept, work.compiler(), !keepsOthers);
}

/** Source rows without a match, by clause: each may leave other columns to their defaults. */
async function insert(merge: Merge): Promise<AddFile[]> {
  const { work, request, source, pairs, fields } = merge;
  const number = identifier(source.names.number);
  const clause = identifier(source.names.clause);
  const alone = `(SELECT *, ${clauseOf(request.notMatched)} AS ${clause} FROM ${source.relation} AS source
    WHERE NOT EXISTS (SELECT 1 FROM ${pairs.matches} AS pair WHERE pair.s = source.${number}))`;
  const adds: AddFile[] = [];
  for (const [index, { values }] of request.notMatched.entries()) {
    const columns = [...assignments(fields, values)].map(([field, value]) => `${value} AS ${identifier(field.name)}`);
    const selected = columns.join(', ') || `NULL AS ${identifier(source.names.row)}`;
    const rows = `SELECT ${selected} FROM ${alone} AS source WHERE source.${clause} = ${index}`;
    const tracked = work.tracking
      ? `SELECT *, CAST(NULL AS BIGINT) AS ${identifier(work.tracking.rowId)}, CAST(NULL AS BIGINT) AS ${identifier(work.tracking.rowCommitVersion)} FROM (${rows}) AS added`
      : rows;
    adds.push(...(await work.write(tracked, { fill: true, tracked: true })));
  }
  return adds;
}

async function recordChanges(
  merge: Merge,
  touched: readonly TouchedFile[],
  inserted: readonly AddFile[],
  metrics: Metrics,
): Promise<void> {
  const { work } = merge;
  const { from, clause } = await joined(merge, touched, 'JOIN', false);
  const { deletes } = branchesOf(merge, clause);
  const columns = work.columns.map((name) => `target.${identifier(name)}`).join(', ');
  const isDelete = deletes.length ? `${clause} IN (${deletes.join(', ')})` : 'false';
  const parts: string[] = [];
  if (metrics.numTargetRowsDeleted) parts.push(changed(`SELECT ${columns} FROM ${from} WHERE ${isDelete}`, 'delete'));
  if (metrics.numTargetRowsUpdated)
    parts.push(
      changed(`SELECT ${columns} FROM ${from} WHERE NOT ${isDelete}`, 'update_preimage'),
      changed(await changedSql(merge, touched, false), 'update_postimage'),
    );
  // Read back, because they hold values that only the write gave them.
  if (inserted.length)
    parts.push(
      changed(
        `SELECT * FROM ${await relation(scanOf(work.room), work.snapshot, inserted, work.columns, { timeZone: work.request.timeZone })} AS added`,
        'insert',
      ),
    );
  await writeChanges(work, parts);
}

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
