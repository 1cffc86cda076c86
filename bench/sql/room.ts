import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Column, SessionState } from '@boathouse/contracts';
import { createDelta, type Delta } from '@boathouse/delta';
import { decodeRows, type Engine, executePlan, openDuckDb } from '@boathouse/engine';
import { createExpressionCompiler, planStatement } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';
import { admin, MemoryCatalog } from '../../scripts/conformance/memory-catalog.ts';

/** The front end and the engine in one process over a catalog in memory. */
export interface SqlRoom {
  folder: string;
  engine: Engine;
  delta: Delta;
  catalog: MemoryCatalog;
  /** A table of the Parquet files under `pattern`, as Delta, under `spark_catalog.default`; the folder of its files. */
  load(name: string, pattern: string): Promise<string>;
  plan(text: string): ReturnType<typeof planStatement>;
  /** Plans and runs a query; its rows as wire values. */
  run(text: string): Promise<unknown[][]>;
  close(): Promise<void>;
}

export const session: SessionState = {
  id: 'bench',
  catalog: 'spark_catalog',
  schema: 'default',
  timeZone: 'UTC',
  settings: {},
  tempViews: {},
};

/** A table under `spark_catalog.default`, published when its folder is made; the folder. */
export async function addTable(
  catalog: MemoryCatalog,
  name: string,
  columns: Column[],
  make: (location: string) => Promise<unknown> = async () => {},
): Promise<string> {
  const { id, location } = catalog.reserve('spark_catalog', 'default', name);
  await make(location);
  catalog.publish({
    id,
    location,
    catalog: 'spark_catalog',
    schema: 'default',
    name,
    kind: 'MANAGED',
    columns,
    partitionColumns: [],
    properties: {},
    ownerId: admin.userId,
    owner: admin.name,
    createdAtMs: 0,
  });
  return location;
}

export async function openSqlRoom(readable: string[] = []): Promise<SqlRoom> {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-bench-'));
  const store = createLocalStore(join(folder, 'tables'));
  const engine = await openDuckDb({
    memoryLimitBytes: 4_000_000_000,
    threads: cpus().length,
    tempDirectory: join(folder, 'spill'),
    allowedDirectories: [folder, ...readable],
  });
  const delta = createDelta({ store, engine, compiler: createExpressionCompiler() });
  const catalog = new MemoryCatalog();
  const plan = (text: string) => planStatement({ text, session, principal: admin, catalog, now: new Date() });
  let runs = 0;
  return {
    folder,
    engine,
    delta,
    catalog,
    async load(name, pattern) {
      const rows = `SELECT * FROM read_parquet('${pattern}')`;
      const columns = await engine.describe(rows);
      const location = await addTable(catalog, name, columns, (at) =>
        delta.createAs(at, { mode: 'create', columns, rows }),
      );
      return join(folder, 'tables', location);
    },
    plan,
    async run(text) {
      const planned = await plan(text);
      if (planned.kind !== 'plan') throw new Error(`not a query: ${text.slice(0, 60)}`);
      const outcome = await executePlan(
        { engine, delta, store },
        { body: planned.body, principal: admin.name },
        { runId: `bench-${++runs}` },
      );
      return outcome.result ? decodeRows(await store.get(outcome.result.key)).rows : [];
    },
    async close() {
      await delta.idle();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
