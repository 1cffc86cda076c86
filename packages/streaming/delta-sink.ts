import type { AddFile, CommitProvenance, Delta } from '@boathouse/delta';
import type { StreamBatch, StreamSink } from './micro-batch.ts';

export interface DeltaSinkOptions {
  delta: Delta;
  /** Storage key of the table's folder; the table exists. */
  location: string;
  provenance: Pick<CommitProvenance, 'userName' | 'runId'>;
  /** Writes the batch's rows into data files of the table; nothing is visible yet. */
  write(batch: StreamBatch): Promise<AddFile[]>;
  /** The batch is durable at this version. `files` is empty where another driver was first. */
  committed(batch: StreamBatch, version: number, files: readonly AddFile[]): void | Promise<void>;
}

/**
 * Appends each batch to a Delta table in one commit that carries `txn{appId: query id, version: batch id}`: a batch that is
 * in the table already is never there twice.
 */
export function deltaSink(options: DeltaSinkOptions): StreamSink {
  const { delta, location } = options;
  return {
    async applied({ queryId, batchId }) {
      const last = (await delta.snapshot(location)).txnVersion(queryId);
      return last !== null && last >= batchId;
    },
    async write(batch) {
      const files = await options.write(batch);
      const done = await delta
        .commit(location, {
          ...options.provenance,
          operation: 'STREAMING UPDATE',
          operationParameters: { outputMode: 'Append', queryId: batch.queryId, epochId: String(batch.batchId) },
          mode: 'append',
          adds: files,
          txn: { appId: batch.queryId, version: batch.batchId },
          txnId: `${batch.queryId}-${batch.batchId}`,
        })
        .catch(async (error: unknown) => {
          // A refusal by name committed nothing; after anything else a log may name the files, and they stay.
          if (error instanceof Error && 'code' in error && String(error.code).startsWith('DELTA_'))
            await delta.discardFiles(location, files);
          throw error;
        });
      if (done.alreadyApplied) await delta.discardFiles(location, files);
      await options.committed(batch, done.version, done.alreadyApplied ? [] : files);
    },
  };
}
