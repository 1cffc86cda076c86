import { randomUUID } from 'node:crypto';
import {
  BoathouseError,
  type Column,
  type PlanBody,
  type PlanEngine,
  type PlanQuery,
  parseType,
  type StatementOutcome,
  systemError,
  type TableRead,
  type TableWrite,
  userError,
} from '@boathouse/contracts';
import { duckType, quoteFile, quoteName } from '../../engine-duckdb/types.ts';
import { plainColumns, readBatches } from '../../engine-spark/arrow/batches.ts';
import { ForgottenBeforeAnswer } from '../../engine-spark/client/execution.ts';
import { cancelled } from '../../engine-spark/client/failure.ts';
import type { SparkSession } from '../../engine-spark/client/session.ts';
import { SparkError } from '../../engine-spark/client/spark-error.ts';
import { filesRefused, sparkRelations, sparkUrl } from '../../engine-spark/relations.ts';
import { placeInStatement, type SparkText, spliceSpark } from '../../engine-spark/text.ts';
import { STAGING_PREFIX } from '../../files/gzip.ts';
import type { ExecutorDeps } from '../execute.ts';
import type { ExecuteOptions } from '../outcome.ts';
import { storeResult } from '../result.ts';
import { openTables } from '../tables.ts';

type Done = Omit<StatementOutcome, 'totalMs'>;

/** A plan's way to an attached Spark. */
export interface SparkPlan {
  engine: PlanEngine;
  principal: string;
  timeZone: string;
  /** What the person wrote: errors are told by their place in it. */
  statement: string;
}

/** Which statements Spark runs, and why the others are refused. */
const refusals: Partial<Record<PlanBody['kind'], string>> = {
  delete: 'DELETE',
  update: 'UPDATE',
  merge: 'MERGE',
  alter: 'ALTER TABLE',
  maintain: 'Maintenance of tables',
  explain: 'EXPLAIN',
};

/** Refuses what an attached Spark may not do. Throws UNSUPPORTED_ON_SPARK. */
export function checkSparkBody(body: PlanBody, engine: PlanEngine): void {
  const named = refusals[body.kind];
  if (!named) return;
  const reason =
    body.kind === 'explain'
      ? 'it tells how the embedded engine runs a statement'
      : "commits of Spark's own can overwrite those of others, so changes are committed here";
  throw userError(
    'UNSUPPORTED_ON_SPARK',
    `${named} does not run on ${engine.name}: ${reason}. Run it on the embedded engine.`,
    { sqlState: '0A000' },
  );
}

/** One statement on an attached Spark: its tables are pinned by us, its rows become ours. */
export class SparkRun {
  private readonly deps: ExecutorDeps;
  private readonly plan: SparkPlan;
  private readonly options: ExecuteOptions;

  constructor(deps: ExecutorDeps, plan: SparkPlan, options: ExecuteOptions) {
    this.deps = deps;
    this.plan = plan;
    this.options = options;
  }

  /** Rows of a query as a stored result; its columns are those that Spark tells. */
  async query(query: PlanQuery): Promise<Done> {
    const { text, reads } = await this.open(query);
    const { signal, onProgress } = this.options;
    return this.session(text, 0, async (session) => {
      const started = performance.now();
      const answer = await session.query(text.text, { signal, onProgress });
      const columns = plainColumns(answer.columns);
      const { result } = await storeResult(this.deps, columns, this.options, async ({ firstBatchRows, onBatch }) => {
        let rows = 0;
        let first = firstBatchRows ?? 0;
        reading: for await (const stream of answer.batches)
          for (const batch of readBatches(stream, answer.columns)) {
            const cut = first && batch.numRows > first ? [batch.slice(0, first), batch.slice(first)] : [batch];
            first = 0;
            for (const part of cut) {
              rows += part.numRows;
              if ((await onBatch(part)) === false) break reading;
            }
          }
        return { rows, engineMs: performance.now() - started };
      });
      return { result, reads, engineMs: performance.now() - started };
    });
  }

  /**
   * Lets Spark compute rows into files of a folder of ours, and gives them as text of the embedded engine to whoever commits
   * them; the folder goes afterwards.
   */
  async rows(
    query: PlanQuery,
    write: (rows: StagedRows) => Promise<TableWrite | null>,
  ): Promise<{ reads: TableRead[]; write: TableWrite | null; engineMs: number }> {
    const started = performance.now();
    const { text, reads } = await this.open(query);
    const folder = `${STAGING_PREFIX}spark-${randomUUID()}/`;
    try {
      const columns = await this.stage(text, query.columns, folder);
      const files: string[] = [];
      for await (const { key } of this.deps.store.list(folder))
        if (/\.parquet$/.test(key) && !/(?:^|\/)[_.]/.test(key.slice(folder.length))) files.push(key);
      await this.deps.store.localise(files);
      const written = await write({
        columns,
        text: stagedText(
          columns,
          files.map((key) => this.deps.store.engineUri(key)),
        ),
      });
      return { reads, write: written, engineMs: performance.now() - started };
    } finally {
      // What cannot be removed now is swept with other staging files.
      await this.deps.store.deletePrefix(folder).catch(() => {});
    }
  }

  private async stage(text: SparkText, planned: Column[], folder: string): Promise<Column[]> {
    const { engine } = this.plan;
    const { signal, onProgress } = this.options;
    const head = (columns: readonly Column[]) => `SELECT ${columns.map((_, i) => `c${i}`).join(', ')} FROM (`;
    const columns = planned.length
      ? planned
      : await this.session(text, 0, async (session) => plainColumns(await session.schema(text.text)));
    for (const { name, type } of columns) checkStaged(name, type, engine);
    const shift = head(columns).length;
    // A comment may end the text, so the bracket stands on a line of its own.
    const whole = `${head(columns)}${text.text}\n) AS r(${columns.map((_, i) => `c${i}`).join(', ')})`;
    await this.session(text, shift, (session) =>
      session.writeParquet(whole, sparkUrl(engine, this.deps.store, folder.replace(/\/$/, '')), { signal, onProgress }),
    );
    return columns;
  }

  private async open(query: PlanQuery): Promise<{ text: SparkText; reads: TableRead[] }> {
    if (!query.sparkText)
      throw systemError('PLAN_WITHOUT_SPARK_TEXT', 'The plan is for an attached Spark and has no text for it.');
    const { engine } = this.plan;
    const { relations, reads } = await openTables(
      {
        delta: this.deps.delta,
        files: async (table) => {
          throw filesRefused(table.path);
        },
        writer: sparkRelations(engine, this.deps.store),
      },
      query.tables,
    );
    for (const read of reads) this.options.onRead?.(read);
    return { text: spliceSpark(query.sparkText, relations), reads };
  }

  /** Works in a session of the pool; a session that the server forgot before it answered is replaced once. */
  private async session<T>(text: SparkText, shift: number, work: (session: SparkSession) => Promise<T>): Promise<T> {
    const { pool, signal } = { pool: this.deps.spark, signal: this.options.signal };
    const { engine, principal: user, timeZone } = this.plan;
    if (!pool) throw systemError('ENGINE_UNSUPPORTED', 'This compute process does not talk to attached Sparks.');
    const once = () => pool.use(engine, { user, timeZone }, work);
    const working = once().catch((error: unknown) => {
      if (error instanceof ForgottenBeforeAnswer && !signal?.aborted) return once();
      throw error;
    });
    try {
      return await (signal ? orAborted(working, signal) : working);
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      throw this.told(error, text, shift);
    }
  }

  /** Spark's error by its place in the statement and without folders of the storage. */
  private told(error: unknown, text: SparkText, shift: number): unknown {
    if (error instanceof ForgottenBeforeAnswer)
      return systemError(
        'ENGINE_RESTARTED',
        `The Spark server of ${this.plan.engine.name} forgets its sessions at once. Look at its log.`,
        { status: 503 },
      );
    if (!(error instanceof BoathouseError)) return error;
    // A key of one segment, cut off again: the storage itself has none.
    const root = sparkUrl(this.plan.engine, this.deps.store, 'x').slice(0, -1);
    const hide = (message: string) => message.replaceAll(root, '').replaceAll(root.replace('file://', 'file:'), '');
    const info = error.toInfo();
    const position =
      error instanceof SparkError && error.place
        ? placeInStatement(error.place, text, this.plan.statement, shift)
        : undefined;
    return BoathouseError.fromInfo({
      ...info,
      message: hide(info.message),
      ...(info.detail ? { detail: hide(info.detail) } : {}),
      ...(position ? { position } : {}),
    });
  }
}

/** Ends with the signal even where the work waits for a server that says nothing; the work itself ends by its own limits. */
function orAborted<T>(working: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(cancelled());
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return Promise.race([working, promise]).finally(() => signal.removeEventListener('abort', stop));
}

/** Rows that Spark wrote: text of the embedded engine, with the columns' own names. */
export interface StagedRows {
  columns: Column[];
  text: string;
}

function stagedText(columns: readonly Column[], files: readonly string[]): string {
  const items = columns.map(({ name, type }, i) =>
    files.length ? `c${i} AS ${quoteName(name)}` : `CAST(NULL AS ${duckType(parseType(type))}) AS ${quoteName(name)}`,
  );
  return files.length
    ? `SELECT ${items.join(', ')} FROM read_parquet([${files.map(quoteFile).join(', ')}])`
    : `SELECT ${items.join(', ')} WHERE false`;
}

/** Types that Parquet does not carry between the engines. */
function checkStaged(name: string, type: string, engine: PlanEngine): void {
  if (!/\b(?:variant|interval|void)\b/.test(type)) return;
  throw userError(
    'UNSUPPORTED_ON_SPARK',
    `The column ${name} has the type ${type}, which ${engine.name} cannot hand over to be written. Cast it to another type, or run it on the embedded engine.`,
    { sqlState: '0A000' },
  );
}
