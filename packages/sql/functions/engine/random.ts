import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';

/** Murmur3 (32 bits) over eight bytes, with the seed that java.util generators of Spark are mixed with. */
function mixed(bytes: Buffer, seed: number): number {
  let h = seed;
  for (let at = 0; at < 8; at += 4) {
    const a = Math.imul(bytes.readInt32LE(at), 0xcc9e2d51);
    h ^= Math.imul((a << 15) | (a >>> 17), 0x1b873593);
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h ^= 8;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** The generator behind rand, randn, uniform and randstr (Marsaglia's xorshift of 64 bits). */
class XorShift {
  private state: bigint;
  private kept: number | undefined;

  constructor(seed: bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(seed);
    const low = mixed(bytes, 0x3c074a61);
    const high = mixed(bytes, low);
    this.state = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low >>> 0));
  }

  next(bits: number): number {
    let x = this.state;
    x = BigInt.asIntN(64, x ^ (x << 21n));
    x = BigInt.asIntN(64, x ^ (BigInt.asUintN(64, x) >> 35n));
    x = BigInt.asIntN(64, x ^ (x << 4n));
    this.state = x;
    return Number(BigInt.asUintN(bits, x)) | 0;
  }

  double(): number {
    return (this.next(26) * 2 ** 27 + this.next(27)) * 2 ** -53;
  }

  /** Marsaglia's polar method: two values from each accepted pair. */
  gaussian(): number {
    if (this.kept !== undefined) {
      const value = this.kept;
      this.kept = undefined;
      return value;
    }
    for (;;) {
      const [a, b] = [2 * this.double() - 1, 2 * this.double() - 1];
      const s = a * a + b * b;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(s)) / s);
      this.kept = b * factor;
      return a * factor;
    }
  }

  text(length: number): string {
    const pool = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
    return Array.from({ length }, () => pool[Math.abs(this.next(32) % 62)]!).join('');
  }
}

/**
 * The value of row `index` (from 0) in the series of a seed. Rows come in order, so the series goes on from the last one;
 * a row before it begins anew. Series are few: the least recently begun is forgotten.
 */
function series<Value>(step: (generator: XorShift, size: number) => Value) {
  const running = new Map<string, { generator: XorShift; next: bigint; last?: Value }>();
  return (seed: bigint, index: bigint, size = 0): Value => {
    const key = `${seed} ${size}`;
    let state = running.get(key);
    if (!state || index < state.next - 1n) {
      state = { generator: new XorShift(seed), next: 0n };
      running.delete(key);
      running.set(key, state);
      if (running.size > 64) running.delete(running.keys().next().value!);
    }
    while (state.next <= index) {
      state.last = step(state.generator, size);
      state.next++;
    }
    return state.last!;
  };
}

const rand = series((generator) => generator.double());
const randn = series((generator) => generator.gaussian());
const randstr = series((generator, size) => generator.text(size));

export const randomFunctions: EngineFunction[] = [
  engineFunction('spark_rand', ['BIGINT', 'BIGINT'], 'DOUBLE', ([seed, index]) =>
    rand(seed as bigint, index as bigint),
  ),
  engineFunction('spark_randn', ['BIGINT', 'BIGINT'], 'DOUBLE', ([seed, index]) =>
    randn(seed as bigint, index as bigint),
  ),
  engineFunction('spark_randstr', ['INTEGER', 'BIGINT', 'BIGINT'], 'VARCHAR', ([length, seed, index]) => {
    if ((length as number) < 0)
      throw userError('INVALID_PARAMETER_VALUE.LENGTH', `randstr takes a length from 0, not ${String(length)}.`, {
        sqlState: '22023',
      });
    return randstr(seed as bigint, index as bigint, length as number);
  }),
];
