import type { EngineFunction, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';

/** Central moments of the values that are not NULL. */
function moments(values: EngineValue): { count: number; m2: number; m3: number; m4: number } {
  const numbers = (values as EngineValue[]).filter((value): value is number => value !== null);
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
];
