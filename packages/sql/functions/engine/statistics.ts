import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';

/** Central moments of the values that are not NULL. */
function moments(values: EngineValue): { count: number; m2: number; m3: number; m4: number } {
  const numbers = numbersOf(values);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  let [m2, m3, m4] = [0, 0, 0];
  for (const value of numbers) {
    const delta = value - mean;
    m2 += delta ** 2;
    m3 += delta ** 3;
    m4 += delta ** 4;
  }
  return { count: numbers.length, m2, m3, m4 };
}

const numbersOf = (values: EngineValue): number[] =>
  (values as EngineValue[]).filter((value): value is number => value !== null);

/** NaN is greater than every number. */
const ascending = (a: number, b: number): number =>
  Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b;

/** Percentiles of values that stand for as many rows as their counts say; NULL where no row is left. */
function countedPercentiles(values: EngineValue[], counts: EngineValue[], shares: number[]): EngineValue {
  const rows: { value: number; upTo: number }[] = [];
  const pairs = values.flatMap((value, index) => {
    const count = counts[index];
    if (typeof value !== 'number' || typeof count !== 'bigint') return [];
    if (count < 0n)
      throw userError('NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION', `A frequency of percentile is negative: ${count}.`, {
        sqlState: '22003',
      });
    return [{ value, count: Number(count) }];
  });
  let upTo = 0;
  for (const { value, count } of pairs.sort((a, b) => ascending(a.value, b.value))) {
    if (count === 0) continue;
    upTo += count;
    rows.push({ value, upTo });
  }
  if (rows.length === 0) return null;
  const at = (rank: number) => rows.find((entry) => entry.upTo > rank)!.value;
  return shares.map((share) => {
    const place = (upTo - 1) * share;
    const [low, high] = [Math.floor(place), Math.ceil(place)];
    const [a, b] = [at(low), at(high)];
    return low === high || a === b ? a : (high - place) * a + (place - low) * b;
  });
}

/** A sample of a summary of quantiles: it stands for `g` rows, its rank is uncertain by `delta`. */
interface Sample {
  value: number;
  g: number;
  delta: number;
}

/** Neighbours merge while the uncertainty of the greater one stays below the threshold (Greenwald and Khanna 2001). */
function compressed(samples: readonly Sample[], threshold: number): Sample[] {
  const kept: Sample[] = [];
  let head = samples.at(-1)!;
  for (let at = samples.length - 2; at >= 1; at--) {
    const sample = samples[at]!;
    if (sample.g + head.g + head.delta < threshold) head = { ...head, g: head.g + sample.g };
    else {
      kept.push(head);
      head = sample;
    }
  }
  kept.push(head);
  const first = samples[0]!;
  if (samples.length > 1 && first.value <= head.value) kept.push(first);
  return kept.reverse();
}

/** Rows that a summary sorts in at once, and the number of samples above which it is compressed between. */
const headSize = 50_000;
const samplesBeforeCompress = 10_000;

function summary(values: readonly number[], error: number): { samples: Sample[]; count: number } {
  let samples: Sample[] = [];
  let count = 0;
  for (let from = 0; from < values.length; from += headSize) {
    const sorted = values.slice(from, from + headSize).sort(ascending);
    const next: Sample[] = [];
    let old = 0;
    sorted.forEach((value, index) => {
      while (old < samples.length && samples[old]!.value <= value) next.push(samples[old++]!);
      count++;
      const edge = next.length === 0 || (old === samples.length && index === sorted.length - 1);
      next.push({ value, g: 1, delta: edge ? 0 : Math.floor(2 * error * count) });
    });
    samples = [...next, ...samples.slice(old)];
    if (sorted.length === headSize && samples.length >= samplesBeforeCompress)
      samples = compressed(samples, 2 * error * count);
  }
  return { samples: samples.length ? compressed(samples, 2 * error * count) : [], count };
}

function approximatePercentiles(values: readonly number[], shares: readonly number[], accuracy: number): EngineValue {
  const error = 1 / accuracy;
  const { samples, count } = summary(values, error);
  if (samples.length === 0 || shares.length === 0) return null;
  const tolerance = Math.max(...samples.map((sample) => sample.g + sample.delta)) / 2;
  return shares.map((share) => {
    if (share <= error || samples.length === 1) return samples[0]!.value;
    if (share >= 1 - error) return samples.at(-1)!.value;
    const rank = Math.ceil(share * count);
    let least = 0;
    for (const sample of samples.slice(0, -1)) {
      least += sample.g;
      if (least + sample.delta - tolerance <= rank && rank <= least + tolerance) return sample.value;
    }
    return samples.at(-1)!.value;
  });
}

/** Population forms; NULL for no values and for values that are all alike. */
export const statisticFunctions: EngineFunction[] = [
  engineFunction('spark_skewness', ['DOUBLE[]'], 'DOUBLE', ([values]) => {
    const { count, m2, m3 } = moments(values!);
    return count === 0 || m2 === 0 ? null : (Math.sqrt(count) * m3) / Math.sqrt(m2 ** 3);
  }),
  engineFunction('spark_kurtosis', ['DOUBLE[]'], 'DOUBLE', ([values]) => {
    const { count, m2, m4 } = moments(values!);
    return count === 0 || m2 === 0 ? null : (count * m4) / m2 ** 2 - 3;
  }),
  engineFunction(
    'spark_percentile_counted',
    ['DOUBLE[]', 'BIGINT[]', 'DOUBLE[]'],
    'DOUBLE[]',
    ([values, counts, shares]) =>
      countedPercentiles(values as EngineValue[], counts as EngineValue[], numbersOf(shares!)),
  ),
  engineFunction(
    'spark_percentile_approx',
    ['DOUBLE[]', 'DOUBLE[]', 'BIGINT'],
    'DOUBLE[]',
    ([values, shares, accuracy]) => approximatePercentiles(numbersOf(values!), numbersOf(shares!), Number(accuracy)),
  ),
];
