import type { AddFile } from '../actions/types.ts';
import { relation } from '../scan/relation.ts';
import type { RelationOptions, Snapshot } from '../types.ts';
import { CHANGE_TYPE, feedTable } from './columns.ts';
import type { RewrittenFile, VersionChanges } from './plan.ts';

type Scan = Parameters<typeof relation>[0];

/** Engine text of all changes: change files, files as a whole, and differences of deletion vectors. */
export async function feedRelation(
  scan: Scan,
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
  if (changes.rewritten.length) {
    const rows = (files: AddFile[]) => relation(scan, whole, files, needed, options);
    branches.push(
      await difference(changes.rewritten, 'before', rows),
      await difference(changes.rewritten, 'after', rows),
    );
  }
  return branches.length === 1 ? branches[0]! : `(${branches.map((branch) => `FROM ${branch}`).join(' UNION ALL ')})`;
}

/** Rows that are live on one side of a change of deletion vectors and not on the other. */
async function difference(
  files: readonly RewrittenFile[],
  side: 'before' | 'after',
  rows: (files: AddFile[]) => Promise<string>,
): Promise<string> {
  const other = side === 'before' ? 'after' : 'before';
  const mine = await rows(files.map((file) => file[side]));
  // The other side's rows under this side's name of the change.
  const theirs = await rows(
    files.map((file) => ({
      ...file[other],
      partitionValues: {
        ...file[other].partitionValues,
        [CHANGE_TYPE]: file[side].partitionValues[CHANGE_TYPE] ?? null,
      },
    })),
  );
  return `(FROM ${mine} AS mine EXCEPT ALL FROM ${theirs} AS theirs)`;
}
