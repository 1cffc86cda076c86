import type { TableAlteration, TableEngine } from '@boathouse/contracts';
import type { CommitProvenance } from '../types.ts';

export interface AlterRequest extends Partial<CommitProvenance> {
  /** Checks of the rows that are there run on this connection, so that they can be interrupted. */
  engine?: TableEngine;
}

export interface AlterOperations {
  /**
   * Changes a table's definition by one commit; the version is null where there was nothing to change. Rows are read only
   * where they must be (a new constraint, NOT NULL, SYNC IDENTITY), and written only by DROP FEATURE.
   */
  alter(location: string, change: TableAlteration, request?: AlterRequest): Promise<{ version: number | null }>;
}
