import type { AddFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { deletedRows } from '../scan/deletion-vector.ts';
import { relation, type ScanRoom } from '../scan/relation.ts';
import { CHUNK_BYTES, CHUNK_ROWS, countBits, countRows, encodeRows, type RowSet } from '../scan/roaring.ts';
import { encodeZ85 } from '../scan/z85.ts';
import { fileStats } from '../stats/file-stats.ts';
import type { RelationOptions, Snapshot } from '../types.ts';
import { feedTable } from './columns.ts';
import type { VersionChanges } from './plan.ts';

/** Engine text of all changes: change files, files as a whole, and differences of deletion vectors. */
export async function feedRelation(
  scan: ScanRoom,
  snapshot: Snapshot,
  changes: VersionChanges,
  needed: readonly string[],
  options: RelationOptions,
): Promise<string> {
  const stored = feedTable(snapshot, true);
  const whole = feedTable(snapshot, false);
  const branches: string[] = [];
  if (changes.stored.length) branches.push(await relation(scan, stored, changes.stored, needed, options));
  if (changes.whole.length || branches.length + changes.rewritten.length === 0)
    branches.push(await relation(scan, whole, changes.whole, needed, options));
  const changed: AddFile[] = [];
  for (const { before, after } of changes.rewritten) changed.push(...(await difference(scan, snapshot, before, after)));
  if (changed.length) branches.push(await relation(scan, whole, changed, needed, options));
  return branches.length === 1 ? branches[0]! : `(${branches.map((branch) => `FROM ${branch}`).join(' UNION ALL ')})`;
}

/**
 * The rows that only one of two deletion vectors deletes: those of `after` are deleted, those of `before` are there again. As
 * files of which all other rows are deleted, so that the scan knows nothing of this.
 */
async function difference(
  { store }: ScanRoom,
  { location }: Snapshot,
  before: AddFile,
  after: AddFile,
): Promise<AddFile[]> {
  const rowsOf = async ({ deletionVector }: AddFile) =>
    deletionVector ? await deletedRows(store, location, deletionVector) : new Map<number, Uint8Array>();
  const [old, young] = [await rowsOf(before), await rowsOf(after)];
  const numRecords = fileStats(after).numRecords ?? fileStats(before).numRecords;
  if (numRecords === null)
    throw deltaErrors.corrupt(
      after.path,
      'it has a deletion vector, and its statistics do not say how many rows it has',
    );
  return [only(before, withoutRows(young, old), numRecords), only(after, withoutRows(old, young), numRecords)].flat();
}

/** The file with nothing but some of its rows; none where there are no rows. */
function only(file: AddFile, rows: RowSet, numRecords: number): AddFile[] {
  if (!countRows(rows)) return [];
  const gone = withoutRows(allRows(numRecords), rows);
  const data = encodeRows(gone);
  const cardinality = countRows(gone);
  const deletionVector = {
    storageType: 'i' as const,
    pathOrInlineDv: encodeZ85(data),
    sizeInBytes: data.length,
    cardinality,
  };
  return [{ ...file, ...(cardinality ? { deletionVector } : { deletionVector: undefined }) }];
}

function withoutRows(rows: RowSet, gone: RowSet): RowSet {
  const left: RowSet = new Map();
  for (const [chunk, bitmap] of rows) {
    const minus = gone.get(chunk);
    const kept = minus ? bitmap.map((byte, index) => byte & ~minus[index]!) : bitmap;
    if (countBits(kept)) left.set(chunk, kept);
  }
  return left;
}

function allRows(count: number): RowSet {
  const rows: RowSet = new Map();
  for (let chunk = 0; chunk * CHUNK_ROWS < count; chunk++) {
    const inChunk = Math.min(CHUNK_ROWS, count - chunk * CHUNK_ROWS);
    const bitmap = new Uint8Array(CHUNK_BYTES).fill(255, 0, inChunk >> 3);
    if (inChunk & 7) bitmap[inChunk >> 3] = (1 << (inChunk & 7)) - 1;
    rows.set(chunk, bitmap);
  }
  return rows;
}
