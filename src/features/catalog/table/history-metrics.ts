import type { TableHistoryEntry } from '@boathouse/contracts';
import { formatCount } from '@/lib/format';

/** The first of these metrics that the commit says. */
function numberOf({ operationMetrics }: TableHistoryEntry, ...names: string[]): number | null {
  for (const name of names) {
    const value = operationMetrics[name];
    if (value !== undefined && value !== '' && Number.isFinite(Number(value))) return Number(value);
  }
  return null;
}

const signed = (...counts: [sign: string, count: number | null][]): string =>
  counts.flatMap(([sign, count]) => (count === null ? [] : [`${sign}${formatCount(count)}`])).join(' ');

/** `+1,204 ~310 −0`: what a commit did to rows, as its writer says. Empty where it left them alone. */
export function changeText(entry: TableHistoryEntry): string {
  const { operation } = entry;
  if (/^(OPTIMIZE|REORG|VACUUM|RESTORE)/.test(operation)) return '';
  const deletes = operation === 'DELETE' || operation === 'TRUNCATE';
  const added = numberOf(entry, 'numTargetRowsInserted', 'numInsertedRows');
  const changed = numberOf(entry, 'numTargetRowsUpdated', 'numUpdatedRows');
  const removed = numberOf(entry, 'numTargetRowsDeleted', 'numDeletedRows');
  if (operation === 'UPDATE') return signed(['~', changed]);
  return signed(['+', added ?? (deletes ? null : numberOf(entry, 'numOutputRows'))], ['~', changed], ['−', removed]);
}

/** `+1 −3`: files that a commit added and removed. */
export const filesText = (entry: TableHistoryEntry): string =>
  signed(
    ['+', numberOf(entry, 'numTargetFilesAdded', 'numAddedFiles', 'numRestoredFiles', 'numFiles', 'numCopiedFiles')],
    ['−', numberOf(entry, 'numTargetFilesRemoved', 'numRemovedFiles', 'numDeletedFiles')],
  );
