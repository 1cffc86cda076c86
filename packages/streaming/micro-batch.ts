import { userError } from '@boathouse/contracts';
import type { Checkpoint, RecordedBatch } from './checkpoint.ts';
import type { StreamSource } from './source.ts';

/** One batch to run: for each source what follows `after` up to `end`. */
export interface StreamBatch {
  queryId: string;
  batchId: number;
  /** When it was planned: the same again when it is replayed after a crash. */
  timestampMs: number;
  ranges: ReadonlyMap<string, { after: number; end: number }>;
  replay: boolean;
}

export interface StreamSink {
  /** Whether this batch is in the sink already: it is then not run again. */
  applied(batch: StreamBatch): Promise<boolean>;
  /** Runs the batch and makes it durable in one step, marked with `queryId` and `batchId`. */
  write(batch: StreamBatch): Promise<void>;
}

/** The moments between which a process may die; a test ends it at each of them. */
export type StreamPoint = 'discovered' | 'offsetsRecorded' | 'sinkWritten' | 'commitRecorded';

export interface StreamOptions {
  checkpoint: Checkpoint;
  sources: readonly StreamSource[];
  sink: StreamSink;
  clock: () => number;
  signal?: AbortSignal;
  /** Called at each point; what it throws ends the stream there. */
  at?(point: StreamPoint, batchId: number): void | Promise<void>;
}

export interface StreamEnd {
  /** Batches that this call ended, replayed ones included. */
  batches: number;
  /** Offsets by source id: how far the stream has come. */
  ends: Readonly<Record<string, number>>;
}

/**
 * Trigger AvailableNow: finishes what an earlier driver began, then runs batches until all that was there at the start is
 * in the sink. Offsets first, then the sink with its mark, then the commit: killed anywhere, the next call gives the same table.
 * Throws CONCURRENT_STREAM_UPDATE where another driver works on the same checkpoint, CANCELLED by the signal.
 */
export async function runAvailable(options: StreamOptions): Promise<StreamEnd> {
  const { checkpoint, sources, sink } = options;
  const at = async (point: StreamPoint, batchId: number) => options.at?.(point, batchId);
  let batches = 0;

  async function run(
    recorded: RecordedBatch,
    before: Readonly<Record<string, number>>,
    replay: boolean,
  ): Promise<void> {
    const batch: StreamBatch = {
      queryId: checkpoint.queryId,
      batchId: recorded.batchId,
      timestampMs: recorded.timestampMs,
      ranges: new Map(Object.entries(recorded.ends).map(([id, end]) => [id, { after: before[id] ?? 0, end }] as const)),
      replay,
    };
    if (!(replay && (await sink.applied(batch)))) await sink.write(batch);
    await at('sinkWritten', batch.batchId);
    await checkpoint.recordCommit(batch.batchId);
    batches++;
    await at('commitRecorded', batch.batchId);
  }

  const last = await checkpoint.latest();
  let ends: Readonly<Record<string, number>> = last?.batch.ends ?? {};
  let next = (last?.batch.batchId ?? -1) + 1;
  if (last && !last.committed) await run(last.batch, last.before, true);

  const targets = new Map<string, number>();
  for (const source of sources) targets.set(source.id, await source.latest());
  await at('discovered', next);
  for (;;) {
    if (options.signal?.aborted) throw userError('CANCELLED', 'The stream was stopped.', { status: 409 });
    const reach: Record<string, number> = { ...ends };
    for (const source of sources) {
      const after = ends[source.id] ?? 0;
      reach[source.id] = source.limit(after, Math.max(after, targets.get(source.id)!));
    }
    if (sources.every((source) => reach[source.id] === (ends[source.id] ?? 0))) return { batches, ends };
    const recorded: RecordedBatch = { batchId: next, timestampMs: options.clock(), ends: reach };
    await checkpoint.recordOffsets(recorded);
    await at('offsetsRecorded', next);
    await run(recorded, ends, false);
    ends = reach;
    next++;
  }
}
