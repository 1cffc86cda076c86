import type { Action, AddFile } from '../actions/types.ts';
import type { FileBase } from '../snapshot/base.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { liveRows } from '../stats/file-stats.ts';
import { DELETED_BINS, deletedBin, SIZE_BINS, sizeBin } from './histogram.ts';

/** What a checksum says of the live files of a version. */
export interface Summary {
  numFiles: number;
  sizeBytes: number;
  /** Rows that are not deleted; null where a file's statistics do not say. */
  numRows: number | null;
  deletedRows: number;
  vectors: number;
  /** Files and bytes by `SIZE_BINS`. */
  fileCounts: number[];
  totalBytes: number[];
  /** Files by `deletedBin`. */
  deletedCounts: number[];
}

/** One file as a summary sees it. */
export interface FileFacts {
  size: number;
  /** Rows that are not deleted, or null. */
  rows: number | null;
  /** Rows of its deletion vector; null: it has none. */
  deleted: number | null;
}

export const emptySummary = (): Summary => ({
  numFiles: 0,
  sizeBytes: 0,
  numRows: 0,
  deletedRows: 0,
  vectors: 0,
  fileCounts: SIZE_BINS.map(() => 0),
  totalBytes: SIZE_BINS.map(() => 0),
  deletedCounts: new Array<number>(DELETED_BINS).fill(0),
});

export const copySummary = (summary: Summary): Summary => ({
  ...summary,
  fileCounts: [...summary.fileCounts],
  totalBytes: [...summary.totalBytes],
  deletedCounts: [...summary.deletedCounts],
});

/** Counts some equal files in (or out, with a negative number), changing the summary. */
export function count(summary: Summary, { size, rows, deleted }: FileFacts, times: number): void {
  summary.numFiles += times;
  summary.sizeBytes += times * size;
  summary.numRows = summary.numRows === null || rows === null ? null : summary.numRows + times * rows;
  summary.deletedRows += times * (deleted ?? 0);
  summary.vectors += deleted === null ? 0 : times;
  const bin = sizeBin(size);
  summary.fileCounts[bin]! += times;
  summary.totalBytes[bin]! += times * size;
  summary.deletedCounts[deletedBin(deleted ?? 0)]! += times;
}

export const factsOf = (file: AddFile): FileFacts => ({
  size: file.size,
  rows: liveRows(file),
  deleted: file.deletionVector?.cardinality ?? null,
});

/** One pass over what memory holds; the files of a large checkpoint are summed by the engine, once. */
export async function summaryOf({ state }: ReplayedSnapshot): Promise<Summary> {
  const { base, files, tombstones } = state;
  const summary = base ? copySummary(await base.summary()) : emptySummary();
  if (base) {
    const hidden = await base.found([...files.keys(), ...tombstones.keys()]);
    for (const facts of hidden.values()) count(summary, facts, -1);
  }
  for (const file of files.values()) count(summary, factsOf(file), 1);
  return summary;
}

/**
 * The summary after a commit of ours on top of a version. An add that changes data is a new file; one that does not may say
 * something new of a file that is there (PROTOCOL.md "Action Reconciliation"), which then counts once.
 */
export async function summaryAfter(
  before: Summary,
  { state }: ReplayedSnapshot,
  actions: readonly Action[],
  identity: (file: { path: string; deletionVector?: AddFile['deletionVector'] }) => string,
): Promise<Summary> {
  const summary = copySummary(before);
  const replaced = new Set<string>();
  for (const action of actions) {
    if ('remove' in action) replaced.add(identity(action.remove));
    if ('add' in action && !(action.add.dataChange && state.base)) replaced.add(identity(action.add));
  }
  const old = await liveFacts(state, [...replaced]);
  for (const facts of old) count(summary, facts, -1);
  for (const action of actions) if ('add' in action) count(summary, factsOf(action.add), 1);
  return summary;
}

/** Facts of those of the files that are live in a state. */
async function liveFacts(
  { base, files, tombstones }: { base: FileBase | null; files: Map<string, AddFile>; tombstones: Map<string, unknown> },
  identities: readonly string[],
): Promise<FileFacts[]> {
  const found: FileFacts[] = [];
  const below: string[] = [];
  for (const identity of identities) {
    const file = files.get(identity);
    if (file) found.push(factsOf(file));
    else if (base && !tombstones.has(identity)) below.push(identity);
  }
  if (base && below.length) found.push(...(await base.found(below)).values());
  return found;
}
