import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';

/** Bytes of a bitmap: 32768 positions, the lowest bit of the first byte is position 0. */
const size = 4096;

function construct(positions: EngineValue[]): Uint8Array {
  const bytes = new Uint8Array(size);
  for (const position of positions) {
    if (typeof position !== 'bigint') continue;
    if (position < 0n || position >= BigInt(size * 8))
      throw userError(
        'INVALID_BITMAP_POSITION',
        `The position ${position} is outside of a bitmap of ${size * 8} bits. Use bitmap_bit_position.`,
        { sqlState: '22003' },
      );
    const at = Number(position);
    bytes[at >> 3]! |= 1 << (at & 7);
  }
  return bytes;
}

/** Shorter bitmaps count as filled up with zeros, bytes beyond the size do not count. */
function merged(bitmaps: EngineValue[], start: number, merge: (a: number, b: number) => number): Uint8Array {
  const bytes = new Uint8Array(size).fill(start);
  for (const bitmap of bitmaps) {
    if (!(bitmap instanceof Uint8Array)) continue;
    for (let at = 0; at < size; at++) bytes[at] = merge(bytes[at]!, bitmap[at] ?? 0);
  }
  return bytes;
}

function count(bitmap: Uint8Array): bigint {
  let bits = 0;
  for (const byte of bitmap) for (let rest = byte; rest > 0; rest &= rest - 1) bits++;
  return BigInt(bits);
}

export const bitmapFunctions: EngineFunction[] = [
  engineFunction('spark_bitmap_construct', ['BIGINT[]'], 'BLOB', ([positions]) =>
    construct(positions as EngineValue[]),
  ),
  engineFunction('spark_bitmap_or', ['BLOB[]'], 'BLOB', ([bitmaps]) =>
    merged(bitmaps as EngineValue[], 0, (a, b) => a | b),
  ),
  engineFunction('spark_bitmap_and', ['BLOB[]'], 'BLOB', ([bitmaps]) =>
    merged(bitmaps as EngineValue[], 0xff, (a, b) => a & b),
  ),
  engineFunction('spark_bitmap_count', ['BLOB'], 'BIGINT', ([bitmap]) => count(bitmap as Uint8Array)),
];
