import {
  BoathouseError,
  type CatalogTable,
  type PlanBody,
  type PlannedStatement,
  type SessionState,
  type StatementContext,
  type TableWrite,
  userError,
} from '@boathouse/contracts';
import { type Prepared, runStatement, type StatementHost } from '@boathouse/engine';
import { planStatement } from '@boathouse/sql';
import type { Answer, Case } from './corpus.ts';
import { admin, MemoryCatalog } from './memory-catalog.ts';
import type { Runner } from './runner.ts';

const empty = { columns: [], rows: [] };
const nothing: PlanBody = { kind: 'local', ...empty };

/** One case: a new session over an otherwise empty catalog, as Spark's recorder made it. */
export class CaseSession implements StatementHost<Answer> {
  private readonly runner: Runner;
  private readonly catalog = new MemoryCatalog();
  private session: SessionState = {
    id: 'case',
    catalog: 'spark_catalog',
    schema: 'case_db',
    timeZone: 'UTC',
    // Of the recorder's session.
    settings: {
      'spark.sql.shuffle.partitions': '2',
      'spark.sql.leafNodeDefaultParallelism': '1',
      'spark.databricks.delta.snapshotPartitions': '2',
    },
    tempViews: {},
  };
  private runs = 0;
  private readonly prefix: string;

  constructor(runner: Runner, prefix: string) {
    this.runner = runner;
    this.prefix = prefix;
  }

  async run(sql: string): Promise<Answer> {
    try {
      const prepared = await this.plan(sql, {});
      const { result } = await runStatement(sql, prepared, {}, this);
      return result ?? empty;
    } catch (error) {
      return failure(error);
    }
  }

  async plan(text: string, statement: StatementContext): Promise<Prepared<Answer>> {
    const planned = await planStatement({
      text,
      session: this.session,
      principal: admin,
      catalog: this.catalog,
      statement,
      now: new Date(),
      ...(this.runner.engine ? { engine: this.runner.engine } : {}),
    });
    if (planned.kind !== 'createTable' && planned.session) this.session = planned.session;
    if (planned.kind === 'command') this.catalog.perform(planned.command);
    return {
      body: planned.kind === 'plan' ? planned.body : nothing,
      run: () => this.perform(planned),
      rows: async (query) => {
        const answer = await this.execute({ kind: 'query', query });
        if ('error' in answer) throw new Error('Invariant broken: a query that fails throws');
        return answer.rows;
      },
    };
  }

  private async perform(planned: PlannedStatement): Promise<Answer> {
    if (planned.kind === 'plan') return this.execute(planned.body);
    return planned.kind === 'command' ? empty : this.createTable(planned);
  }

  private execute(body: PlanBody): Promise<Answer> {
    return this.send(body, (write) => this.catalog.follow(write));
  }

  private async createTable(planned: Extract<PlannedStatement, { kind: 'createTable' }>): Promise<Answer> {
    const { catalog, schema, name } = planned;
    const place = this.catalog.reserve(catalog, schema, name);
    if (place.existing) {
      if (planned.ifNotExists) return empty;
      if (!planned.orReplace) throw userError('TABLE_OR_VIEW_ALREADY_EXISTS', `The table or view ${name} exists.`);
      if (place.existing.kind !== 'MANAGED')
        throw userError('EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE', `${name} is a view.`);
    }
    const location = place.existing?.location ?? `cases/${this.prefix}/${place.id}`;
    const target = {
      tableId: place.id,
      fullName: `${catalog}.${schema}.${name}`,
      location,
      columns: planned.columns,
      partitionColumns: planned.partitionColumns,
    };
    const table: CatalogTable = {
      id: place.id,
      catalog,
      schema,
      name,
      kind: 'MANAGED',
      columns: planned.columns,
      partitionColumns: planned.partitionColumns,
      properties: planned.properties,
      ownerId: admin.userId,
      owner: admin.name,
      createdAtMs: 0,
      location,
      ...(planned.comment === undefined ? {} : { comment: planned.comment }),
    };
    // Its write tells the columns as the log has them.
    const made = {
      kind: 'createTable' as const,
      target,
      tableKind: 'MANAGED' as const,
      mode: place.existing ? ('replace' as const) : ('create' as const),
      properties: planned.properties,
      ...(planned.clusterBy ? { clusterBy: planned.clusterBy } : {}),
      ...(planned.comment === undefined ? {} : { comment: planned.comment }),
      ...(planned.query ? { query: planned.query } : {}),
      ...(planned.clone ? { clone: planned.clone } : {}),
    };
    return this.send(made, (write) => {
      this.catalog.publish(table);
      this.catalog.follow(write);
    });
  }

  private send(body: PlanBody, follow: (write: TableWrite) => void): Promise<Answer> {
    return this.runner.execute(body, admin.name, `${this.prefix}-${++this.runs}`, follow, this.session.settings);
  }
}

function failure(error: unknown): Answer {
  if (error instanceof BoathouseError) {
    return {
      error: {
        class: error.code,
        sqlState: error.sqlState ?? null,
        message: error.message + (error.detail ? ` (${error.detail})` : ''),
      },
    };
  }
  return {
    error: {
      class: 'INTERNAL_ERROR',
      sqlState: null,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    },
  };
}

/** The answer of every step: one that fails, or is refused, does not stop the later ones. */
export async function answerCase(runner: Runner, testCase: Case, number: number): Promise<Answer[]> {
  const session = new CaseSession(runner, `case-${number}`);
  const answers: Answer[] = [];
  for (const step of testCase.steps) answers.push(await session.run(step.sql));
  return answers;
}
