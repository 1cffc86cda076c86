import { Buffer } from 'node:buffer';

/** MurmurHash3 (128 bits, x64) with the seed of the sketches' library: the two halves as unsigned 64 bits. */
export function murmur128(bytes: Uint8Array, seed = 9001n): [bigint, bigint] {
  const mask = (1n << 64n) - 1n;
  const [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];
  const rotate = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & mask;
  const mix1 = (k: bigint) => (rotate((k * c1) & mask, 31n) * c2) & mask;
  const mix2 = (k: bigint) => (rotate((k * c2) & mask, 33n) * c1) & mask;
  const finish = (value: bigint) => {
    let h = value ^ (value >> 33n);
    h = (h * 0xff51afd7ed558ccdn) & mask;
    h ^= h >> 33n;
    h = (h * 0xc4ceb9fe1a85ec53n) & mask;
    return h ^ (h >> 33n);
  };
  const padded = Buffer.alloc(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  let [h1, h2] = [seed, seed];
  const whole = bytes.length - (bytes.length % 16);
  for (let at = 0; at < whole; at += 16) {
    h1 = ((rotate(h1 ^ mix1(padded.readBigUInt64LE(at)), 27n) + h2) * 5n + 0x52dce729n) & mask;
    h2 = ((rotate(h2 ^ mix2(padded.readBigUInt64LE(at + 8)), 31n) + h1) * 5n + 0x38495ab5n) & mask;
  }
  if (whole < bytes.length) {
    h1 ^= mix1(padded.readBigUInt64LE(whole));
    h2 ^= mix2(padded.readBigUInt64LE(whole + 8));
  }
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = (h1 + h2) & mask;
  return [h1, (h2 + h1) & mask];
}

const wide = Buffer.alloc(8);

/** The bytes that a sketch hashes: 64 bits of whole numbers, UTF-8 of text, the bits of doubles. Undefined for NULL. */
export function itemBytes(item: unknown): Uint8Array | undefined {
  if (typeof item === 'string') return item === '' ? undefined : Uint8Array.from(Buffer.from(item, 'utf8'));
  if (item instanceof Uint8Array) return item.length === 0 ? undefined : item;
  if (typeof item === 'bigint') wide.writeBigInt64LE(item);
  else if (typeof item === 'number') wide.writeDoubleLE(item === 0 ? 0 : item);
  else return undefined;
  return Uint8Array.from(wide);
}
