import { userError } from '@boathouse/contracts';
import type { EngineFunction, EngineValue } from './function.ts';
import { engineFunction } from './function.ts';

const { fround, sqrt, abs, max } = Math;

/** The numbers of a vector; undefined where one is NULL. */
function numbers(vector: EngineValue): number[] | undefined {
  const items = (vector as EngineValue[]).filter((item) => typeof item === 'number');
  return items.length === (vector as EngineValue[]).length ? items : undefined;
}

function requireLength(name: string, a: number, b: number): void {
  if (a !== b)
    throw userError('VECTOR_DIMENSION_MISMATCH', `${name}: the vectors have ${a} and ${b} elements.`, {
      sqlState: '22000',
    });
}

/** Sums are kept in single precision, as Spark keeps them. */
const sum = (values: readonly number[], term: (value: number, index: number) => number): number =>
  values.reduce((total, value, index) => fround(total + fround(term(value, index))), 0);

function norm(values: readonly number[], degree: number): number {
  if (degree === 1) return sum(values, abs);
  if (degree === 2) return fround(sqrt(sum(values, (value) => value * value)));
  if (degree === Number.POSITIVE_INFINITY) return values.reduce((most, value) => max(most, abs(value)), 0);
  throw userError('INVALID_VECTOR_NORM_DEGREE', `A norm has the degree 1, 2 or infinity, not ${degree}.`, {
    sqlState: '22023',
  });
}

/** A function of two vectors of one length; NULL where an element is NULL. */
const pair = (name: string, compute: (a: number[], b: number[]) => number | null): EngineFunction =>
  engineFunction(`spark_${name}`, ['FLOAT[]', 'FLOAT[]'], 'FLOAT', ([left, right]) => {
    requireLength(name, (left as EngineValue[]).length, (right as EngineValue[]).length);
    const [a, b] = [numbers(left!), numbers(right!)];
    return a && b ? compute(a, b) : null;
  });

const product = (a: readonly number[], b: readonly number[]): number => sum(a, (value, index) => value * b[index]!);

function cosine(a: number[], b: number[]): number | null {
  const length = fround(norm(a, 2) * norm(b, 2));
  return length === 0 ? null : fround(product(a, b) / length);
}

function normalized(values: number[], degree: number): number[] | null {
  const length = norm(values, degree);
  if (values.length === 0) return [];
  return length === 0 ? null : values.map((value) => fround(value / length));
}

/** Sums by element over vectors of one length; vectors with a NULL element do not count. */
function total(name: string, vectors: EngineValue[], average: boolean): EngineValue {
  const kept = vectors.flatMap((vector) => {
    const values = vector === null ? undefined : numbers(vector);
    return values ? [values] : [];
  });
  const [first] = kept;
  if (!first) return null;
  const sums = new Array<number>(first.length).fill(0);
  for (const values of kept) {
    requireLength(name, first.length, values.length);
    values.forEach((value, index) => {
      sums[index] = average ? sums[index]! + value : fround(sums[index]! + value);
    });
  }
  return average ? sums.map((value) => fround(value / kept.length)) : sums;
}

export const vectorFunctions: EngineFunction[] = [
  engineFunction('spark_vector_norm', ['FLOAT[]', 'FLOAT'], 'FLOAT', ([vector, degree]) => {
    const values = numbers(vector!);
    return values ? norm(values, degree as number) : null;
  }),
  engineFunction('spark_vector_normalize', ['FLOAT[]', 'FLOAT'], 'FLOAT[]', ([vector, degree]) => {
    const values = numbers(vector!);
    return values ? normalized(values, degree as number) : null;
  }),
  pair('vector_inner_product', product),
  pair('vector_l2_distance', (a, b) => fround(sqrt(sum(a, (value, index) => fround(value - b[index]!) ** 2)))),
  pair('vector_cosine_similarity', cosine),
  engineFunction('spark_vector_sum', ['FLOAT[][]'], 'FLOAT[]', ([vectors]) =>
    total('vector_sum', vectors as EngineValue[], false),
  ),
  engineFunction('spark_vector_avg', ['FLOAT[][]'], 'FLOAT[]', ([vectors]) =>
    total('vector_avg', vectors as EngineValue[], true),
  ),
];
