import type { Column, TableEngine } from '@boathouse/contracts';
import type { RecordBatch } from 'apache-arrow';

export interface QueryOptions {
  /** Aborting interrupts the engine within 100 ms; the query then rejects with CANCELLED. */
  signal?: AbortSignal;
  /** Rows of the first batch: small, so that a page can be drawn while the rest still runs. Default 1,000. */
  firstBatchRows?: number;
  /** Rows of the later batches. Default 65,536. */
  batchRows?: number;
  /** Called for each batch in order; `false` (or a promise of it) ends the query early. Awaited, so a slow reader slows the engine. */
  onBatch(batch: RecordBatch): unknown;
}

export interface QueryEnd {
  rows: number;
  /** Milliseconds spent waiting for the engine, without the reader's own work. */
  engineMs: number;
}

export interface EngineScope {
  signal?: AbortSignal;
  /** Percent done (0–100) of the running statement as the engine sees it; about ten times a second. */
  onProgress?(percent: number): void;
}

/** An engine that runs planned text. One per compute process; many queries at a time. */
export interface Engine extends TableEngine {
  /** `duckdb 1.5.6`: shown with a run. */
  readonly name: string;
  readonly memoryLimitBytes: number;
  /** Streams the rows of one statement as Arrow batches with exactly these columns, cast where the engine's types differ. */
  query(sql: string, columns: readonly Column[], options: QueryOptions): Promise<QueryEnd>;
  /** All rows as plain objects: 64-bit integers as bigint. For small answers. */
  rows(sql: string, options?: { signal?: AbortSignal }): Promise<Record<string, unknown>[]>;
  /** Names and Spark types of a statement's columns; what Spark has no type for is told as string. Nothing runs. */
  describe(sql: string): Promise<Column[]>;
  /**
   * Runs work whose `rows` calls, however deep, stop with the signal and report their progress: the table room runs its
   * COPY through `rows` and knows nothing of runs.
   */
  scope<T>(scope: EngineScope, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What the rooms log through: pino fits. */
export interface EngineLogger {
  warn(details: Record<string, unknown>, message: string): void;
  info(details: Record<string, unknown>, message: string): void;
}
