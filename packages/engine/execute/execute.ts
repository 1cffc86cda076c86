import {
  type Column,
  type ObjectStore,
  type PlanBody,
  type PlanEnvelope,
  type PlanQuery,
  parseType,
  type ResultManifest,
  type StatementOutcome,
  systemError,
  type TableRead,
  type TableWrite,
  unreachable,
} from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import type { Engine, EngineLogger } from '../engine.ts';
import type { SparkPool } from '../engine-spark/pool.ts';
import { type Probe, withLine } from '../files/locate.ts';
import { filesProbes, filesRelation } from '../files/relation.ts';
import { runAlter } from './alter.ts';
import { runClone } from './clone.ts';
import { explainRows } from './explain.ts';
import { failureOfTables } from './failure.ts';
import { valuesText } from './local.ts';
import { runMaintain } from './maintain.ts';
import { type Modified, runModify } from './modify.ts';
import { nameStorage, tablesOf } from './names.ts';
import type { ExecuteOptions } from './outcome.ts';
import { storeResult } from './result.ts';
import { checkSparkBody, SparkRun, type StagedRows } from './spark/run.ts';
import { detailRows, historyRows } from './table-info.ts';
import { openTables, spliceText, type TableOpener } from './tables.ts';
import { type Author, checkTarget, commitCreate, createRows, insertRows, namedRows } from './write.ts';

export interface ExecutorDeps {
  engine: Engine;
  delta: Delta;
  store: ObjectStore;
  /** Cuts results above it; default 512 MB. */
  resultLimitBytes?: number;
  logger?: EngineLogger;
  /** Sessions at attached Sparks, for plans that name one. */
  spark?: SparkPool;
}

/**
 * Runs one plan: opens and pins its tables, prunes files, runs the engine text, stores the result or commits the write.
 * Throws SchemaMoved where the log shows another schema than the plan assumed (plan again), else typed errors.
 */
export async function executePlan(
  deps: ExecutorDeps,
  plan: Pick<PlanEnvelope, 'body' | 'principal'> & Partial<Pick<PlanEnvelope, 'engine' | 'timeZone' | 'statement'>>,
  options: ExecuteOptions,
): Promise<StatementOutcome> {
  const started = performance.now();
  const { engine, principal, timeZone = 'UTC', statement = '' } = plan;
  if (engine) checkSparkBody(plan.body, engine);
  const work = new PlanRun(
    deps,
    { runId: options.runId, txnId: options.txnId ?? options.runId, principal },
    options,
    engine ? new SparkRun(deps, { engine, principal, timeZone, statement }, options) : null,
  );
  const scope = { signal: options.signal, onProgress: options.onProgress };
  const outcome = await deps.engine
    .scope(scope, () => work.run(plan.body))
    .catch(async (error: unknown) => {
      const told = (await failureOfTables(deps.delta, plan.body, error)) ?? error;
      throw nameStorage(await withLine(deps.engine, told, () => probesOf(deps, plan.body)), plan.body);
    });
  return { ...outcome, totalMs: performance.now() - started };
}

const probesOf = async (deps: ExecutorDeps, body: PlanBody): Promise<Probe[]> => {
  const files = tablesOf(body).filter((table) => table.source === 'files');
  return (await Promise.all(files.map((table) => filesProbes(deps, table)))).flat();
};

type Done = Omit<StatementOutcome, 'totalMs'>;

class PlanRun {
  private readonly deps: ExecutorDeps;
  private readonly author: Author;
  private readonly options: ExecuteOptions;
  private readonly opener: TableOpener;
  /** Where the plan is for an attached Spark: its queries go there. */
  private readonly spark: SparkRun | null;

  constructor(deps: ExecutorDeps, author: Author, options: ExecuteOptions, spark: SparkRun | null) {
    this.spark = spark;
    this.deps = deps;
    this.author = author;
    this.options = options;
    this.opener = { delta: deps.delta, files: (table) => filesRelation(deps, table) };
  }

  run(body: PlanBody): Promise<Done> {
    switch (body.kind) {
      case 'query':
        return this.query(body.query);
      case 'insert':
        return this.insert(body);
      case 'createTable':
        return this.createTable(body);
      case 'tableInfo':
        return this.tableInfo(body);
      case 'local':
        return this.local(body.columns, body.rows, []);
      case 'delete':
      case 'update':
      case 'merge':
        return this.changed(body.columns, () => runModify(this.opener, body, this.author));
      case 'explain':
        return this.explain(body);
      case 'maintain':
        return this.changed(body.columns, () => runMaintain(this.deps.delta, body, this.author));
      case 'alter':
        return this.changed([], () => runAlter(this.deps.delta, body, this.author));
      case 'assign':
      case 'immediate':
      case 'script':
        throw systemError('PLAN_NEEDS_STEPS', 'A plan of several steps reached the engine whole.');
      default:
        return unreachable(body);
    }
  }

  private async open(query: PlanQuery): Promise<{ text: string; reads: TableRead[] }> {
    const { relations, reads } = await openTables(this.opener, query.tables);
    for (const read of reads) this.options.onRead?.(read);
    return { text: spliceText(query.engineText, relations), reads };
  }

  private async query(query: PlanQuery): Promise<Done> {
    if (this.spark) return this.spark.query(query);
    const { text, reads } = await this.open(query);
    const { result, engineMs } = await this.result(text, query.columns);
    return { result, reads, engineMs };
  }

  /** Runs text, sends the first page at once, and keeps the rows. */
  private result(text: string, columns: Column[]): Promise<{ result: ResultManifest; engineMs: number }> {
    const { signal } = this.options;
    return storeResult(this.deps, columns, this.options, (reader) =>
      this.deps.engine.query(text, columns, { signal, ...reader }),
    );
  }

  private async insert(body: Extract<PlanBody, { kind: 'insert' }>): Promise<Done> {
    const { delta } = this.deps;
    const version = await checkTarget(delta, body.target);
    const { replaceWhere, ...insert } = body;
    // Rows that come from the table itself rest on the version that was read.
    const readsTarget = body.query.tables.some(
      (table) => table.source === 'delta' && table.location === body.target.location,
    );
    const commit = (rows: string, columns: readonly Column[], relations: readonly string[]) => {
      const replaced = replaceWhere && {
        condition: spliceText(replaceWhere.condition, relations),
        prune: replaceWhere.predicates,
        text: replaceWhere.text,
      };
      return insertRows(delta, { ...insert, ...(replaced ? { replaceWhere: replaced } : {}) }, rows, this.author, {
        given: columns.map(({ name }) => name),
        ...(readsTarget ? { readVersion: version } : {}),
      });
    };
    if (this.spark) return this.handedOver(this.spark, body.query, ({ text, columns }) => commit(text, columns, []));
    const { relations, reads } = await openTables(this.opener, body.query.tables);
    for (const read of reads) this.options.onRead?.(read);
    const rows = namedRows(body.query, spliceText(body.query.engineText, relations));
    return this.written(reads, () => commit(rows, body.query.columns, relations));
  }

  /** Rows that Spark computes and we commit. */
  private async handedOver(
    spark: SparkRun,
    query: PlanQuery,
    commit: (rows: StagedRows) => Promise<TableWrite | null>,
  ): Promise<Done> {
    const { reads, write, engineMs } = await spark.rows(query, commit);
    if (!write) return { reads, engineMs };
    this.options.onWrite?.(write);
    return { reads, write, engineMs };
  }

  private async createTable(body: Extract<PlanBody, { kind: 'createTable' }>): Promise<Done> {
    const { delta } = this.deps;
    const { query, clone } = body;
    if (clone) return this.changed(clone.columns, () => runClone(delta, body, clone, this.author));
    if (!query) return this.written([], () => commitCreate(delta, body, [], this.author));
    if (this.spark)
      return this.handedOver(this.spark, query, ({ text, columns }) => {
        // Only Spark knows the columns of some queries.
        const target = body.target.columns.length ? body.target : { ...body.target, columns };
        return createRows(delta, { ...body, target }, text, this.author);
      });
    const { text, reads } = await this.open(query);
    return this.written(reads, () => createRows(delta, body, namedRows(query, text), this.author));
  }

  private async written(reads: TableRead[], work: () => Promise<TableWrite | null>): Promise<Done> {
    const started = performance.now();
    const write = await work();
    const engineMs = performance.now() - started;
    if (!write) return { reads, engineMs };
    this.options.onWrite?.(write);
    return { reads, write, engineMs };
  }

  private async tableInfo(body: Extract<PlanBody, { kind: 'tableInfo' }>): Promise<Done> {
    const rows =
      body.what === 'history' ? await historyRows(this.deps.delta, body) : await detailRows(this.deps.delta, body);
    return this.local(body.columns, rows, []);
  }

  private async explain(body: Extract<PlanBody, { kind: 'explain' }>): Promise<Done> {
    return this.local(body.columns, await explainRows(this.deps, this.opener, body), []);
  }

  /** Work of the Delta room on one table: its answer is small, and its commit is told like any other. */
  private async changed(columns: Column[], work: () => Promise<Modified>): Promise<Done> {
    const started = performance.now();
    const { rows, reads, write, columns: shown = columns } = await work();
    for (const read of reads) this.options.onRead?.(read);
    if (write) this.options.onWrite?.(write);
    const engineMs = performance.now() - started;
    if (!shown.length) return { reads, ...(write ? { write } : {}), engineMs };
    const { result } = await this.local(shown, rows, reads);
    return { ...(result ? { result } : {}), reads, ...(write ? { write } : {}), engineMs };
  }

  /** Rows that are already there take the same way as an engine's: one Arrow stream, stored and paged. */
  private async local(columns: Column[], rows: unknown[][], reads: TableRead[]): Promise<Done> {
    const types = columns.map((column) => parseType(column.type));
    const { result, engineMs } = await this.result(valuesText(types, rows), columns);
    return { result, reads, engineMs };
  }
}
