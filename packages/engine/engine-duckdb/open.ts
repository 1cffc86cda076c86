import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdir } from 'node:fs/promises';
import { type Column, parseType, systemError, typeText, userError } from '@boathouse/contracts';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  type DuckDBType,
  version,
} from '@duckdb/node-api';
import type { Engine, EngineLogger, EngineScope, QueryEnd, QueryOptions } from '../engine.ts';
import { BatchAssembler } from './batches.ts';
import { engineError, folderHider } from './errors.ts';
import { registerSparkFunctions } from './spark-functions.ts';
import { duckType, quoteFile, quoteText, sameType, sparkType } from './types.ts';

export interface DuckDbOptions {
  /** The engine spills to `tempDirectory` above this. */
  memoryLimitBytes: number;
  threads: number;
  /** Absolute; made if missing. */
  tempDirectory: string;
  /** Absolute folders that engine text may read and write; everything else is refused by the engine itself. */
  allowedDirectories: readonly string[];
  logger?: EngineLogger;
}

const FIRST_BATCH_ROWS = 1000;
const BATCH_ROWS = 65_536;
/** An interrupt that lands between two engine tasks is forgotten by the next one, so it is repeated. */
const INTERRUPT_EVERY_MS = 20;
const PROGRESS_EVERY_MS = 100;
const COUNT_PROGRESS = 'SET enable_progress_bar = true; SET enable_progress_bar_print = false';
const MAX_IDLE_CONNECTIONS = 8;

/**
 * Opens DuckDB in memory with the doors shut: no extension is fetched or loaded, no file outside the allowed folders is
 * seen, and no statement can change that again. Throws ENGINE_START_FAILED.
 */
export async function openDuckDb(options: DuckDbOptions): Promise<Engine> {
  await mkdir(options.tempDirectory, { recursive: true });
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${Math.floor(options.memoryLimitBytes / 1024)}KiB`,
      threads: String(options.threads),
      temp_directory: options.tempDirectory,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      allow_persistent_secrets: 'false',
    });
    const connection = await instance.connect();
    registerSparkFunctions(connection);
    // Twice: the engine compares the text that it is given, and readers are given patterns (`quoteFile`).
    const folders = options.allowedDirectories
      .map((folder) => (folder.endsWith('/') ? folder : `${folder}/`))
      .flatMap((folder) => [quoteText(folder), quoteFile(folder)]);
    for (const setting of [
      `SET GLOBAL TimeZone = 'UTC'`,
      `SET GLOBAL allowed_directories = [${folders.join(', ')}]`,
      // The footer of an immutable data file never changes.
      'SET GLOBAL parquet_metadata_cache = true',
      'SET GLOBAL enable_external_access = false',
      // The one thing that each connection still sets for itself.
      `SET GLOBAL allowed_configs = ['enable_progress_bar', 'enable_progress_bar_print']`,
      'SET GLOBAL lock_configuration = true',
    ])
      await connection.run(setting);
    await connection.run(COUNT_PROGRESS);
    return new DuckDbEngine(instance, connection, options);
  } catch (error) {
    throw systemError('ENGINE_START_FAILED', 'The SQL engine could not start. The log has the details.', {
      cause: error,
      detail: String(error),
    });
  }
}

class DuckDbEngine implements Engine {
  readonly name = `duckdb ${version().replace(/^v/, '')}`;
  readonly memoryLimitBytes: number;
  private readonly instance: DuckDBInstance;
  private readonly idle: DuckDBConnection[];
  private readonly logger: EngineLogger | undefined;
  private readonly scopes = new AsyncLocalStorage<EngineScope>();
  private readonly hide: (message: string) => string;
  private closed = false;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, options: DuckDbOptions) {
    this.instance = instance;
    this.idle = [connection];
    this.logger = options.logger;
    this.hide = folderHider([
      { folder: options.tempDirectory, shown: 'the spill folder/' },
      ...options.allowedDirectories.map((folder) => ({ folder, shown: '' })),
    ]);
    this.memoryLimitBytes = options.memoryLimitBytes;
  }

  async query(sql: string, columns: readonly Column[], options: QueryOptions): Promise<QueryEnd> {
    return this.withConnection(options.signal, async (connection) => {
      const started = performance.now();
      let readerMs = 0;
      let rows = 0;
      let first = true;
      const prepared = await this.prepareTyped(connection, sql, columns);
      try {
        const result = await prepared.statement.stream();
        const assembler = new BatchAssembler(columns, prepared.types);
        const batchRows = () =>
          first ? (options.firstBatchRows ?? FIRST_BATCH_ROWS) : (options.batchRows ?? BATCH_ROWS);
        const give = async (batches: Iterable<Parameters<QueryOptions['onBatch']>[0]>): Promise<boolean> => {
          for (const batch of batches) {
            first = false;
            rows += batch.numRows;
            const before = performance.now();
            const goOn = await options.onBatch(batch);
            readerMs += performance.now() - before;
            if (goOn === false) return false;
          }
          return true;
        };
        for (;;) {
          const chunk = await result.fetchChunk();
          if (options.signal?.aborted) throw cancelled();
          if (!chunk || chunk.rowCount === 0) {
            await give(assembler.end());
            return { keep: true, value: { rows, engineMs: performance.now() - started - readerMs } };
          }
          if (!(await give(assembler.add(chunk, batchRows))))
            return { keep: false, value: { rows, engineMs: performance.now() - started - readerMs } };
        }
      } finally {
        prepared.statement.destroySync();
      }
    });
  }

  async rows(sql: string, options: { signal?: AbortSignal } = {}): Promise<Record<string, unknown>[]> {
    return this.withConnection(options.signal, async (connection) => {
      const result = await connection.run(sql);
      return { keep: true, value: await result.getRowObjectsJS() };
    });
  }

  async describe(sql: string): Promise<Column[]> {
    return this.withConnection(undefined, async (connection) => {
      const statement = await connection.prepare(sql);
      try {
        const value = typesOf(statement).map((type, i) => ({
          name: statement.columnName(i),
          type: typeText(sparkType(type)),
          nullable: true,
        }));
        return { keep: true, value };
      } finally {
        statement.destroySync();
      }
    });
  }

  scope<T>(scope: EngineScope, work: () => Promise<T>): Promise<T> {
    return this.scopes.run(scope, work);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const connection of this.idle.splice(0)) connection.closeSync();
    this.instance.closeSync();
  }

  /**
   * Prepares exactly one statement whose columns have the wanted types. Where the engine's own types differ (a planner
   * that left a HUGEINT), the statement is wrapped in casts: a value that does not fit is an error, never a wrong number.
   */
  private async prepareTyped(
    connection: DuckDBConnection,
    sql: string,
    columns: readonly Column[],
  ): Promise<{ statement: DuckDBPreparedStatement; types: DuckDBType[] }> {
    const wanted = columns.map((column) => parseType(column.type));
    const statement = await connection.prepare(sql);
    const types = typesOf(statement);
    if (types.length !== wanted.length) {
      statement.destroySync();
      throw systemError(
        'ENGINE_COLUMN_MISMATCH',
        `The plan promises ${wanted.length} columns and the engine gives ${types.length}.`,
        { detail: sql },
      );
    }
    const wrong = wanted.findIndex((type, i) => !sameType(types[i]!, type));
    if (wrong < 0) return { statement, types };
    statement.destroySync();
    this.logger?.info(
      { column: columns[wrong]!.name, planned: columns[wrong]!.type, engine: String(types[wrong]) },
      'cast a result column to its planned type',
    );
    const names = wanted.map((_, i) => `c${i}`);
    const cast = await connection.prepare(
      `SELECT ${wanted.map((type, i) => (type.kind === 'void' ? names[i] : `CAST(${names[i]} AS ${duckType(type)})`)).join(', ')} FROM (${sql}) AS r(${names.join(', ')})`,
    );
    return { statement: cast, types: typesOf(cast) };
  }

  private async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    await connection.run(COUNT_PROGRESS);
    return connection;
  }

  /** Runs work on a connection of its own. A connection that was stopped midway is closed, never reused. */
  private async withConnection<T>(
    ownSignal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<{ keep: boolean; value: T }>,
  ): Promise<T> {
    if (this.closed) throw systemError('ENGINE_CLOSED', 'The SQL engine has stopped.');
    const scope = this.scopes.getStore();
    const signal = ownSignal ?? scope?.signal;
    if (signal?.aborted) throw cancelled();
    const connection = this.idle.pop() ?? (await this.connect());
    let interrupts: NodeJS.Timeout | undefined;
    const onAbort = () => {
      connection.interrupt();
      interrupts ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const progress =
      scope?.onProgress &&
      setInterval(() => {
        const { percentage } = connection.progress;
        if (percentage >= 0) scope.onProgress?.(Math.min(100, percentage));
      }, PROGRESS_EVERY_MS);
    let keep = false;
    try {
      const done = await work(connection);
      keep = done.keep;
      return done.value;
    } catch (error) {
      throw signal?.aborted ? cancelled() : engineError(error, this.hide);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      clearInterval(interrupts);
      clearInterval(progress);
      if (keep && !this.closed && !signal?.aborted && this.idle.length < MAX_IDLE_CONNECTIONS)
        this.idle.push(connection);
      else connection.closeSync();
    }
  }
}

const cancelled = () => userError('CANCELLED', 'The statement was cancelled.', { status: 409 });

const typesOf = (statement: DuckDBPreparedStatement): DuckDBType[] =>
  Array.from({ length: statement.columnCount }, (_, i) => statement.columnType(i));
