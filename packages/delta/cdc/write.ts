import type { CdcFile } from '../actions/types.ts';
import { CHANGE_TYPE } from '../changes/columns.ts';
import type { Work } from '../dml/work.ts';
import { literal } from '../schema/engine.ts';
import { writeFiles } from '../write/files.ts';

export type ChangeType = 'insert' | 'delete' | 'update_preimage' | 'update_postimage';

/** PROTOCOL.md "Change Data Files": where change files lie. */
const FOLDER = '_change_data/';

/** Marks rows (a query with the table's columns) as changes of one type. */
export const changed = (rowsSql: string, type: ChangeType): string =>
  `SELECT *, ${literal(type)} AS ${CHANGE_TYPE} FROM (${rowsSql}) AS changed`;

/**
 * PROTOCOL.md "Add CDC File": writes what a commit changes, where the table's change data feed is on. A version with change
 * files is told by them alone, so the parts must hold all of its changes.
 */
export async function writeChanges(work: Work, parts: readonly string[]): Promise<void> {
  if (!parts.length) return;
  const { adds } = await writeFiles(work.writer, work.shape, parts.join(' UNION ALL BY NAME '), {
    folder: FOLDER,
    extraColumns: [{ name: CHANGE_TYPE, type: 'VARCHAR' }],
    check: false,
    fill: false,
  });
  work.made(adds);
  work.cdcs.push(
    ...adds.map(({ path, partitionValues, size }): CdcFile => ({ path, partitionValues, size, dataChange: false })),
  );
}
