import { type DataType, invariant } from '@boathouse/contracts';
import duckdb from '@duckdb/node-bindings';
import { type DataType as ArrowType, type Data, makeData } from 'apache-arrow';
import { intervalText } from '../intervals.ts';
import { LongStrings } from '../strings.ts';
import { type Builder, grown, INITIAL_ROWS, Validity, type Vector } from './builder.ts';

/** Growing text: offsets and bytes. Subclasses write one row's bytes. */
export abstract class BytesBuilder implements Builder {
  protected readonly validity = new Validity();
  protected data = new Uint8Array(INITIAL_ROWS * 16);
  protected end = 0;
  private offsets = new Int32Array(INITIAL_ROWS + 1);
  private readonly type: ArrowType;
  constructor(type: ArrowType) {
    this.type = type;
  }
  abstract bind(vector: Vector, size: number): void;
  protected abstract append(from: number, count: number, offsets: Int32Array, at: number): void;
  take(from: number, count: number): void {
    const at = this.validity.length;
    if (at + count + 1 > this.offsets.length) {
      const next = new Int32Array(Math.max(at + count + 1, this.offsets.length * 2));
      next.set(this.offsets);
      this.offsets = next;
    }
    this.append(from, count, this.offsets, at);
    this.validity.take(from, count);
  }
  protected reserve(bytes: number): void {
    // Offsets of an Arrow string array have 32 bits; batches are cut long before.
    invariant(this.end + bytes < 2 ** 31, 'text of one batch fits 32-bit offsets');
    this.data = grown(this.data, this.end + bytes);
  }
  bytes(): number {
    return this.end;
  }
  finish(): Data {
    const end = this.validity.finish();
    const data = makeData({
      type: this.type as never,
      ...end,
      valueOffsets: this.offsets.slice(0, end.length + 1) as never,
      data: this.data.slice(0, this.end) as never,
    });
    this.data = new Uint8Array(INITIAL_ROWS * 16);
    this.offsets = new Int32Array(INITIAL_ROWS + 1);
    this.end = 0;
    return data;
  }
}

export class StringBuilder extends BytesBuilder {
  private bytesOf = new Uint8Array(0);
  private words = new Uint32Array(0);
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    this.bytesOf = duckdb.vector_get_data(vector, size * 16) as Uint8Array<ArrayBuffer>;
    this.words = new Uint32Array(this.bytesOf.buffer, this.bytesOf.byteOffset, size * 4);
  }
  protected append(from: number, count: number, offsets: Int32Array, at: number): void {
    const { words, bytesOf, validity } = this;
    let total = 0;
    let long = false;
    for (let row = from; row < from + count; row++) {
      if (!validity.valid(row)) continue;
      total += words[row * 4]!;
      if (words[row * 4]! > 12) long = true;
    }
    this.reserve(total);
    const strings = long ? new LongStrings(words, from, from + count, (row) => validity.valid(row)) : null;
    const { data } = this;
    let end = this.end;
    for (let i = 0; i < count; i++) {
      const row = from + i;
      if (validity.valid(row)) {
        const length = words[row * 4]!;
        if (length <= 12) {
          const start = row * 16 + 4;
          for (let b = 0; b < length; b++) data[end + b] = bytesOf[start + b]!;
        } else strings!.copy(words, row, data, end);
        end += length;
      }
      offsets[at + i + 1] = end;
    }
    this.end = end;
  }
}

/** Intervals become the text of Spark's `CAST(… AS STRING)`: no client library agrees on another form. */
export class IntervalBuilder extends BytesBuilder {
  private readonly interval: DataType & { kind: 'interval' | 'calendar_interval' };
  private view: DataView = new DataView(new ArrayBuffer(0));
  constructor(type: ArrowType, interval: DataType & { kind: 'interval' | 'calendar_interval' }) {
    super(type);
    this.interval = interval;
  }
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    const bytes = duckdb.vector_get_data(vector, size * 16);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, size * 16);
  }
  protected append(from: number, count: number, offsets: Int32Array, at: number): void {
    for (let i = 0; i < count; i++) {
      if (this.validity.valid(from + i)) {
        const start = (from + i) * 16;
        const months = this.view.getInt32(start, true);
        const days = this.view.getInt32(start + 4, true);
        const text = new TextEncoder().encode(
          intervalText(this.interval, months, days, this.view.getBigInt64(start + 8, true)),
        );
        this.reserve(text.length);
        this.data.set(text, this.end);
        this.end += text.length;
      }
      offsets[at + i + 1] = this.end;
    }
  }
}
