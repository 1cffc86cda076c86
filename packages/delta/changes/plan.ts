import type { Action, AddFile, CommitInfo, RemoveFile } from '../actions/types.ts';
import { CHANGE_TYPE, COMMIT_TIMESTAMP, COMMIT_VERSION } from './columns.ts';

/** A version's changes as files to scan; what is constant in a file is among its partition values. */
export interface VersionChanges {
  /** Change files: they hold `_change_type`. */
  stored: AddFile[];
  /** Data files of which every live row was inserted or deleted. */
  whole: AddFile[];
  /** A data file that got another deletion vector: only the difference of the two was changed. */
  rewritten: RewrittenFile[];
}

export interface RewrittenFile {
  before: AddFile;
  after: AddFile;
}

/**
 * PROTOCOL.md "Add CDC File": where a version has change files they alone say what changed; else added files are inserts and
 * removed ones deletes, unless they only rearrange rows. Pure. `canonical` makes one name of the many spellings of a path.
 */
export function changesOf(
  version: number,
  timestampMs: number,
  actions: readonly Action[],
  canonical: (path: string) => string,
): VersionChanges {
  const commit = { [COMMIT_VERSION]: String(version), [COMMIT_TIMESTAMP]: new Date(timestampMs).toISOString() };
  const cdcs = actions.flatMap((action) => ('cdc' in action ? [action.cdc] : []));
  if (cdcs.length) {
    const stored = cdcs.map((cdc) => dataFile(cdc, commit));
    return { stored, whole: [], rewritten: [] };
  }
  const info = actions.find((action) => 'commitInfo' in action)?.commitInfo;
  if (info && changedNothing(info)) return { stored: [], whole: [], rewritten: [] };

  const insert = { ...commit, [CHANGE_TYPE]: 'insert' };
  const remove = { ...commit, [CHANGE_TYPE]: 'delete' };
  const removed = new Map<string, RemoveFile>();
  for (const action of actions)
    if ('remove' in action && action.remove.dataChange) removed.set(canonical(action.remove.path), action.remove);
  const whole: AddFile[] = [];
  const rewritten: RewrittenFile[] = [];
  for (const action of actions) {
    if (!('add' in action) || !action.add.dataChange) continue;
    const path = canonical(action.add.path);
    const before = removed.get(path);
    if (!before) {
      whole.push(dataFile(action.add, insert));
      continue;
    }
    removed.delete(path);
    rewritten.push({
      before: dataFile({ ...action.add, ...vectorOf(before) }, remove),
      after: dataFile(action.add, insert),
    });
  }
  for (const file of removed.values()) whole.push(dataFile(file, remove));
  return { stored: [], whole, rewritten };
}

/** MERGE may write files anew without any change of rows; its own counts then say so (Spark reads them the same way). */
function changedNothing(info: CommitInfo): boolean {
  const counts = ['numTargetRowsInserted', 'numTargetRowsUpdated', 'numTargetRowsDeleted'];
  return info.operation === 'MERGE' && counts.every((name) => String(info.operationMetrics?.[name]) === '0');
}

/** The other's deletion vector, or none. */
const vectorOf = (file: RemoveFile): Pick<AddFile, 'deletionVector'> => ({ deletionVector: file.deletionVector });

function dataFile(file: Pick<AddFile, 'path'> & Partial<AddFile>, constants: Record<string, string>): AddFile {
  return {
    path: file.path,
    partitionValues: { ...file.partitionValues, ...constants },
    size: file.size ?? 0,
    modificationTime: file.modificationTime ?? 0,
    dataChange: true,
    ...(file.stats === undefined ? {} : { stats: file.stats }),
    ...(file.tags === undefined ? {} : { tags: file.tags }),
    ...(file.deletionVector ? { deletionVector: file.deletionVector } : {}),
  };
}
