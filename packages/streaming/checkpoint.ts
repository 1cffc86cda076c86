import type { ObjectStore } from '@boathouse/contracts';
import { z } from 'zod';
import { streamErrors } from './errors.ts';

/** A batch as `offsets/N` has it: end offsets by source id, and the time at which it was planned. */
export interface RecordedBatch {
  batchId: number;
  timestampMs: number;
  /** Sources that had no data yet may be missing. */
  ends: Readonly<Record<string, number>>;
}

/** The write-ahead log of one stream in a folder of the store, laid out as Spark's: `metadata`, `offsets/N`, `commits/N`. */
export interface Checkpoint {
  readonly folder: string;
  /** Names the stream in Delta's `txn`: a new checkpoint is a new stream. */
  readonly queryId: string;
  /**
   * The newest recorded batch, the offsets after which it begins, and whether its commit is recorded too. Null before the
   * first.
   */
  latest(): Promise<{ batch: RecordedBatch; before: RecordedBatch['ends']; committed: boolean } | null>;
  /** Throws CONCURRENT_STREAM_UPDATE where another driver has recorded this batch. */
  recordOffsets(batch: RecordedBatch): Promise<void>;
  /** Throws CONCURRENT_STREAM_UPDATE where another driver has ended this batch. */
  recordCommit(batchId: number): Promise<void>;
}

/** Batches that stay to be looked at; older ones are removed as new ones come. */
const RETAINED_BATCHES = 100;
const LOG_VERSION = 'v1';

const Metadata = z.object({ id: z.string().min(1) });
const Header = z.object({
  batchWatermarkMs: z.number(),
  batchTimestampMs: z.number(),
  conf: z.record(z.string(), z.string()),
});
const Ends = z.record(z.string(), z.number().int().nonnegative());

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (body: Uint8Array): string => new TextDecoder().decode(body);

/** Opens a checkpoint, or begins it. `ids` gives the stream's id. Throws STREAM_CHECKPOINT_CORRUPT. */
export async function openCheckpoint(store: ObjectStore, folder: string, ids: () => string): Promise<Checkpoint> {
  const key = `${folder}/metadata`;
  await store.putIfAbsent(key, encode(JSON.stringify({ id: ids() })));
  const queryId = parse(key, decode(await store.get(key)), Metadata).id;

  async function recorded(): Promise<number[]> {
    const prefix = `${folder}/offsets/`;
    const found: number[] = [];
    for await (const { key: entry } of store.list(prefix)) {
      const name = entry.slice(prefix.length);
      if (/^\d+$/.test(name)) found.push(Number(name));
    }
    return found.sort((a, b) => a - b);
  }

  async function readOffsets(batchId: number): Promise<RecordedBatch> {
    const entry = `${folder}/offsets/${batchId}`;
    const [version, header, ends, ...rest] = decode(await store.get(entry)).split('\n');
    if (version !== LOG_VERSION || header === undefined || ends === undefined || rest.some((line) => line !== ''))
      throw streamErrors.corrupt(entry, 'not three lines that begin with v1');
    const { batchTimestampMs } = parse(entry, header, Header);
    return { batchId, timestampMs: batchTimestampMs, ends: parse(entry, ends, Ends) };
  }

  return {
    folder,
    queryId,
    async latest() {
      const batchId = (await recorded()).at(-1);
      if (batchId === undefined) return null;
      const committed = await store.head(`${folder}/commits/${batchId}`);
      const before = batchId === 0 ? {} : (await readOffsets(batchId - 1)).ends;
      return { batch: await readOffsets(batchId), before, committed: committed !== null };
    },
    async recordOffsets({ batchId, timestampMs, ends }) {
      const header = { batchWatermarkMs: 0, batchTimestampMs: timestampMs, conf: {} };
      const body = `${LOG_VERSION}\n${JSON.stringify(header)}\n${JSON.stringify(ends)}\n`;
      const first = await store.putIfAbsent(`${folder}/offsets/${batchId}`, encode(body));
      if (!first) throw streamErrors.fenced(folder, `offsets/${batchId}`);
    },
    async recordCommit(batchId) {
      const body = `${LOG_VERSION}\n${JSON.stringify({ nextBatchWatermarkMs: 0 })}\n`;
      const first = await store.putIfAbsent(`${folder}/commits/${batchId}`, encode(body));
      if (!first) throw streamErrors.fenced(folder, `commits/${batchId}`);
      const old = batchId - RETAINED_BATCHES;
      if (old < 0) return;
      await store.delete(`${folder}/commits/${old}`);
      await store.delete(`${folder}/offsets/${old}`);
    },
  };
}

/**
 * Generations of a stream are numbered folders below `root`: a full refresh begins the next one and leaves the old ones, so
 * that it never half-erases a checkpoint. Answers the newest number, or null where there is none.
 */
export async function latestGeneration(store: ObjectStore, root: string): Promise<number | null> {
  let latest: number | null = null;
  for await (const { key } of store.list(`${root}/`)) {
    const number = /^(\d+)\/metadata$/.exec(key.slice(root.length + 1))?.[1];
    if (number !== undefined) latest = Math.max(latest ?? 0, Number(number));
  }
  return latest;
}

function parse<T>(key: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw streamErrors.corrupt(key, 'not JSON');
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw streamErrors.corrupt(key, parsed.error.message);
}
