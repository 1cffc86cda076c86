import duckdb from '@duckdb/node-bindings';
import type { Data } from 'apache-arrow';

export type Vector = Parameters<typeof duckdb.vector_get_data>[0];

/**
 * Collects rows of engine vectors into the buffers of one Arrow array. `bind` takes a vector of `size` rows, `take` copies
 * a range of its rows, `finish` hands over the array and starts a new one.
 */
export interface Builder {
  bind(vector: Vector, size: number): void;
  take(from: number, count: number): void;
  /** Bytes held so far, roughly. */
  bytes(): number;
  finish(): Data;
}

export const INITIAL_ROWS = 2048;

/** Growing bytes; doubling keeps copies linear. */
export function grown(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes;
  const next = new Uint8Array(Math.max(needed, bytes.length * 2));
  next.set(bytes);
  return next;
}

/** Validity of the rows so far (Arrow's bit order, which is the engine's too) and of the bound vector. */
export class Validity {
  nulls = 0;
  length = 0;
  private bits = new Uint8Array(INITIAL_ROWS / 8);
  private bound: Uint8Array | null = null;

  bind(vector: Vector, size: number): void {
    this.bound = duckdb.vector_get_validity(vector, Math.ceil(size / 64) * 8) ?? null;
  }
  valid(row: number): boolean {
    return this.bound === null || (this.bound[row >> 3]! & (1 << (row & 7))) !== 0;
  }
  get allValid(): boolean {
    return this.bound === null;
  }
  take(from: number, count: number): void {
    if (this.bound !== null) {
      this.bits = grown(this.bits, Math.ceil((this.length + count) / 8));
      for (let i = 0; i < count; i++) {
        const at = this.length + i;
        if (this.valid(from + i)) continue;
        // Bits hold "is null" until the end, so that rows without nulls cost nothing.
        this.bits[at >> 3]! |= 1 << (at & 7);
        this.nulls++;
      }
    }
    this.length += count;
  }
  /** Arrow's bitmap (1 = valid), or undefined where nothing is null. */
  finish(): { nullBitmap?: Uint8Array; nullCount: number; length: number } {
    const { nulls, length } = this;
    let nullBitmap: Uint8Array | undefined;
    if (nulls) {
      const bits = grown(this.bits, Math.ceil(length / 8)).subarray(0, Math.ceil(length / 8));
      nullBitmap = bits.map((byte) => ~byte);
    }
    this.bits = new Uint8Array(INITIAL_ROWS / 8);
    this.nulls = 0;
    this.length = 0;
    return { nullBitmap, nullCount: nulls, length };
  }
}
