import { DuckDBInstance } from '@duckdb/node-api';

export interface RawDuckDb {
  run: (sql: string) => Promise<unknown[][]>;
  close: () => void;
}

/** DuckDB as anybody would open it: the baseline, in a process that does nothing else meanwhile. */
export async function openRawDuckDb(): Promise<RawDuckDb> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run("set timezone = 'UTC'");
  return {
    run: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowsJson() as unknown[][];
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
