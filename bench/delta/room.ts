import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDelta, type Delta } from '@boathouse/delta';
import { createLocalStore } from '@boathouse/storage';
import { DuckDBInstance } from '@duckdb/node-api';

export interface BenchRoom {
  folder: string;
  delta: Delta;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** The Delta room over a folder of its own, on a plain engine with the settings of the product. */
export async function openBenchRoom(memoryLimit = '4GB'): Promise<BenchRoom> {
  const folder = mkdtempSync(join(tmpdir(), 'boathouse-bench-'));
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: join(folder, 'spill'),
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run('SET parquet_metadata_cache = true');
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJS();
  const delta = createDelta({ store: createLocalStore(join(folder, 'tables')), engine: { rows } });
  return {
    folder: join(folder, 'tables'),
    delta,
    rows,
    async close() {
      await delta.idle();
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
