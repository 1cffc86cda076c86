import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineScalar, EngineValue } from '../function.ts';
import { engineFunction } from '../function.ts';
import { itemBytes, murmur128 } from './murmur.ts';

/**
 * HyperLogLog sketches while they keep each distinct value as a coupon of 32 bits: a list of up to 7, then a hash set. In
 * that form the estimate is their number. Larger ones are refused by name.
 */
interface Sketch {
  lgK: number;
  coupons: number[];
}

const keyBits = 26;
const leadingZeros = (value: bigint): number => 64 - (value === 0n ? 0 : value.toString(2).length);

function couponOf(item: EngineValue): number | undefined {
  const bytes = itemBytes(item);
  if (!bytes) return undefined;
  const [low, high] = murmur128(bytes);
  const rank = Math.min(leadingZeros(high), 62) + 1;
  return ((rank << keyBits) | Number(low & 0x3ffffffn)) >>> 0;
}

const limitOf = (lgK: number): number => (lgK < 8 ? 7 : Math.floor(0.75 * 2 ** (lgK - 3)));

function sketchOf(lgK: number, coupons: Iterable<number>): Sketch {
  const distinct = [...new Set(coupons)];
  if (distinct.length > limitOf(lgK))
    throw userError(
      'UNSUPPORTED_FUNCTION',
      `An HLL sketch of more than ${limitOf(lgK)} values is not supported. Use approx_count_distinct.`,
      { sqlState: '0A000' },
    );
  return { lgK, coupons: distinct };
}

/** The library's updatable form with registers of 8 bits. */
function write({ lgK, coupons }: Sketch): Uint8Array {
  const list = coupons.length < 8;
  const lgSize = list ? 3 : setSize(coupons.length);
  const head = list ? 8 : 12;
  const bytes = Buffer.alloc(head + 4 * 2 ** lgSize);
  bytes.set([list ? 2 : 3, 1, 7, lgK, lgSize, coupons.length === 0 ? 4 : 0, list ? coupons.length : 0, list ? 8 : 9]);
  if (list) for (const [index, coupon] of coupons.entries()) bytes.writeUInt32LE(coupon, head + 4 * index);
  else {
    bytes.writeUInt32LE(coupons.length, 8);
    for (const [index, coupon] of slots(coupons).entries()) bytes.writeUInt32LE(coupon, head + 4 * index);
  }
  return Uint8Array.from(bytes);
}

function setSize(count: number): number {
  let lg = 5;
  while (4 * count > 3 * 2 ** lg) lg++;
  return lg;
}

/** The hash set as it grows: at three quarters it doubles and its coupons are put in anew. */
function slots(coupons: readonly number[]): number[] {
  let lg = 5;
  let table = new Array<number>(2 ** lg).fill(0);
  const put = (coupon: number) => {
    const mask = table.length - 1;
    const stride = ((coupon & 0x3ffffff) >>> lg) | 1;
    let at = coupon & mask;
    while (table[at] !== 0) at = (at + stride) & mask;
    table[at] = coupon;
  };
  coupons.forEach((coupon, index) => {
    put(coupon);
    if (4 * (index + 1) <= 3 * table.length) return;
    const old = table.filter((kept) => kept !== 0);
    lg++;
    table = new Array<number>(2 ** lg).fill(0);
    old.forEach(put);
  });
  return table;
}

function read(bytes: Uint8Array, name: string): Sketch {
  const view = Buffer.from(bytes);
  const invalid = () =>
    userError('HLL_INVALID_INPUT_SKETCH_BUFFER', `${name}: the bytes are not an HLL sketch.`, { sqlState: '22546' });
  if (view.length < 8 || view[1] !== 1 || view[2] !== 7) throw invalid();
  const mode = view[7]! & 3;
  if (mode === 2)
    sketchOf(
      view[3]!,
      Array.from({ length: 2 ** 21 }, (_, index) => index),
    );
  const head = mode === 0 ? 8 : 12;
  const coupons: number[] = [];
  for (let at = head; at + 4 <= view.length; at += 4) {
    const coupon = view.readUInt32LE(at);
    if (coupon !== 0) coupons.push(coupon);
  }
  return { lgK: view[3]!, coupons };
}

/** Sketches of different precision go together only where that is allowed; the coarser one wins. */
function union(sketches: readonly Sketch[], different: boolean): Uint8Array {
  const [first = { lgK: 12, coupons: [] }] = sketches;
  if (!different && sketches.some(({ lgK }) => lgK !== first.lgK))
    throw userError(
      'HLL_UNION_DIFFERENT_LG_K',
      'Sketches of different lgConfigK do not unite unless allowDifferentLgConfigK is true.',
      { sqlState: '22000' },
    );
  const lgK = Math.min(...sketches.map((sketch) => sketch.lgK), first.lgK);
  return write(
    sketchOf(
      lgK,
      sketches.flatMap(({ coupons }) => coupons),
    ),
  );
}

const building = (kind: string, items: EngineScalar): EngineFunction => ({
  name: `spark_hll_agg_${kind}`,
  parameters: [items, 'INTEGER'],
  returns: 'BLOB',
  nullAware: true,
  evaluate: ([list, lgK]) => {
    const coupons = ((list ?? []) as EngineValue[]).map(couponOf).filter((coupon) => coupon !== undefined);
    return write(sketchOf(lgK as number, coupons));
  },
});

export const hllFunctions: EngineFunction[] = [
  building('long', 'BIGINT[]'),
  building('text', 'VARCHAR[]'),
  building('bytes', 'BLOB[]'),
  engineFunction('spark_hll_estimate', ['BLOB'], 'BIGINT', ([bytes]) =>
    BigInt(read(bytes as Uint8Array, 'hll_sketch_estimate').coupons.length),
  ),
  engineFunction('spark_hll_union', ['BLOB[]', 'BOOLEAN'], 'BLOB', ([sketches, different]) =>
    union(
      (sketches as EngineValue[]).flatMap((bytes) => (bytes instanceof Uint8Array ? [read(bytes, 'hll_union')] : [])),
      different as boolean,
    ),
  ),
];
