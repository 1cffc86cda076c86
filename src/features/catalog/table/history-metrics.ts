import type { TableHistoryEntry } from '@boathouse/contracts';
import { formatCount } from '@/lib/format';

/** `+1,204 ~310 −0`, `42 → 14 files`: what a commit did to rows, or to files where it left the rows alone. */
export function changeText({ operation, operationMetrics: metrics }: TableHistoryEntry): string {
  const number = (...names: string[]): number | null => {
    for (const name of names) {
      const value = metrics[name];
      if (value !== undefined && value !== '' && Number.isFinite(Number(value))) return Number(value);
    }
    return null;
  };
  if (operation.startsWith('OPTIMIZE') || operation.startsWith('VACUUM')) {
    const before = number('numRemovedFiles', 'numDeletedFiles');
    const after = number('numAddedFiles');
    if (before !== null) return `${formatCount(before)} → ${formatCount(after ?? 0)} files`;
  }
  const deletes = operation === 'DELETE' || operation === 'TRUNCATE';
  const added = number('numTargetRowsInserted', 'numInsertedRows') ?? (deletes ? null : number('numOutputRows'));
  const changed = number('numTargetRowsUpdated', 'numUpdatedRows');
  const removed = number('numTargetRowsDeleted', 'numDeletedRows');
  if (operation === 'UPDATE') return changed === null ? '' : `~${formatCount(changed)}`;
  return [
    added === null ? '' : `+${formatCount(added)}`,
    changed === null ? '' : `~${formatCount(changed)}`,
    removed === null ? '' : `−${formatCount(removed)}`,
  ]
    .filter(Boolean)
    .join(' ');
}
