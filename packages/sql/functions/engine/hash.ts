import { Buffer } from 'node:buffer';
import type { EngineFunction, EngineValue } from './function.ts';

/** Murmur3 (32 bits) as Spark seeds and finishes it. Source: the recorded answers of `hash`. */
const mixK = (k: number): number => {
  const a = Math.imul(k, 0xcc9e2d51);
  return Math.imul((a << 15) | (a >>> 17), 0x1b873593);
};
const mixH = (h: number, k: number): number => {
  const a = h ^ k;
  return (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
};
const finish = (h: number, length: number): number => {
  let x = h ^ length;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) | 0;
};
const murmurInt = (value: number, seed: number): number => finish(mixH(seed, mixK(value)), 4);
function murmurLong(value: bigint, seed: number): number {
  const low = Number(BigInt.asIntN(32, value));
  const high = Number(BigInt.asIntN(32, value >> 32n));
  return finish(mixH(mixH(seed, mixK(low)), mixK(high)), 8);
}
/** Whole words, then each byte that is left by itself: not the standard tail. */
export function murmurBytes(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 4);
  let h = seed;
  for (let at = 0; at < whole; at += 4) h = mixH(h, mixK(view.getInt32(at, true)));
  for (let at = whole; at < bytes.length; at++) h = mixH(h, mixK(view.getInt8(at)));
  return finish(h, bytes.length);
}

const mask = (1n << 64n) - 1n;
const [p1, p2, p3, p4, p5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
];
const rotate = (value: bigint, by: bigint): bigint => ((value << by) | ((value & mask) >> (64n - by))) & mask;
const multiply = (a: bigint, b: bigint): bigint => (a * b) & mask;

function avalanche(start: bigint): bigint {
  let h = start & mask;
  h = multiply(h ^ (h >> 33n), p2);
  h = multiply(h ^ (h >> 29n), p3);
  return BigInt.asIntN(64, h ^ (h >> 32n));
}
const round = (acc: bigint, input: bigint): bigint => multiply(rotate((acc + multiply(input, p2)) & mask, 31n), p1);
const step8 = (h: bigint, word: bigint): bigint => (multiply(rotate(h ^ round(0n, word), 27n), p1) + p4) & mask;

function xxInt(value: number, seed: bigint): bigint {
  let h = (BigInt.asUintN(64, seed) + p5 + 4n) & mask;
  h ^= multiply(BigInt(value >>> 0), p1);
  return avalanche((multiply(rotate(h, 23n), p2) + p3) & mask);
}
const xxLong = (value: bigint, seed: bigint): bigint =>
  avalanche(step8((BigInt.asUintN(64, seed) + p5 + 8n) & mask, BigInt.asUintN(64, value)));

/** XXH64 over bytes. */
function xxBytes(bytes: Uint8Array, seedIn: bigint): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seed = BigInt.asUintN(64, seedIn);
  let at = 0;
  let h: bigint;
  if (bytes.length >= 32) {
    const lanes = [(seed + p1 + p2) & mask, (seed + p2) & mask, seed, (seed - p1) & mask];
    for (; at + 32 <= bytes.length; at += 32)
      for (const [index, lane] of lanes.entries()) lanes[index] = round(lane, view.getBigUint64(at + index * 8, true));
    h = (rotate(lanes[0]!, 1n) + rotate(lanes[1]!, 7n) + rotate(lanes[2]!, 12n) + rotate(lanes[3]!, 18n)) & mask;
    for (const lane of lanes) h = (multiply(h ^ round(0n, lane), p1) + p4) & mask;
  } else h = (seed + p5) & mask;
  h = (h + BigInt(bytes.length)) & mask;
  for (; at + 8 <= bytes.length; at += 8) h = step8(h, view.getBigUint64(at, true));
  if (at + 4 <= bytes.length) {
    h ^= multiply(BigInt(view.getUint32(at, true)), p1);
    h = (multiply(rotate(h, 23n), p2) + p3) & mask;
    at += 4;
  }
  for (; at < bytes.length; at++) h = multiply(rotate(h ^ multiply(BigInt(bytes[at]!), p5), 11n), p1);
  return avalanche(h);
}

const scratch = new DataView(new ArrayBuffer(8));
function floatBits(value: number): number {
  scratch.setFloat32(0, value === 0 ? 0 : value);
  return scratch.getInt32(0);
}
function doubleBits(value: number): bigint {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  return scratch.getBigInt64(0);
}

/** Two's complement bytes of a whole number, the shortest form, as Java's BigInteger gives them. */
function bigBytes(text: string): Uint8Array {
  const value = BigInt(text.replace('.', ''));
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0');
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

const utf8 = (text: EngineValue): Uint8Array => Uint8Array.from(Buffer.from(text as string, 'utf8'));

/** A part of a nested value as text behind the letter of its kind; NULL parts leave the hash as it was. */
function hashPart<Seed>(part: string, seed: Seed, hashes: PartHashes<Seed>): Seed {
  const text = part.slice(1);
  switch (part[0]) {
    case 'i':
      return hashes.int(Number(text), seed);
    case 'l':
      return hashes.long(BigInt(text), seed);
    case 'f':
      return hashes.int(floatBits(engineNumber(text)), seed);
    case 'd':
      return hashes.long(doubleBits(engineNumber(text)), seed);
    case 's':
      return hashes.bytes(utf8(text), seed);
    case 'b':
      return hashes.bytes(Uint8Array.from(Buffer.from(text, 'hex')), seed);
    default:
      return hashes.bytes(bigBytes(text), seed);
  }
}

/** The engine prints infinities as `inf` and `-inf`. */
const engineNumber = (text: string): number => Number(text.replace(/^(-?)inf$/, '$1Infinity'));

interface PartHashes<Seed> {
  int(value: number, seed: Seed): Seed;
  long(value: bigint, seed: Seed): Seed;
  bytes(value: Uint8Array, seed: Seed): Seed;
}
const murmur: PartHashes<number> = { int: murmurInt, long: murmurLong, bytes: murmurBytes };
const xx: PartHashes<bigint> = { int: xxInt, long: xxLong, bytes: xxBytes };

const partsHashed = <Seed extends EngineValue>(
  name: string,
  seed: 'INTEGER' | 'BIGINT',
  hashes: PartHashes<Seed>,
): EngineFunction => ({
  name,
  parameters: ['VARCHAR[]', seed],
  returns: seed,
  evaluate: ([parts, before]) =>
    (parts as EngineValue[]).reduce<Seed>(
      (hash, part) => (typeof part === 'string' ? hashPart(part, hash, hashes) : hash),
      before as Seed,
    ),
});

/** A NULL leaves the hash of what came before. */
function hashed<Seed extends EngineValue>(
  name: string,
  parameter: EngineFunction['parameters'][number],
  seed: 'INTEGER' | 'BIGINT',
  hash: (value: EngineValue, seed: Seed) => Seed,
): EngineFunction {
  return {
    name,
    parameters: [parameter, seed],
    returns: seed,
    nullAware: true,
    evaluate: ([value, before]) => (value === null ? before! : hash(value!, before as Seed)),
  };
}

export const hashFunctions: EngineFunction[] = [
  partsHashed('spark_hash_parts', 'INTEGER', murmur),
  partsHashed('spark_xxhash64_parts', 'BIGINT', xx),
  hashed<number>('spark_hash_int', 'INTEGER', 'INTEGER', (value, seed) => murmurInt(value as number, seed)),
  hashed<number>('spark_hash_long', 'BIGINT', 'INTEGER', (value, seed) => murmurLong(value as bigint, seed)),
  hashed<number>('spark_hash_float', 'FLOAT', 'INTEGER', (value, seed) => murmurInt(floatBits(value as number), seed)),
  hashed<number>('spark_hash_double', 'DOUBLE', 'INTEGER', (value, seed) =>
    murmurLong(doubleBits(value as number), seed),
  ),
  hashed<number>('spark_hash_string', 'VARCHAR', 'INTEGER', (value, seed) => murmurBytes(utf8(value), seed)),
  hashed<number>('spark_hash_bytes', 'BLOB', 'INTEGER', (value, seed) => murmurBytes(value as Uint8Array, seed)),
  hashed<number>('spark_hash_decimal', 'VARCHAR', 'INTEGER', (value, seed) =>
    murmurBytes(bigBytes(value as string), seed),
  ),
  hashed<bigint>('spark_xxhash64_int', 'INTEGER', 'BIGINT', (value, seed) => xxInt(value as number, seed)),
  hashed<bigint>('spark_xxhash64_long', 'BIGINT', 'BIGINT', (value, seed) => xxLong(value as bigint, seed)),
  hashed<bigint>('spark_xxhash64_float', 'FLOAT', 'BIGINT', (value, seed) => xxInt(floatBits(value as number), seed)),
  hashed<bigint>('spark_xxhash64_double', 'DOUBLE', 'BIGINT', (value, seed) =>
    xxLong(doubleBits(value as number), seed),
  ),
  hashed<bigint>('spark_xxhash64_string', 'VARCHAR', 'BIGINT', (value, seed) => xxBytes(utf8(value), seed)),
  hashed<bigint>('spark_xxhash64_bytes', 'BLOB', 'BIGINT', (value, seed) => xxBytes(value as Uint8Array, seed)),
  hashed<bigint>('spark_xxhash64_decimal', 'VARCHAR', 'BIGINT', (value, seed) =>
    xxBytes(bigBytes(value as string), seed),
  ),
];
