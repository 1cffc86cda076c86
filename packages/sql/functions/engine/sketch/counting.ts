import type { EngineFunction, EngineValue } from '../function.ts';
import { engineFunction } from '../function.ts';

/** Cells of HyperLogLog++ are kept as `register * 64 + rank`: few distinct ones, whatever the number of rows. */
function cell(hash: bigint, p: number): number {
  const bits = BigInt.asUintN(64, hash);
  const register = Number(bits >> BigInt(64 - p));
  const rest = BigInt.asUintN(64, bits << BigInt(p)) | (1n << BigInt(p - 1));
  return register * 64 + (64 - rest.toString(2).length) + 1;
}

/** Up to these counts linear counting is nearer than the registers' sum (Heule, Nunkesser and Hall 2013), by precision. */
const thresholds = [10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 11500, 20000, 50000, 120000, 350000];

/**
 * HyperLogLog++ as Spark keeps it: linear counting for small sets, the plain estimate for those five times larger than the
 * registers. Between them Spark corrects by measured tables; here an estimator without bias (Ertl 2017) answers.
 */
function estimate(cells: EngineValue[], p: number): bigint {
  const m = 2 ** p;
  const registers = new Uint8Array(m);
  for (const item of cells) {
    if (typeof item !== 'number') continue;
    const register = Math.floor(item / 64);
    registers[register] = Math.max(registers[register]!, item % 64);
  }
  const counts = new Array<number>(66 - p).fill(0);
  let inverse = 0;
  for (const rank of registers) {
    inverse += 2 ** -rank;
    counts[Math.min(rank, counts.length - 1)]!++;
  }
  const alpha = p === 4 ? 0.673 : p === 5 ? 0.697 : p === 6 ? 0.709 : 0.7213 / (1 + 1.079 / m);
  const raw = (alpha * m * m) / inverse;
  const empty = counts[0]!;
  const linear = m * Math.log(m / empty);
  if (empty > 0 && linear <= thresholds[p - 4]!) return BigInt(Math.round(linear));
  return BigInt(Math.round(raw >= 5 * m ? raw : unbiased(counts, m)));
}

/** `counts[k]` is the number of registers of rank k. */
function unbiased(counts: readonly number[], m: number): number {
  let x = counts[0]! / m;
  let [sum, weight, before] = [x, 1, Number.NaN];
  while (x > 0 && x < 1 && sum !== before) {
    before = sum;
    x *= x;
    sum += x * weight;
    weight *= 2;
  }
  let z = 0;
  for (let k = counts.length - 1; k >= 1; k--) z = 0.5 * (z + counts[k]!);
  return (m * m) / (2 * Math.LN2 * (z + m * sum));
}

export const countingFunctions: EngineFunction[] = [
  engineFunction('spark_hll_cell', ['BIGINT', 'INTEGER'], 'INTEGER', ([hash, p]) => cell(hash as bigint, p as number)),
  engineFunction('spark_hll_count', ['INTEGER[]', 'INTEGER'], 'BIGINT', ([cells, p]) =>
    estimate(cells as EngineValue[], p as number),
  ),
];
