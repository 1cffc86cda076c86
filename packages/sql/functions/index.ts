import { approximateRows } from './aggregate/approximate.ts';
import { basicAggregates } from './aggregate/basic.ts';
import { bitmapRows } from './aggregate/bitmap.ts';
import { collectAggregates } from './aggregate/collect.ts';
import { percentileAggregates } from './aggregate/percentile.ts';
import { sketchRows } from './aggregate/sketch.ts';
import { statisticAggregates } from './aggregate/statistics.ts';
import { tupleRows } from './aggregate/tuple.ts';
import { castFunctions } from './casts.ts';
import { arrayFunctions } from './collection/array.ts';
import { lambdaFunctions } from './collection/lambda.ts';
import { mapFunctions } from './collection/map.ts';
import { sortFunctions } from './collection/sort.ts';
import { structFunctions } from './collection/struct.ts';
import { zipFunctions } from './collection/zip.ts';
import { conditionalFunctions } from './conditional.ts';
import { dateArithmetic } from './datetime/arithmetic.ts';
import { bucketRows } from './datetime/bucket.ts';
import { currentFunctions } from './datetime/current.ts';
import { fieldFunctions } from './datetime/fields.ts';
import { intervalRows } from './datetime/intervals.ts';
import { makeTimestampRows } from './datetime/make-timestamp.ts';
import { patternRows } from './datetime/pattern.ts';
import { timeRows } from './datetime/time.ts';
import { hashRows } from './hash.ts';
import { jsonRows } from './json/index.ts';
import { variantRows } from './json/variant.ts';
import { xpathRows } from './json/xpath.ts';
import { elementaryFunctions } from './math/elementary.ts';
import { numberFunctions } from './math/numbers.ts';
import { randomRows } from './math/random.ts';
import { roundFunctions } from './math/round.ts';
import { vectorRows } from './math/vector.ts';
import { miscRows } from './misc.ts';
import { operatorFunctions } from './operators/index.ts';
import type { FunctionRow } from './row.ts';
import { byteRows, utf8Rows } from './string/bytes.ts';
import { formatRows } from './string/format.ts';
import { printfRows } from './string/printf.ts';
import { regexRows } from './string/regex.ts';
import { textFunctions } from './string/text.ts';
import { windowFunctions } from './window.ts';

const families: FunctionRow[][] = [
  operatorFunctions,
  conditionalFunctions,
  elementaryFunctions,
  numberFunctions,
  roundFunctions,
  textFunctions,
  regexRows,
  byteRows,
  formatRows,
  utf8Rows,
  basicAggregates,
  collectAggregates,
  bitmapRows,
  approximateRows,
  sketchRows,
  tupleRows,
  percentileAggregates,
  randomRows,
  vectorRows,
  statisticAggregates,
  windowFunctions,
  arrayFunctions,
  sortFunctions,
  structFunctions,
  mapFunctions,
  lambdaFunctions,
  castFunctions,
  dateArithmetic,
  currentFunctions,
  fieldFunctions,
  patternRows,
  timeRows,
  makeTimestampRows,
  bucketRows,
  hashRows,
  jsonRows,
  variantRows,
  xpathRows,
  miscRows,
  zipFunctions,
  intervalRows,
  printfRows,
];

const rows = new Map<string, FunctionRow>();
for (const row of families.flat()) {
  for (const name of [row.name, ...(row.aliases ?? [])]) {
    if (rows.has(name)) throw new Error(`Two rows for the function ${name}`);
    rows.set(name, row);
  }
}

/** The row of a function or operator by its lower-case name; undefined where the library has none. */
export const lookupFunction = (name: string): FunctionRow | undefined => rows.get(name);

/** Operators that may be called by their name, as in `+`(1, 2), and the row behind the name. */
const callableOperators: Record<string, string> = {
  ...Object.fromEntries(
    ['+', '-', '*', '/', '%', 'div', '&', '|', '^', '<<', '>>', '>>>', '=', '<=>', '<', '<=', '>', '>='].map((name) => [
      name,
      name,
    ]),
  ),
  ...Object.fromEntries(['and', 'or', 'not', 'like', 'ilike', 'rlike', 'in', 'between'].map((name) => [name, name])),
  '==': '=',
  '~': 'unary ~',
  '!': 'not',
};

/** The row that a call written by a person means; operators count only where Spark has a function of their name. */
export function lookupRoutine(name: string): FunctionRow | undefined {
  if (Object.hasOwn(callableOperators, name)) return rows.get(callableOperators[name]!);
  return operatorNames.has(name) ? undefined : rows.get(name);
}
const operatorNames = new Set(operatorFunctions.map((row) => row.name));

/** Names that completion offers, without operators. */
export const functionNames = (): string[] => [...rows.keys()].filter((name) => /^[a-z_]\w*$/.test(name));
