import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Column } from '@boathouse/contracts';
import { createLocalStore } from '@boathouse/storage';
import { type Engine, openDuckDb } from '../index.ts';

/** A real engine and a real store in a folder that goes with the test. */
export async function openRoom(t: TestContext, options: { memoryLimitBytes?: number; folder?: string } = {}) {
  const made = await mkdtemp(join(tmpdir(), 'boathouse-engine-'));
  const root = options.folder ? join(made, options.folder) : made;
  const store = await createLocalStore(join(root, 'storage'));
  const engine = await openDuckDb({
    memoryLimitBytes: options.memoryLimitBytes ?? 1024 ** 3,
    threads: 2,
    tempDirectory: join(root, 'tmp'),
    allowedDirectories: [join(root, 'storage')],
  });
  t.after(async () => {
    await engine.close();
    await rm(made, { recursive: true, force: true });
  });
  return { root, store, engine };
}

export const column = (name: string, type: string): Column => ({ name, type, nullable: true });

/** Runs text and gives the batches' row counts and the stream's bytes. */
export async function collect(
  engine: Engine,
  sql: string,
  columns: Column[],
  options: { firstBatchRows?: number; signal?: AbortSignal } = {},
) {
  const { streamEncoder } = await import('../index.ts');
  const encoder = streamEncoder(columns);
  const messages: Uint8Array[] = [];
  const batchRows: number[] = [];
  const end = await engine.query(sql, columns, {
    ...options,
    onBatch: (batch) => {
      batchRows.push(batch.numRows);
      messages.push(encoder.batch(batch));
    },
  });
  return { end, batchRows, ipc: encoder.stream(messages) };
}
