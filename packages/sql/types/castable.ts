import type { DataType } from '@boathouse/contracts';
import { typeText } from '@boathouse/contracts';
import { isDayTime, isIntegral, isInterval, isNumeric, isText, isYearMonth, mismatch } from './numeric.ts';
import { meetsVariant } from './variant.ts';

/**
 * Spark's ANSI cast matrix: what `CAST(a AS b)` accepts at all. `TRY_CAST` accepts the same pairs.
 * Source: Spark 4.2 answers in the conformance corpus (`casts.jsonl`).
 */
export function canCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'void') return true;
  if (from.kind === 'array' && to.kind === 'array') return canCast(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') return canCast(from.key, to.key) && canCast(from.value, to.value);
  if (from.kind === 'struct' && to.kind === 'struct') {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, index) => canCast(field.type, to.fields[index]!.type))
    );
  }
  if (typeText(from) === typeText(to)) return true;
  if (from.kind === 'variant') return meetsVariant(to, true);
  if (to.kind === 'variant') return meetsVariant(from, false);
  if (isText(to)) return true;
  switch (to.kind) {
    case 'boolean':
      return isText(from) || isNumeric(from);
    case 'binary':
      return isText(from);
    case 'date':
      return isText(from) || from.kind === 'timestamp' || from.kind === 'timestamp_ntz';
    case 'timestamp':
      return isText(from) || from.kind === 'date' || from.kind === 'timestamp_ntz' || isNumeric(from);
    case 'timestamp_ntz':
      return isText(from) || from.kind === 'date' || from.kind === 'timestamp';
    case 'time':
      return isText(from) || from.kind === 'time';
    case 'interval': {
      if (isText(from)) return true;
      if (isIntegral(from) || from.kind === 'decimal') return true;
      return isInterval(from) && isYearMonth(from) === isYearMonth(to);
    }
    case 'calendar_interval':
      return isText(from);
    default:
      if (!isNumeric(to)) return false;
      if (isText(from) || isNumeric(from) || from.kind === 'boolean' || from.kind === 'timestamp') return true;
      return (
        (isYearMonth(from) || isDayTime(from) || from.kind === 'time') && (isIntegral(to) || to.kind === 'decimal')
      );
  }
}

/** What casts of Spark 2 took besides (a subset of them with ANSI off): Spark names the setting then. */
function legacyCast(from: DataType, to: DataType): boolean {
  if (from.kind === 'array' && to.kind === 'array') return castable(from.element, to.element);
  if (from.kind === 'map' && to.kind === 'map') return castable(from.key, to.key) && castable(from.value, to.value);
  if (from.kind === 'struct' && to.kind === 'struct') {
    const { fields } = to;
    return (
      from.fields.length === fields.length &&
      from.fields.every((field, index) => castable(field.type, fields[index]!.type))
    );
  }
  if (to.kind === 'boolean') return from.kind === 'timestamp' || from.kind === 'date';
  if (to.kind === 'binary') return isIntegral(from);
  if (to.kind === 'timestamp') return from.kind === 'boolean';
  return false;
}
const castable = (from: DataType, to: DataType) => canCast(from, to) || legacyCast(from, to);

/** Throws DATATYPE_MISMATCH.CAST_* for pairs that Spark refuses; `tried`: of TRY_CAST. */
export function requireCastable(from: DataType, to: DataType, tried = false): void {
  if (canCast(from, to)) return;
  const pair = `A value of type ${typeText(from)} cannot be cast to ${typeText(to)}.`;
  if (isNumeric(from) && to.kind === 'date')
    throw mismatch('CAST_WITH_FUNC_SUGGESTION', `${pair} Use the function date_from_unix_date.`);
  if (from.kind === 'date' && isNumeric(to))
    throw mismatch('CAST_WITH_FUNC_SUGGESTION', `${pair} Use the function unix_date.`);
  const hint = 'Cast through a string or use a function for the conversion.';
  throw mismatch(
    !tried && legacyCast(from, to) ? 'CAST_WITH_CONF_SUGGESTION' : 'CAST_WITHOUT_SUGGESTION',
    `${pair} ${hint}`,
  );
}
