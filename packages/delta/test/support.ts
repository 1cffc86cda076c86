import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExpressionCompiler, ObjectStore, TableEngine } from '@boathouse/contracts';
import { BoathouseError } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { DuckDBInstance } from '@duckdb/node-api';
import { createDelta } from '../index.ts';
import type { Delta, DeltaOptions } from '../types.ts';

export interface Engine extends TableEngine {
  close(): void;
}

/** A real DuckDB in the session zone of the product. */
export async function openEngine(): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return {
    rows: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJS(),
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

export interface Room {
  root: string;
  store: ObjectStore;
  engine: Engine;
  delta: Delta;
  /** Another process's view of the same tables: its own cache. */
  other(options?: Partial<DeltaOptions>): Delta;
  /** Rows of the table's latest version (or another one), as values of the client, in the order of all columns. */
  read(location: string, version?: number): Promise<unknown[][]>;
  close(): Promise<void>;
}

/** `openStore`: a store of another kind; it may keep files in the folder. */
export async function openRoom(openStore: (root: string) => ObjectStore = createLocalStore): Promise<Room> {
  const root = await mkdtemp(join(tmpdir(), 'boathouse-delta-'));
  const store = openStore(root);
  const engine = await openEngine();
  const opened: Delta[] = [];
  const open = (options: Partial<DeltaOptions> = {}) => {
    opened.push(createDelta({ store, engine, ...options }));
    return opened.at(-1)!;
  };
  const delta = open();
  return {
    root,
    store,
    engine,
    delta,
    other: open,
    async read(location, version) {
      const snapshot = await delta.snapshot(location, { version });
      const names = snapshot.columns.map((column) => column.name);
      const rows = await engine.rows(
        `SELECT * FROM ${await delta.relation(snapshot, await snapshot.files(), names)} ORDER BY ALL`,
      );
      return rows.map((row) => names.map((name) => row[name]));
    },
    async close() {
      for (const one of opened) await one.idle();
      engine.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export const hasCode =
  (code: string, ...words: string[]) =>
  (error: unknown): boolean =>
    error instanceof BoathouseError && error.code === code && words.every((word) => error.message.includes(word));

export const column = (name: string, type: string, nullable = true) => ({ name, type, nullable });

/** Takes expressions for the engine's own text, with columns quoted: enough for those that both dialects write alike. */
export const plainCompiler: ExpressionCompiler = {
  compile: (expression, columns) =>
    columns.reduce((text, { name }) => text.replace(new RegExp(`\\b${name}\\b`, 'g'), `"${name}"`), expression),
};
