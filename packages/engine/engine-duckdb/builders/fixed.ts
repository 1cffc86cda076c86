import duckdb from '@duckdb/node-bindings';
import { type DataType as ArrowType, type Data, makeData } from 'apache-arrow';
import { type Builder, grown, INITIAL_ROWS, Validity, type Vector } from './builder.ts';

export class NullBuilder implements Builder {
  private readonly type: ArrowType;
  private length = 0;
  constructor(type: ArrowType) {
    this.type = type;
  }
  bind(): void {}
  take(_from: number, count: number): void {
    this.length += count;
  }
  bytes(): number {
    return 0;
  }
  finish(): Data {
    const data = makeData({ type: this.type as never, length: this.length });
    this.length = 0;
    return data;
  }
}

export class FixedBuilder implements Builder {
  private readonly type: ArrowType;
  private readonly width: number;
  private readonly view: (bytes: Uint8Array<ArrayBuffer>) => unknown;
  private readonly validity = new Validity();
  private data: Uint8Array<ArrayBuffer>;
  private bound = new Uint8Array(0);
  constructor(type: ArrowType, width: number, view: (bytes: Uint8Array<ArrayBuffer>) => unknown) {
    this.type = type;
    this.width = width;
    this.view = view;
    this.data = new Uint8Array(INITIAL_ROWS * width);
  }
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    this.bound = duckdb.vector_get_data(vector, size * this.width) as Uint8Array<ArrayBuffer>;
  }
  take(from: number, count: number): void {
    const { width } = this;
    const at = this.validity.length * width;
    this.data = grown(this.data, at + count * width);
    this.data.set(this.bound.subarray(from * width, (from + count) * width), at);
    this.validity.take(from, count);
  }
  bytes(): number {
    return this.validity.length * this.width;
  }
  finish(): Data {
    const end = this.validity.finish();
    const bytes = this.data.slice(0, end.length * this.width);
    this.data = new Uint8Array(INITIAL_ROWS * this.width);
    return makeData({ type: this.type as never, ...end, data: this.view(bytes) as never });
  }
}

export class BoolBuilder implements Builder {
  private readonly type: ArrowType;
  private readonly validity = new Validity();
  private bits = new Uint8Array(INITIAL_ROWS / 8);
  private bound = new Uint8Array(0);
  constructor(type: ArrowType) {
    this.type = type;
  }
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    this.bound = duckdb.vector_get_data(vector, size) as Uint8Array<ArrayBuffer>;
  }
  take(from: number, count: number): void {
    const start = this.validity.length;
    this.bits = grown(this.bits, Math.ceil((start + count) / 8));
    for (let i = 0; i < count; i++) if (this.bound[from + i]) this.bits[(start + i) >> 3]! |= 1 << ((start + i) & 7);
    this.validity.take(from, count);
  }
  bytes(): number {
    return this.validity.length >> 3;
  }
  finish(): Data {
    const end = this.validity.finish();
    const data = this.bits.slice(0, Math.ceil(end.length / 8));
    this.bits = new Uint8Array(INITIAL_ROWS / 8);
    return makeData({ type: this.type as never, ...end, data: data as never });
  }
}

/** Decimals of up to 4, 9, 18 and 38 digits lie in 2, 4, 8 and 16 bytes; Arrow's decimal128 always in 16. */
export class DecimalBuilder implements Builder {
  private readonly type: ArrowType;
  private readonly width: 2 | 4 | 8 | 16;
  private readonly validity = new Validity();
  private data = new Uint8Array(INITIAL_ROWS * 16);
  private words = new Int32Array(this.data.buffer);
  private bound: Int16Array | Int32Array = new Int32Array(0);
  constructor(type: ArrowType, digits: number) {
    this.type = type;
    this.width = digits <= 4 ? 2 : digits <= 9 ? 4 : digits <= 18 ? 8 : 16;
  }
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    const bytes = duckdb.vector_get_data(vector, size * this.width);
    this.bound =
      this.width === 2
        ? new Int16Array(bytes.buffer, bytes.byteOffset, size)
        : new Int32Array(bytes.buffer, bytes.byteOffset, (size * this.width) / 4);
  }
  take(from: number, count: number): void {
    const start = this.validity.length;
    const data = grown(this.data, (start + count) * 16);
    if (data !== this.data) {
      this.data = data;
      this.words = new Int32Array(data.buffer);
    }
    const { words, bound } = this;
    const inWords = this.width / 4;
    if (inWords === 4) words.set(bound.subarray(from * 4, (from + count) * 4), start * 4);
    else
      for (let i = 0; i < count; i++) {
        const at = (start + i) * 4;
        const low = inWords === 2 ? bound[(from + i) * 2]! : bound[from + i]!;
        const high = inWords === 2 ? bound[(from + i) * 2 + 1]! : low >> 31;
        words[at] = low;
        words[at + 1] = high;
        words[at + 2] = high >> 31;
        words[at + 3] = high >> 31;
      }
    this.validity.take(from, count);
  }
  bytes(): number {
    return this.validity.length * 16;
  }
  finish(): Data {
    const end = this.validity.finish();
    const bytes = this.data.slice(0, end.length * 16);
    this.data = new Uint8Array(INITIAL_ROWS * 16);
    this.words = new Int32Array(this.data.buffer);
    return makeData({ type: this.type as never, ...end, data: new Uint32Array(bytes.buffer) as never });
  }
}
