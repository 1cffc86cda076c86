import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Column, engineSettings, type PlanBody, type PlanEngine, type TableWrite } from '@boathouse/contracts';
import { createDelta } from '@boathouse/delta';
import { decodeRows, type Engine, executePlan, openDuckDb, SparkPool, streamEncoder } from '@boathouse/engine';
import { createExpressionCompiler } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';
import type { Answer } from './corpus.ts';

/** Executes plans on one engine over a store in a temporary folder. */
export interface Runner {
  /** Set where queries run on a Spark. */
  engine?: 'spark';
  /** `onWrite` hears of a commit, so that the catalog follows the log. */
  execute(
    body: PlanBody,
    principal: string,
    runId: string,
    onWrite: (write: TableWrite) => void,
    settings: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** The recorder printed types without back-ticks, and a random identifier as a mark. */
const shown = (columns: readonly Column[]) =>
  columns.map(({ name, type }) => ({
    name: name.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uuid>'),
    type: type.replaceAll('`', ''),
  }));

/** `sparkUrl`: the Spark Connect server that runs the queries; the tables are made here. */
export async function openRunner(sparkUrl?: string): Promise<Runner> {
  const folder = await mkdtemp(join(tmpdir(), 'boathouse-conformance-'));
  const store = await createLocalStore(join(folder, 'storage'));
  const engine = await openDuckDb({
    memoryLimitBytes: 2_000_000_000,
    threads: 1,
    tempDirectory: join(folder, 'spill'),
    allowedDirectories: [folder],
  });
  const delta = createDelta({
    store,
    engine,
    compiler: createExpressionCompiler(),
    allowOutside: (uri) => uri.startsWith(`${store.uri('cases')}/`),
  });
  const attached = sparkUrl === undefined ? undefined : { pool: new SparkPool(), engine: sparkEngine(sparkUrl) };
  return {
    ...(attached ? { engine: 'spark' as const } : {}),
    async execute(body, principal, runId, onWrite, settings) {
      if (body.kind === 'local') return { columns: shown(body.columns), rows: body.rows };
      const onSpark = attached && 'query' in body && body.query?.sparkText !== undefined;
      if (!onSpark && body.kind === 'query' && body.query.tables.length === 0) {
        return {
          columns: shown(body.query.columns),
          rows: await queryRows(engine, body.query.engineText.join(''), body.query.columns),
        };
      }
      const outcome = await executePlan(
        { engine, delta, store, ...(attached ? { spark: attached.pool } : {}) },
        { body, principal, ...(onSpark ? { engine: { ...attached.engine, settings: engineSettings(settings) } } : {}) },
        { runId, onWrite },
      );
      if (!outcome.result) return { columns: [], rows: [] };
      const { columns, rows } = decodeRows(await store.get(outcome.result.key));
      return { columns: shown(columns), rows };
    },
    async close() {
      await attached?.pool.close();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const sparkEngine = (url: string): PlanEngine => ({ engineId: 'spark', name: 'Spark', url, tls: false });

/** Rows of a query without tables, past the result store: most of the corpus is such queries. */
async function queryRows(engine: Engine, sql: string, columns: Column[]): Promise<unknown[][]> {
  const encoder = streamEncoder(columns);
  const messages: Uint8Array[] = [];
  await engine.query(sql, columns, {
    onBatch(batch) {
      messages.push(encoder.batch(batch));
    },
  });
  return decodeRows(encoder.stream(messages)).rows;
}
