import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineScalar, EngineValue } from '../function.ts';
import { engineFunction } from '../function.ts';
import { itemBytes, murmur128 } from './murmur.ts';

/** Theta sketches while they keep the hash of each distinct value: counts and set operations are exact. */
const seedHash = [0xcc, 0x93];

const hashOf = (item: EngineValue): bigint | undefined => {
  const bytes = itemBytes(item);
  return bytes && murmur128(bytes)[0] >> 1n;
};

const ordered = (hashes: Iterable<bigint>): bigint[] =>
  [...new Set(hashes)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function limited(hashes: bigint[], lgK: number): bigint[] {
  if (hashes.length > 2 ** lgK)
    throw userError(
      'UNSUPPORTED_FUNCTION',
      `A theta sketch of more than ${2 ** lgK} values is not supported. Use approx_count_distinct.`,
      { sqlState: '0A000' },
    );
  return hashes;
}

/** The library's compact form: hashes in order, from two on as differences of one width, packed bit by bit. */
function write(hashes: readonly bigint[]): Uint8Array {
  if (hashes.length === 0) return Uint8Array.from([1, 3, 3, 0, 0, 0x1e, 0, 0]);
  if (hashes.length === 1) {
    const bytes = Buffer.from([1, 3, 3, 0, 0, 0x3a, ...seedHash, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.writeBigUInt64LE(hashes[0]!, 8);
    return Uint8Array.from(bytes);
  }
  const steps = hashes.map((hash, index) => hash - (hashes[index - 1] ?? 0n));
  const width = steps.reduce((all, step) => all | step, 0n).toString(2).length;
  const countBytes = Math.ceil(hashes.length.toString(2).length / 8);
  const count = Array.from({ length: countBytes }, (_, index) => (hashes.length >> (8 * index)) & 0xff);
  const bits = steps.map((step) => step.toString(2).padStart(width, '0')).join('');
  const packed = Array.from({ length: Math.ceil(bits.length / 8) }, (_, index) =>
    Number.parseInt(bits.slice(8 * index, 8 * index + 8).padEnd(8, '0'), 2),
  );
  return Uint8Array.from([1, 4, 3, width, countBytes, 0x1a, ...seedHash, ...count, ...packed]);
}

export function readTheta(bytes: Uint8Array, name: string): bigint[] {
  const view = Buffer.from(bytes);
  if (view.length < 8 || view[2] !== 3 || (view[1] !== 3 && view[1] !== 4) || view[0] !== 1)
    throw userError('THETA_INVALID_INPUT_SKETCH_BUFFER', `${name}: the bytes are not a theta sketch.`, {
      sqlState: '22546',
    });
  if (view[1] === 3) return view.length === 8 ? [] : [view.readBigUInt64LE(8)];
  const [width, countBytes] = [view[3]!, view[4]!];
  let count = 0;
  for (let index = 0; index < countBytes; index++) count += view[8 + index]! * 256 ** index;
  const bits = Array.from(view.subarray(8 + countBytes), (byte) => byte.toString(2).padStart(8, '0')).join('');
  let hash = 0n;
  return Array.from({ length: count }, (_, index) => {
    hash += BigInt(`0b${bits.slice(width * index, width * (index + 1))}`);
    return hash;
  });
}

const building = (kind: string, items: EngineScalar): EngineFunction => ({
  name: `spark_theta_agg_${kind}`,
  parameters: [items, 'INTEGER'],
  returns: 'BLOB',
  nullAware: true,
  evaluate: ([list, lgK]) => {
    const hashes = ((list ?? []) as EngineValue[]).map(hashOf).filter((hash) => hash !== undefined);
    return write(limited(ordered(hashes), lgK as number));
  },
});

const operations: Record<string, (a: bigint[], b: bigint[]) => bigint[]> = {
  union: (a, b) => [...a, ...b],
  intersection: (a, b) => a.filter((hash) => new Set(b).has(hash)),
  difference: (a, b) => a.filter((hash) => !new Set(b).has(hash)),
};

export const thetaFunctions: EngineFunction[] = [
  building('long', 'BIGINT[]'),
  building('double', 'DOUBLE[]'),
  building('text', 'VARCHAR[]'),
  building('bytes', 'BLOB[]'),
  engineFunction('spark_theta_estimate', ['BLOB'], 'BIGINT', ([bytes]) =>
    BigInt(readTheta(bytes as Uint8Array, 'theta_sketch_estimate').length),
  ),
  engineFunction('spark_theta_combine', ['VARCHAR', 'BLOB[]', 'INTEGER'], 'BLOB', ([name, sketches, lgK]) => {
    const sets = (sketches as EngineValue[]).flatMap((bytes) =>
      bytes instanceof Uint8Array ? [readTheta(bytes, `theta_${String(name)}`)] : [],
    );
    const combined = sets.length ? sets.reduce(operations[name as string]!) : [];
    return write(limited(ordered(combined), lgK as number));
  }),
];
