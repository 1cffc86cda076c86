export { type CastOptions, cast } from './cast.ts';
export { canCast, requireCastable } from './castable.ts';
export { commonType, commonTypeOfTwo, commonTypeWithoutText, exactType, sameType, tightestType } from './common.ts';
export { constantInteger, constantText, constantWhole, derive, isNullLiteral, retyped } from './derive.ts';
export { engineType } from './engine-type.ts';
export { canAssign, implicit, storeAssign, tryImplicit } from './implicit.ts';
export { intervalLiteral } from './interval-literal.ts';
export {
  binaryLiteral,
  booleanLiteral,
  datetimeLiteral,
  nullLiteral,
  numberLiteral,
  stringLiteral,
} from './literals.ts';
export {
  isDatetime,
  isFractional,
  isIntegral,
  isInterval,
  isNumeric,
  isText,
  isTimestamp,
  mismatch,
} from './numeric.ts';
export { needsOrderKey, orderKey } from './order-key.ts';
export { toResult } from './result.ts';
export { holdsTime, microsOfTime, requireTimeType, timeOfMicros, timeType } from './time.ts';
export { holdsVariant } from './variant.ts';
