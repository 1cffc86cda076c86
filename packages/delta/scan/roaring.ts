/**
 * The 64-bit portable Roaring bitmap of PROTOCOL.md "Deletion Vector Format": buckets by the high 32 bits, each a 32-bit
 * Roaring bitmap of array, bitmap and run containers (RoaringFormatSpec).
 */

/** Rows of a file: bitmaps of 65,536 rows each, by `row >> 16`; row n is bit n & 7 of byte n >> 3. No bitmap is empty. */
export type RowSet = Map<number, Uint8Array>;

/** Rows of a container, and the bytes of its bitmap. */
export const CHUNK_ROWS = 65536;
export const CHUNK_BYTES = CHUNK_ROWS / 8;

const MAGIC = 1681511377;
const NO_RUNS = 12346;
const WITH_RUNS = 12347;
const NO_OFFSET_THRESHOLD = 4;
const MAX_ARRAY = 4096;
/** Containers of a bucket: the 32-bit bitmap has 16 bits for their keys. */
const BUCKET_CHUNKS = 65536;

const bitCounts = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

export function countBits(bitmap: Uint8Array): number {
  let count = 0;
  for (const byte of bitmap) count += bitCounts[byte]!;
  return count;
}

export function countRows(rows: RowSet): number {
  let count = 0;
  for (const bitmap of rows.values()) count += countBits(bitmap);
  return count;
}

/** Ascending ranges [start, end) of a bitmap's set bits. */
export function* rangesOf(bitmap: Uint8Array): Generator<[start: number, end: number]> {
  let start = -1;
  for (let byte = 0; byte < bitmap.length; byte++) {
    const bits = bitmap[byte]!;
    if (bits === (start < 0 ? 0 : 255)) continue;
    for (let bit = 0; bit < 8; bit++) {
      const isSet = ((bits >> bit) & 1) === 1;
      if (isSet === start >= 0) continue;
      const at = byte * 8 + bit;
      if (isSet) start = at;
      else {
        yield [start, at];
        start = -1;
      }
    }
  }
  if (start >= 0) yield [start, bitmap.length * 8];
}

/** Rows of a bitmap's bytes. Throws RangeError where the bytes end early or are not this format. */
export function decodeRows(bytes: Buffer): RowSet {
  const rows: RowSet = new Map();
  if (bytes.readUInt32LE(0) !== MAGIC) throw new RangeError('its magic number is not that of a portable bitmap');
  const buckets = Number(bytes.readBigUInt64LE(4));
  let at = 12;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const high = bytes.readUInt32LE(at) * BUCKET_CHUNKS;
    at = readBitmap(bytes, at + 4, (key, bitmap) => rows.set(high + key, bitmap));
  }
  return rows;
}

function readBitmap(bytes: Buffer, start: number, add: (key: number, bitmap: Uint8Array) => void): number {
  let at = start;
  const cookie = bytes.readUInt32LE(at);
  at += 4;
  const hasRuns = (cookie & 0xffff) === WITH_RUNS;
  if (!hasRuns && cookie !== NO_RUNS) throw new RangeError('a container has an unknown cookie');
  const count = hasRuns ? (cookie >>> 16) + 1 : bytes.readUInt32LE(at);
  if (!hasRuns) at += 4;
  const runFlags = at;
  if (hasRuns) at += Math.ceil(count / 8);
  const headers = at;
  at += count * 4;
  if (!hasRuns || count >= NO_OFFSET_THRESHOLD) at += count * 4;
  for (let index = 0; index < count; index++) {
    const bitmap = new Uint8Array(CHUNK_BYTES);
    const cardinality = bytes.readUInt16LE(headers + index * 4 + 2) + 1;
    if (hasRuns && ((bytes.readUInt8(runFlags + (index >> 3)) >> (index & 7)) & 1) === 1) {
      const runs = bytes.readUInt16LE(at);
      at += 2;
      for (let run = 0; run < runs; run++, at += 4)
        setRange(bitmap, bytes.readUInt16LE(at), bytes.readUInt16LE(at + 2));
    } else if (cardinality <= MAX_ARRAY) {
      for (let position = 0; position < cardinality; position++, at += 2) {
        const row = bytes.readUInt16LE(at);
        bitmap[row >> 3]! |= 1 << (row & 7);
      }
    } else {
      if (at + CHUNK_BYTES > bytes.length) throw new RangeError('it ends within a container');
      bitmap.set(bytes.subarray(at, at + CHUNK_BYTES));
      at += CHUNK_BYTES;
    }
    add(bytes.readUInt16LE(headers + index * 4), bitmap);
  }
  return at;
}

/** `more`: how many rows the run has beside its first. */
function setRange(bitmap: Uint8Array, first: number, more: number): void {
  if (first + more >= CHUNK_ROWS) throw new RangeError('a run leaves its container');
  for (let row = first; row <= first + more; row++) bitmap[row >> 3]! |= 1 << (row & 7);
}

/** Bytes of a set of rows; every container in the smallest of the three forms. */
export function encodeRows(rows: RowSet): Buffer {
  const buckets = new Map<number, [key: number, bitmap: Uint8Array][]>();
  for (const [chunk, bitmap] of [...rows].sort(([left], [right]) => left - right)) {
    const high = Math.floor(chunk / BUCKET_CHUNKS);
    const bucket = buckets.get(high) ?? [];
    bucket.push([chunk % BUCKET_CHUNKS, bitmap]);
    buckets.set(high, bucket);
  }
  const head = Buffer.alloc(12);
  head.writeUInt32LE(MAGIC, 0);
  head.writeBigUInt64LE(BigInt(buckets.size), 4);
  const parts: Buffer[] = [head];
  for (const [high, containers] of buckets) {
    const key = Buffer.alloc(4);
    key.writeUInt32LE(high, 0);
    parts.push(key, encodeBucket(containers));
  }
  return Buffer.concat(parts);
}

function encodeBucket(containers: readonly [key: number, bitmap: Uint8Array][]): Buffer {
  const bodies = containers.map(([, bitmap]) => encodeContainer(bitmap));
  const count = containers.length;
  const hasRuns = bodies.some(({ isRun }) => isRun);
  const hasOffsets = !hasRuns || count >= NO_OFFSET_THRESHOLD;
  const flagBytes = hasRuns ? Math.ceil(count / 8) : 0;
  const head = Buffer.alloc((hasRuns ? 4 + flagBytes : 8) + count * (hasOffsets ? 8 : 4));
  let at: number;
  if (hasRuns) {
    head.writeUInt32LE(WITH_RUNS + (count - 1) * 65536, 0);
    for (const [index, { isRun }] of bodies.entries()) if (isRun) head[4 + (index >> 3)]! |= 1 << (index & 7);
    at = 4 + flagBytes;
  } else {
    head.writeUInt32LE(NO_RUNS, 0);
    head.writeUInt32LE(count, 4);
    at = 8;
  }
  for (const [index, [key]] of containers.entries()) {
    head.writeUInt16LE(key, at);
    head.writeUInt16LE(bodies[index]!.cardinality - 1, at + 2);
    at += 4;
  }
  let offset = head.length;
  for (const { bytes } of hasOffsets ? bodies : []) {
    head.writeUInt32LE(offset, at);
    at += 4;
    offset += bytes.length;
  }
  return Buffer.concat([head, ...bodies.map(({ bytes }) => bytes)]);
}

function encodeContainer(bitmap: Uint8Array): { bytes: Buffer; cardinality: number; isRun: boolean } {
  const ranges = [...rangesOf(bitmap)];
  const cardinality = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  const plainBytes = cardinality <= MAX_ARRAY ? cardinality * 2 : CHUNK_BYTES;
  if (2 + ranges.length * 4 < plainBytes) {
    const bytes = Buffer.alloc(2 + ranges.length * 4);
    bytes.writeUInt16LE(ranges.length, 0);
    for (const [index, [start, end]] of ranges.entries()) {
      bytes.writeUInt16LE(start, 2 + index * 4);
      bytes.writeUInt16LE(end - start - 1, 4 + index * 4);
    }
    return { bytes, cardinality, isRun: true };
  }
  if (cardinality > MAX_ARRAY) return { bytes: Buffer.from(bitmap), cardinality, isRun: false };
  const bytes = Buffer.alloc(cardinality * 2);
  let at = 0;
  for (const [start, end] of ranges) for (let row = start; row < end; row++, at += 2) bytes.writeUInt16LE(row, at);
  return { bytes, cardinality, isRun: false };
}

/** Adds the rows of `more` to `rows`. */
export function addRows(rows: RowSet, more: RowSet): void {
  for (const [chunk, bitmap] of more) {
    const own = rows.get(chunk);
    if (own) for (let byte = 0; byte < CHUNK_BYTES; byte++) own[byte]! |= bitmap[byte]!;
    else rows.set(chunk, Uint8Array.from(bitmap));
  }
}
