/**
 * The 64-bit portable Roaring bitmap of PROTOCOL.md "Deletion Vector Format": buckets by the high 32 bits, each a 32-bit
 * Roaring bitmap of array, bitmap and run containers (RoaringFormatSpec).
 */
export interface RowRange {
  start: number;
  /** Exclusive. */
  end: number;
}

const MAGIC = 1681511377;
const NO_RUNS = 12346;
const WITH_RUNS = 12347;
const NO_OFFSET_THRESHOLD = 4;

/** Deleted rows in ascending ranges. Throws RangeError where the bytes end early or are not this format. */
export function decodeRowRanges(bytes: Buffer): RowRange[] {
  const ranges: RowRange[] = [];
  const add = (start: number, end: number) => {
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  };
  if (bytes.readUInt32LE(0) !== MAGIC) throw new RangeError('its magic number is not that of a portable bitmap');
  const buckets = Number(bytes.readBigUInt64LE(4));
  let at = 12;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const high = bytes.readUInt32LE(at) * 2 ** 32;
    at = readBitmap(bytes, at + 4, high, add);
  }
  return ranges;
}

function readBitmap(bytes: Buffer, start: number, high: number, add: (start: number, end: number) => void): number {
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
    const base = high + bytes.readUInt16LE(headers + index * 4) * 65536;
    const cardinality = bytes.readUInt16LE(headers + index * 4 + 2) + 1;
    if (hasRuns && ((bytes.readUInt8(runFlags + (index >> 3)) >> (index & 7)) & 1) === 1)
      at = readRuns(bytes, at, base, add);
    else if (cardinality <= 4096) {
      for (let position = 0; position < cardinality; position++, at += 2) {
        const row = base + bytes.readUInt16LE(at);
        add(row, row + 1);
      }
    } else at = readBits(bytes, at, base, add);
  }
  return at;
}

function readRuns(bytes: Buffer, start: number, base: number, add: (start: number, end: number) => void): number {
  const runs = bytes.readUInt16LE(start);
  let at = start + 2;
  for (let run = 0; run < runs; run++, at += 4) {
    const first = base + bytes.readUInt16LE(at);
    add(first, first + bytes.readUInt16LE(at + 2) + 1);
  }
  return at;
}

function readBits(bytes: Buffer, start: number, base: number, add: (start: number, end: number) => void): number {
  for (let byte = 0; byte < 8192; byte++) {
    const bits = bytes.readUInt8(start + byte);
    if (bits === 0) continue;
    for (let bit = 0; bit < 8; bit++) if ((bits >> bit) & 1) add(base + byte * 8 + bit, base + byte * 8 + bit + 1);
  }
  return start + 8192;
}
