import type { AddFile } from '../actions/types.ts';
import { identifier, literal } from '../schema/engine.ts';

/** Columns about rows themselves, by the name that each gets in a relation (all BIGINT). */
export interface RowMetadata {
  /** Index of the row's file in the list that the relation was made of (or its number by `fileNumbers`). */
  file?: string;
  /** Number of the row in its file, as deletion vectors count. */
  row?: string;
  /** PROTOCOL.md "Row Tracking": the row's id, kept through rewrites; NULL where the table has none. */
  rowId?: string;
  /** The version that the row was last changed in; NULL where the table has none. */
  rowCommitVersion?: string;
}

export const metadataType = 'BIGINT';

export const hasRowIds = (metadata: RowMetadata): boolean =>
  metadata.rowId !== undefined || metadata.rowCommitVersion !== undefined;

/** Properties that name the physical columns in which a rewrite keeps what rows had before. */
export const ROW_ID_COLUMN = 'delta.rowTracking.materializedRowIdColumnName';
export const ROW_COMMIT_VERSION_COLUMN = 'delta.rowTracking.materializedRowCommitVersionColumnName';

/**
 * What a scan called `scan` selects for the metadata of rows, and the entries of its schema that this rests on. `numbers`
 * says what the files of this scan are called.
 */
export function metadataColumns(
  metadata: RowMetadata,
  files: readonly AddFile[],
  numbers: readonly number[],
  configuration: Readonly<Record<string, string>>,
): { selected: string[]; scanned: string[] } {
  const scanned: string[] = [];
  const stored = (property: string, as: string): string | null => {
    const name = configuration[property];
    if (name === undefined) return null;
    scanned.push(`${literal(name)}: {name: '${as}', type: '${metadataType}', default_value: NULL}`);
    return as;
  };
  const kept = (column: string | null, fresh: string) => (column === null ? fresh : `coalesce(${column}, ${fresh})`);
  const values: Record<keyof RowMetadata, () => string> = {
    file: () => perFile(numbers),
    row: () => 'CAST(scan.file_row_number AS BIGINT)',
    rowId: () =>
      kept(
        stored(ROW_ID_COLUMN, 'row_id'),
        `${perFile(files.map(({ baseRowId }) => baseRowId))} + scan.file_row_number`,
      ),
    rowCommitVersion: () =>
      kept(
        stored(ROW_COMMIT_VERSION_COLUMN, 'row_commit_version'),
        perFile(files.map(({ defaultRowCommitVersion }) => defaultRowCommitVersion)),
      ),
  };
  const column = (key: keyof RowMetadata) => {
    const as = metadata[key];
    return as === undefined ? [] : [`CAST(${values[key]()} AS ${metadataType}) AS ${identifier(as)}`];
  };
  return {
    selected: [...column('file'), ...column('row'), ...column('rowId'), ...column('rowCommitVersion')],
    scanned,
  };
}

/** A number that hangs on the row's file. */
function perFile(values: readonly (number | bigint | undefined)[]): string {
  const first = values[0];
  if (values.every((value) => value === first)) return first === undefined ? 'NULL' : String(first);
  if (values.every((value, index) => value !== undefined && BigInt(value) === BigInt(first ?? 0) + BigInt(index)))
    return `(scan.file_index::BIGINT + ${first})`;
  return `(CAST([${values.map((value) => value ?? 'NULL').join(', ')}] AS BIGINT[]))[scan.file_index::BIGINT + 1]`;
}
