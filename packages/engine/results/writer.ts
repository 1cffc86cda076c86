import { createHash, randomUUID } from 'node:crypto';
import type { Column, ObjectStore, ObjectWriter, ResultManifest } from '@boathouse/contracts';
import type { RecordBatch } from 'apache-arrow';
import { END_OF_STREAM, type StreamEncoder, streamEncoder } from '../arrow/encode.ts';

export const DEFAULT_RESULT_LIMIT_BYTES = 512 * 1024 * 1024;
/** Results up to this size are held and stored in one piece; larger ones stream to a staging key. */
const HELD_BYTES = 4 * 1024 * 1024;

/**
 * Keeps a result as one Arrow IPC stream under its content hash. `add` answers false when the size limit is reached: the
 * batch that did not fit is left out and the manifest says `truncated`.
 */
export class ResultWriter {
  private readonly store: ObjectStore;
  private readonly columns: Column[];
  private readonly limitBytes: number;
  private readonly hash = createHash('sha256');
  private readonly batches: ResultManifest['batches'] = [];
  private readonly encoder: StreamEncoder;
  private held: Uint8Array[] = [];
  private writer: ObjectWriter | null = null;
  private bytes = 0;
  private rows = 0;
  private truncated = false;

  constructor(options: { store: ObjectStore; columns: Column[]; limitBytes?: number }) {
    this.store = options.store;
    this.columns = options.columns;
    this.limitBytes = options.limitBytes ?? DEFAULT_RESULT_LIMIT_BYTES;
    this.encoder = streamEncoder(options.columns);
  }

  /** Stores a batch. `page` gives the same batch as a stream of its own, for the first rows on a screen. */
  async add(batch: RecordBatch): Promise<{ accepted: boolean; page(): Uint8Array }> {
    if (!this.bytes) await this.append(this.encoder.schemaBytes);
    const message = this.encoder.batch(batch);
    const page = () => this.encoder.stream([message]);
    if (this.bytes + message.length + END_OF_STREAM.length > this.limitBytes) {
      this.truncated = true;
      return { accepted: false, page };
    }
    this.batches.push({
      rowOffset: this.rows,
      rows: batch.numRows,
      byteOffset: this.bytes,
      byteLength: message.length,
    });
    this.rows += batch.numRows;
    await this.append(message);
    return { accepted: true, page };
  }

  /** Publishes the stream; durable when it returns. */
  async finish(): Promise<ResultManifest> {
    if (!this.bytes) await this.append(this.encoder.schemaBytes);
    await this.append(END_OF_STREAM);
    const hash = this.hash.digest('hex');
    const key = `results/${hash}.arrow`;
    if (this.writer) await this.writer.commit(key);
    else await this.store.put(key, Buffer.concat(this.held));
    this.held = [];
    return {
      hash,
      key,
      columns: this.columns,
      rowCount: this.rows,
      byteCount: this.bytes,
      truncated: this.truncated,
      schemaByteLength: this.encoder.schemaBytes.length,
      batches: this.batches,
    };
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    this.held = [];
    await this.writer?.abort();
  }

  /** An empty stream with the schema, for a first page without rows. */
  emptyPage(): Uint8Array {
    return this.encoder.stream([]);
  }

  private async append(bytes: Uint8Array): Promise<void> {
    this.hash.update(bytes);
    this.bytes += bytes.length;
    if (this.writer) return this.writer.write(bytes);
    this.held.push(bytes);
    if (this.bytes <= HELD_BYTES) return;
    this.writer = await this.store.writer(`results/staging/${randomUUID()}`);
    for (const part of this.held) await this.writer.write(part);
    this.held = [];
  }
}
