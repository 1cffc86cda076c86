import { Buffer } from 'node:buffer';
import type { EngineFunction, EngineValue } from '../function.ts';
import { engineFunction } from '../function.ts';
import { murmurBytes } from '../hash.ts';

/** java.util.Random: the sketches draw from it. */
class JavaRandom {
  private state: bigint;
  constructor(seed: bigint) {
    this.state = (seed ^ 0x5deece66dn) & ((1n << 48n) - 1n);
  }
  next(bits: number): number {
    this.state = (this.state * 0x5deece66dn + 0xbn) & ((1n << 48n) - 1n);
    return Number(BigInt.asIntN(32, this.state >> BigInt(48 - bits)));
  }
  /** nextInt of the greatest int: drawn again where the last, incomplete round of values is met. */
  belowMax(): number {
    const bound = 2147483647;
    for (;;) {
      const drawn = this.next(31);
      const value = drawn % bound;
      if (drawn - value + (bound - 1) <= 2147483647) return value;
    }
  }
  double(): number {
    return (this.next(26) * 2 ** 27 + this.next(27)) * 2 ** -53;
  }
}

const prime = 2147483647n;

/** The buckets of an item, one for each row of the table. */
function buckets(item: bigint | Uint8Array, hashes: readonly bigint[], width: number): number[] {
  if (item instanceof Uint8Array) {
    const first = murmurBytes(item, 0);
    const second = murmurBytes(item, first);
    return hashes.map((_, row) => Math.abs(((first + Math.imul(row, second)) | 0) % width));
  }
  return hashes.map((factor) => {
    let hash = BigInt.asIntN(64, factor * item);
    hash = BigInt.asIntN(64, hash + (hash >> 32n)) & prime;
    return Number(hash) % width;
  });
}

/** A count-min sketch in Spark's bytes: version, rows, depth, width, hash factors, the table. */
function countMin(items: EngineValue[], error: number, confidence: number, seed: bigint): Uint8Array {
  const width = Math.ceil(2 / error);
  const depth = Math.ceil(-Math.log1p(-confidence) / Math.log(2));
  const random = new JavaRandom(seed);
  const hashes = Array.from({ length: depth }, () => BigInt(random.belowMax()));
  const table = new Float64Array(depth * width);
  let total = 0n;
  for (const given of items) {
    const item = typeof given === 'string' ? Uint8Array.from(Buffer.from(given, 'utf8')) : given;
    if (typeof item !== 'bigint' && !(item instanceof Uint8Array)) continue;
    total++;
    for (const [row, bucket] of buckets(item, hashes, width).entries()) table[row * width + bucket]!++;
  }
  const bytes = Buffer.alloc(20 + 8 * depth * (1 + width));
  bytes.writeInt32BE(1, 0);
  bytes.writeBigInt64BE(total, 4);
  bytes.writeInt32BE(depth, 12);
  bytes.writeInt32BE(width, 16);
  for (const [index, hash] of hashes.entries()) bytes.writeBigInt64BE(hash, 20 + 8 * index);
  for (const [index, count] of table.entries()) bytes.writeBigInt64BE(BigInt(count), 20 + 8 * (depth + index));
  return Uint8Array.from(bytes);
}

/** A histogram of a bounded number of bars, x and y by turns: the two nearest bars merge (Ben-Haim and Tom-Tov 2010). */
function histogram(values: EngineValue[], bars: number): EngineValue {
  const random = new JavaRandom(31183n);
  const bins: { x: number; y: number }[] = [];
  for (const value of values) {
    if (typeof value !== 'number') continue;
    let [low, high] = [0, bins.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bins[middle]!.x < value) low = middle + 1;
      else high = middle;
    }
    if (bins[low]?.x === value) {
      bins[low]!.y++;
      continue;
    }
    bins.splice(low, 0, { x: value, y: 1 });
    if (bins.length > bars) mergeNearest(bins, random);
  }
  return bins.length ? bins.flatMap(({ x, y }) => [x, y]) : null;
}

function mergeNearest(bins: { x: number; y: number }[], random: JavaRandom): void {
  let at = 0;
  let least = bins[1]!.x - bins[0]!.x;
  let ties = 1;
  for (let index = 1; index < bins.length - 1; index++) {
    const distance = bins[index + 1]!.x - bins[index]!.x;
    if (distance < least) [at, least, ties] = [index, distance, 1];
    else if (distance === least && random.double() <= 1 / ++ties) at = index;
  }
  const [a, b] = [bins[at]!, bins[at + 1]!];
  const y = a.y + b.y;
  bins.splice(at, 2, { x: a.x * (a.y / y) + (b.x / y) * b.y, y });
}

export const frequencyFunctions: EngineFunction[] = [
  ...(['BIGINT[]', 'VARCHAR[]', 'BLOB[]'] as const).map(
    (items): EngineFunction => ({
      name: `spark_count_min_${{ 'BIGINT[]': 'long', 'VARCHAR[]': 'text', 'BLOB[]': 'bytes' }[items]}`,
      parameters: [items, 'DOUBLE', 'DOUBLE', 'BIGINT'],
      returns: 'BLOB',
      nullAware: true,
      evaluate: ([list, error, confidence, seed]) =>
        countMin((list ?? []) as EngineValue[], error as number, confidence as number, seed as bigint),
    }),
  ),
  engineFunction('spark_histogram', ['DOUBLE[]', 'INTEGER'], 'DOUBLE[]', ([values, bars]) =>
    histogram(values as EngineValue[], bars as number),
  ),
];
