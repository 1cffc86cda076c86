import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createDelta } from '@boathouse/delta';
import { openDuckDb } from '@boathouse/engine';
import { createLocalStore } from '@boathouse/storage';
import { deltaSink, openCheckpoint, openFileSource, runAvailable, type StreamPoint } from '../index.ts';

const columns = [{ name: 'v', type: 'bigint', nullable: true }];
const LANDING = 'landing/';
const TABLE = 'tables/t';
const CHECKPOINT = 'checkpoints/s';

/** A stream of text files with one number a line into a Delta table, over a real engine and a real folder. */
export async function openStream(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'boathouse-streaming-'));
  const store = await createLocalStore(join(root, 'storage'));
  const engine = await openDuckDb({
    memoryLimitBytes: 512 * 1024 ** 2,
    threads: 2,
    tempDirectory: join(root, 'tmp'),
    allowedDirectories: [join(root, 'storage')],
  });
  const delta = createDelta({ store, engine });
  t.after(async () => {
    await delta.idle();
    await engine.close();
    await rm(root, { recursive: true, force: true });
  });
  await delta.create(TABLE, { columns });

  /** One driver, from its start to its end: what it holds in memory dies with it. */
  async function drive(
    options: { at?: (point: StreamPoint, batchId: number) => void | Promise<void>; maxFiles?: number } = {},
  ) {
    const checkpoint = await openCheckpoint(store, CHECKPOINT, randomUUID);
    const source = await openFileSource({
      store,
      checkpoint: CHECKPOINT,
      maxFilesPerTrigger: options.maxFiles,
      list: async () => {
        const found = [];
        for await (const info of store.list(LANDING)) found.push(info);
        return found;
      },
    });
    const written: number[] = [];
    const sink = deltaSink({
      delta,
      location: TABLE,
      provenance: {},
      write: (batch) => {
        const { after, end } = batch.ranges.get(source.id)!;
        const uris = source.files(after, end).map((file) => `'${store.engineUri(file.key)}'`);
        written.push(batch.batchId);
        return delta.writeFiles(
          { location: TABLE, columns, partitionColumns: [] },
          `SELECT v FROM read_csv([${uris.join(', ')}], header = false, auto_detect = false, columns = {'v': 'BIGINT'})`,
        );
      },
      committed: () => {},
    });
    const end = await runAvailable({ checkpoint, sources: [source], sink, clock: Date.now, at: options.at });
    return { ...end, written, changed: source.changed.map((file) => file.key) };
  }

  return {
    store,
    delta,
    drive,
    put: (name: string, ...values: number[]) =>
      store.put(`${LANDING}${name}`, new TextEncoder().encode(values.map((value) => `${value}\n`).join(''))),
    async values(): Promise<number[]> {
      const snapshot = await delta.snapshot(TABLE);
      const relation = await delta.relation(snapshot, await snapshot.files(), ['v']);
      return (await engine.rows(`SELECT v FROM ${relation} ORDER BY v`)).map((row) => Number(row.v));
    },
    version: () => delta.latestVersion(TABLE),
    forgetCommit: (batchId: number) => store.delete(`${CHECKPOINT}/commits/${batchId}`),
    async keys(folder: string): Promise<string[]> {
      const found = [];
      for await (const { key } of store.list(`${CHECKPOINT}/${folder}/`)) found.push(key.split('/').at(-1)!);
      return found;
    },
  };
}

export class Crash extends Error {}

/** Dies the first time that the point of the batch is reached. */
export const crashAt = (wanted: StreamPoint, batch: number) => (point: StreamPoint, batchId: number) => {
  if (point === wanted && batchId === batch) throw new Crash(`${wanted} ${batch}`);
};
