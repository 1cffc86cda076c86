import duckdb from '@duckdb/node-bindings';
import { type DataType as ArrowType, type Data, makeData } from 'apache-arrow';
import { type Builder, Validity, type Vector } from './builder.ts';

/** Lists, and maps as lists of key and value. The engine's entries are (offset, length) into the child, in any order. */
export class ListBuilder implements Builder {
  private readonly type: ArrowType;
  private readonly child: Builder;
  private readonly validity = new Validity();
  private offsets: number[] = [0];
  private entries: Uint32Array = new Uint32Array(0);
  constructor(type: ArrowType, child: Builder) {
    this.type = type;
    this.child = child;
  }
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    const bytes = duckdb.vector_get_data(vector, size * 16);
    this.entries = new Uint32Array(bytes.buffer, bytes.byteOffset, size * 4);
    this.child.bind(duckdb.list_vector_get_child(vector), duckdb.list_vector_get_size(vector));
  }
  take(from: number, count: number): void {
    let end = this.offsets[this.offsets.length - 1]!;
    // Rows whose children follow each other are taken in one piece.
    let start = 0;
    let pending = 0;
    for (let row = from; row < from + count; row++) {
      if (this.validity.valid(row)) {
        const offset = this.entries[row * 4]!;
        const length = this.entries[row * 4 + 2]!;
        if (pending && offset !== start + pending) {
          this.child.take(start, pending);
          pending = 0;
        }
        if (length && !pending) start = offset;
        pending += length;
        end += length;
      }
      this.offsets.push(end);
    }
    if (pending) this.child.take(start, pending);
    this.validity.take(from, count);
  }
  bytes(): number {
    return this.offsets.length * 4 + this.child.bytes();
  }
  finish(): Data {
    const end = this.validity.finish();
    const data = makeData({
      type: this.type as never,
      ...end,
      valueOffsets: Int32Array.from(this.offsets) as never,
      child: this.child.finish() as never,
    });
    this.offsets = [0];
    return data;
  }
}

export class StructBuilder implements Builder {
  private readonly type: ArrowType;
  private readonly fields: Builder[];
  private readonly validity = new Validity();
  constructor(type: ArrowType, fields: Builder[]) {
    this.type = type;
    this.fields = fields;
  }
  bind(vector: Vector, size: number): void {
    this.validity.bind(vector, size);
    for (const [i, field] of this.fields.entries()) field.bind(duckdb.struct_vector_get_child(vector, i), size);
  }
  take(from: number, count: number): void {
    for (const field of this.fields) field.take(from, count);
    this.validity.take(from, count);
  }
  bytes(): number {
    return this.fields.reduce((sum, field) => sum + field.bytes(), 0);
  }
  finish(): Data {
    const end = this.validity.finish();
    return makeData({
      type: this.type as never,
      ...end,
      children: this.fields.map((field) => field.finish()) as never,
    });
  }
}
