import type { TableWrite, WriteTarget } from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';

/** What the catalog hears of a commit. */
export async function tableWrite(
  delta: Delta,
  target: Pick<WriteTarget, 'tableId' | 'fullName' | 'location'>,
  version: number,
  operation: string,
  rows: number,
): Promise<TableWrite> {
  const after = await delta.snapshot(target.location, { version });
  const totals = await after.totals();
  return {
    tableId: target.tableId,
    fullName: target.fullName,
    version,
    operation,
    rows,
    columns: after.columns,
    sizeBytes: totals.sizeBytes,
    fileCount: totals.numFiles,
  };
}
