import type { Column, StatementOutcome, TableRead, TableWrite } from '@boathouse/contracts';

/** The log says another schema than the plan assumed: the catalog must follow and the statement be planned anew. */
export class SchemaMoved extends Error {
  readonly tableId: string;
  readonly fullName: string;
  readonly version: number;
  readonly columns: Column[];
  constructor(moved: { tableId: string; fullName: string; version: number; columns: Column[] }) {
    super(`The schema of ${moved.fullName} has moved at version ${moved.version}.`);
    this.name = 'SchemaMoved';
    this.tableId = moved.tableId;
    this.fullName = moved.fullName;
    this.version = moved.version;
    this.columns = moved.columns;
  }
}

/** The first rows of a result, as an Arrow IPC stream. */
export interface ResultPage {
  bytes: Uint8Array;
  rows: number;
  /** Whether rows may follow. */
  more: boolean;
}

export interface ExecuteOptions {
  runId: string;
  /**
   * Names the transaction: the same work with the same id commits once. The plan's id, because one run may hold several
   * statements; default: the run's.
   */
  txnId?: string;
  signal?: AbortSignal;
  /** Rows of the page that goes out before the result is stored; 0: no page. */
  pageRows?: number;
  onPage?(page: ResultPage): void;
  /** The versions pinned, before the engine starts. */
  onRead?(read: TableRead): void;
  /** A commit, the moment it is durable. */
  onWrite?(write: TableWrite): void;
  onProgress?(percent: number): void;
}

export type Outcome = StatementOutcome;
