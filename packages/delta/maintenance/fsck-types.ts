import type { MaintenanceRequest } from './types.ts';

export interface FsckRequest extends MaintenanceRequest {
  /** Mend what can be mended; by default the table is only looked at. */
  repair?: boolean;
  /** Look at names, sizes and footers only; by default every live row is read once. */
  quick?: boolean;
}

export type FsckKind =
  /** A data file of the table is not there. */
  | 'missing data file'
  /** A data file is cut, overwritten or cannot be decoded. */
  | 'damaged data file'
  /** A data file is whole, but its columns do not fit the table's schema. */
  | 'unfitting data file'
  | 'missing deletion vector'
  | 'damaged deletion vector'
  /** A commit between the first and the last one is not there. */
  | 'missing commit'
  | 'damaged commit'
  | 'damaged checkpoint'
  /** A checkpoint of several parts, some of which are not there. */
  | 'incomplete checkpoint'
  /** `_last_checkpoint` is not JSON, or names what is not there. */
  | 'wrong checkpoint hint'
  /** The state of the table cannot be built: protocol or metadata are missing, or it needs unknown features. */
  | 'unreadable table';

export interface FsckProblem {
  kind: FsckKind;
  /** Relative to the table's folder. */
  path: string;
  /** Of the log's file. */
  version: number | null;
  /** Rows that are lost by it; null where nobody knows, 0 where none are. */
  rowsLost: number | null;
  /** What is lost and how the problem can be mended. */
  what: string;
  /** Whether `repair` mends it. */
  repairable: boolean;
  repaired: boolean;
}

export interface FsckResult {
  /** Latest version of the table when it was looked at; null where it cannot be read. */
  version: number | null;
  /** Version of the commit that took lost files out of the table; null: none was needed. */
  repairVersion: number | null;
  filesChecked: number;
  problems: FsckProblem[];
}
