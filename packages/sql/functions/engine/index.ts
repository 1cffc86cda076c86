export { duckTypeOf } from '../../emit/duck-type.ts';

import { bitmapFunctions } from './bitmap.ts';
import { byteFunctions } from './bytes.ts';
import { charsetFunctions } from './charset.ts';
import { csvFunctions } from './csv.ts';
import { datetimeFunctions } from './datetime.ts';
import { decimalFunctions } from './decimal.ts';
import { fromJsonFunctions } from './from-json.ts';
import type { EngineFunction } from './function.ts';
import { hashFunctions } from './hash.ts';
import { intervalFunctions } from './interval.ts';
import { jsonFunctions } from './json.ts';
import { mathFunctions } from './math.ts';
import { miscFunctions } from './misc.ts';
import { numberFormatFunctions } from './number-format.ts';
import { numberTextFunctions } from './number-text.ts';
import { patternFunctions } from './pattern-functions.ts';
import { printfFunctions } from './printf.ts';
import { randomFunctions } from './random.ts';
import { regexFunctions } from './regex-functions.ts';
import { countingFunctions } from './sketch/counting.ts';
import { frequencyFunctions } from './sketch/frequency.ts';
import { hllFunctions } from './sketch/hll.ts';
import { kllFunctions } from './sketch/kll.ts';
import { thetaFunctions } from './sketch/theta.ts';
import { tupleFunctions } from './sketch/tuple.ts';
import { statisticFunctions } from './statistics.ts';
import { stringFunctions } from './strings.ts';
import { timeFunctions } from './time.ts';
import { timeTextFunctions } from './time-text.ts';
import { utf8Functions } from './utf8.ts';
import { variantFunctions } from './variant-functions.ts';
import { vectorFunctions } from './vector.ts';
import { webFunctions } from './web.ts';
import { xpathFunctions } from './xpath.ts';
import { zonedFunctions } from './zoned.ts';

export type { EngineFunction, EngineScalar, EngineValue } from './function.ts';
export { doubleText, floatText } from './number-text.ts';

/** Every function that emitted text may call and DuckDB does not have. The engine registers them at each database. */
export const engineFunctions: readonly EngineFunction[] = [
  ...countingFunctions,
  ...frequencyFunctions,
  ...hllFunctions,
  ...kllFunctions,
  ...thetaFunctions,
  ...tupleFunctions,
  ...bitmapFunctions,
  ...randomFunctions,
  ...vectorFunctions,
  ...byteFunctions,
  ...charsetFunctions,
  ...csvFunctions,
  ...numberFormatFunctions,
  ...utf8Functions,
  ...variantFunctions,
  ...patternFunctions,
  ...printfFunctions,
  ...regexFunctions,
  ...statisticFunctions,
  ...stringFunctions,
  ...datetimeFunctions,
  ...decimalFunctions,
  ...fromJsonFunctions,
  ...hashFunctions,
  ...jsonFunctions,
  ...webFunctions,
  ...xpathFunctions,
  ...mathFunctions,
  ...miscFunctions,
  ...numberTextFunctions,
  ...timeTextFunctions,
  ...timeFunctions,
  ...intervalFunctions,
  ...zonedFunctions,
];
