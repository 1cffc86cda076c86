import duckdb from '@duckdb/node-bindings';

/**
 * Bytes of the long strings of one vector. DuckDB keeps 16 bytes a value: length, then the string itself up to 12 bytes,
 * else 4 bytes of prefix and a pointer. A call into the binding for each pointer costs more than everything else, so
 * neighbours are fetched together: sorted by address, two strings less than a page apart share one fetch. The bytes
 * between them lie on pages that hold the end of one or the start of the other, so reading them is always safe.
 */
const PAGE_BYTES = 4096;
const INLINE_BYTES = 12;

export class LongStrings {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private readonly bytes: Uint8Array[] = [];
  private last = 0;

  /** `words`: the vector as u32; rows `from` to `to`; `valid` tells which rows hold a value. */
  constructor(words: Uint32Array, from: number, to: number, valid: (row: number) => boolean) {
    const addresses = new Float64Array(to - from);
    const order: number[] = [];
    let count = 0;
    let sorted = true;
    for (let row = from; row < to; row++) {
      if (words[row * 4]! <= INLINE_BYTES || !valid(row)) continue;
      const address = addressOf(words, row);
      if (count && address < addresses[count - 1]!) sorted = false;
      addresses[count++] = address;
      order.push(row);
    }
    if (!count) return;
    const lengths = new Map<number, number>();
    for (const row of order) {
      const address = addressOf(words, row);
      const length = words[row * 4]!;
      if ((lengths.get(address) ?? 0) < length) lengths.set(address, length);
    }
    const ascending = addresses.subarray(0, count);
    if (!sorted) ascending.sort();
    let start = ascending[0]!;
    let end = start;
    for (const address of ascending) {
      if (address >= end + PAGE_BYTES) {
        this.fetch(start, end);
        start = address;
        end = address;
      }
      end = Math.max(end, address + lengths.get(address)!);
    }
    this.fetch(start, end);
  }

  private fetch(start: number, end: number): void {
    const pointer = new BigUint64Array([BigInt(start)]);
    this.starts.push(start);
    this.ends.push(end);
    this.bytes.push(duckdb.get_data_from_pointer(pointer.buffer, 0, end - start));
  }

  /** Copies the string of a row to `target` at `at`. */
  copy(words: Uint32Array, row: number, target: Uint8Array, at: number): void {
    const address = addressOf(words, row);
    const length = words[row * 4]!;
    if (address < this.starts[this.last]! || address >= this.ends[this.last]!) this.seek(address);
    const offset = address - this.starts[this.last]!;
    const source = this.bytes[this.last]!;
    if (length < 40) for (let i = 0; i < length; i++) target[at + i] = source[offset + i]!;
    else target.set(source.subarray(offset, offset + length), at);
  }

  private seek(address: number): void {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= address) low = middle;
      else high = middle - 1;
    }
    this.last = low;
  }
}

/** Addresses of user space have 47 bits: exact in a number. */
const addressOf = (words: Uint32Array, row: number): number => words[row * 4 + 2]! + words[row * 4 + 3]! * 2 ** 32;
