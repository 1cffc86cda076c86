import type { DataType } from '@boathouse/contracts';
import { typeText, userError } from '@boathouse/contracts';
import type { ExpressionSession, Typed } from '../analyse/typed.ts';
import type { Sql } from '../emit/text.ts';
import { ident, literal, sql } from '../emit/text.ts';
import { numberOf } from './cast-number.ts';
import { intervalFields, intervalUnit, textOf } from './cast-text.ts';
import { requireCastable } from './castable.ts';
import { retyped } from './derive.ts';
import { engineType } from './engine-type.ts';
import { fast, matches } from './fast.ts';
import { isIntegral, isNumeric, isText, isTimestamp, isYearMonth } from './numeric.ts';
import { nowMicros, specialDatetime, withWords } from './special-datetime.ts';
import { holdsTime, requireTimeType, timeOfMicros, truncatedTime } from './time.ts';
import { fromVariant, toVariant } from './variant.ts';
import { instantOf, isUtc, wallClock } from './zone.ts';

export interface CastOptions {
  session: ExpressionSession;
  /** TRY_CAST: a value that does not fit is NULL. */
  try?: boolean;
}

/**
 * `CAST(value AS type)` with Spark's ANSI meaning; also how an implicit conversion is written. Keeps the value's name.
 * Throws DATATYPE_MISMATCH.* for pairs that Spark refuses and UNSUPPORTED_CAST for pairs that are not proven here.
 */
export function cast(value: Typed, to: DataType, options: CastOptions): Typed {
  if (to.kind === 'char' || to.kind === 'varchar') to = { kind: 'string' };
  requireCastable(value.type, to, options.try);
  if (value.type.kind === to.kind && typeText(value.type) === typeText(to))
    return value.type === to ? value : { ...value, type: to };
  if (holdsTime(to)) requireTimeType(options.session);
  const word = value.constant?.value;
  if (typeof word === 'string' && isText(value.type) && (to.kind === 'date' || isTimestamp(to))) {
    const special = specialDatetime(word, to.kind as 'date' | 'timestamp' | 'timestamp_ntz', options.session);
    if (special) return { ...special, name: value.name };
  }
  if (value.foldable && !value.constant && isText(value.type) && (to.kind === 'date' || isTimestamp(to))) {
    const read = castSql(value.sql, value.type, to, options, 0);
    return retyped(
      value,
      withWords(value.sql, to.kind as 'date' | 'timestamp' | 'timestamp_ntz', options.session, read),
      to,
      true,
    );
  }
  // A value that changes with each call is computed once: casts may read their operand twice.
  const text = value.volatile
    ? sql`list_transform([${value.sql}], lambda __cast: ${castSql(['__cast'], value.type, to, options, 0)})[1]`
    : castSql(value.sql, value.type, to, options, 0);
  const nullable = value.nullable || options.try === true || mayBeNull(value.type, to);
  const converted = retyped(value, text, to, nullable);
  const out = value.type.kind === 'binary' && isText(to) ? { ...converted, bytes: value.sql } : converted;
  const { constant } = value;
  if (constant && constant.value === null) return { ...out, constant };
  if (typeof constant?.value === 'bigint' && isIntegral(to) && fits(constant.value, to)) return { ...out, constant };
  return out;
}

/**
 * Doubles that are not numbers become NULL decimals, and text that is none a NULL calendar interval, even in ANSI mode; a
 * variant may hold a null.
 */
const mayBeNull = (from: DataType, to: DataType) =>
  from.kind === 'variant' ||
  to.kind === 'calendar_interval' ||
  (to.kind === 'decimal' && (from.kind === 'double' || from.kind === 'float'));

const bits: Record<string, bigint> = { tinyint: 7n, smallint: 15n, int: 31n, bigint: 63n };
const fits = (value: bigint, to: DataType) => value >= -(1n << bits[to.kind]!) && value < 1n << bits[to.kind]!;

function castSql(value: Sql, from: DataType, to: DataType, options: CastOptions, depth: number): Sql {
  if (from.kind === 'void') {
    // raise_error and assert_true have no value of their own, and must run all the same.
    const fails = value.some((piece) => typeof piece === 'string' && piece.includes("error('["));
    const empty = sql`CAST(NULL AS ${engineType(to)})`;
    return fails ? sql`CASE WHEN ${value} IS NULL THEN ${empty} END` : empty;
  }
  if (from.kind === 'variant' && to.kind !== 'variant')
    return fromVariant(value, to, options.session, options.try === true);
  if (to.kind === 'variant') return toVariant(value, from);
  if (!isNested(from) && typeText(from) === typeText(to)) return value;
  if (isText(from) && isText(to)) return value;
  if (isText(to)) return textOf(value, from, options.session, depth);
  const word = options.try ? 'TRY_CAST' : 'CAST';
  const prefix = options.try ? 'spark_try_' : 'spark_';
  if (isNumeric(to)) return numberOf(value, from, to, word);
  switch (to.kind) {
    case 'boolean':
      return isText(from) ? sql`${prefix}boolean(${value})` : sql`CAST(${value} AS BOOLEAN)`;
    case 'binary':
      return sql`encode(${value})`;
    case 'date':
      if (isText(from)) return dateOfText(value, word, prefix);
      return sql`CAST(${from.kind === 'timestamp' ? wallClock(value, options.session) : value} AS DATE)`;
    case 'timestamp':
      return toTimestamp(value, from, options);
    case 'timestamp_ntz':
      if (isText(from)) return sql`make_timestamp(${prefix}timestamp_ntz(${value}))`;
      return from.kind === 'date' ? sql`CAST(${value} AS TIMESTAMP)` : wallClock(value, options.session);
    case 'time':
      return isText(from) ? timeOfMicros(sql`${prefix}time(${value})`) : truncatedTime(value, to.precision);
    case 'interval':
      return toInterval(value, from, to, options);
    case 'calendar_interval':
      return sql`CAST(spark_calendar(${value}) AS INTERVAL)`;
    case 'array':
    case 'map':
    case 'struct':
      return toNested(value, from, to, options, depth);
    default:
      throw userError('UNSUPPORTED_CAST', `Casting ${typeText(from)} to ${typeText(to)} is not supported yet.`);
  }
}

const isoDate = matches('[0-9]{4}-[0-9]{2}-[0-9]{2}');
const dateOfText = (value: Sql, word: string, prefix: string): Sql =>
  fast(value, isoDate, (x) => sql`${word}(${x} AS DATE)`, sql`(DATE '1970-01-01' + ${prefix}date(${value}))`);

const isoStamp = matches('[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?');

const isNested = (type: DataType) => type.kind === 'array' || type.kind === 'map' || type.kind === 'struct';

function toTimestamp(value: Sql, from: DataType, { session, try: tried }: CastOptions): Sql {
  if (isText(from)) {
    const native = (x: Sql) => instantOf(sql`${tried ? 'TRY_CAST' : 'CAST'}(${x} AS TIMESTAMP)`, session);
    const exact = sql`make_timestamptz(${tried ? 'spark_try_' : 'spark_'}timestamp(${value}, ${literal(session.timeZone)}, ${String(nowMicros(session))}))`;
    return isUtc(session) ? fast(value, isoStamp, native, exact) : exact;
  }
  if (from.kind === 'date') return instantOf(sql`CAST(${value} AS TIMESTAMP)`, session);
  if (from.kind === 'timestamp_ntz') return instantOf(value, session);
  if (isIntegral(from)) return sql`make_timestamptz(spark_seconds_micros(CAST(${value} AS BIGINT)))`;
  if (from.kind === 'decimal' && from.precision - from.scale <= 12) {
    return sql`make_timestamptz(CAST(trunc(CAST(${value} AS DECIMAL(38,${from.scale})) * 1000000) AS BIGINT))`;
  }
  if (from.kind === 'decimal') return sql`make_timestamptz(spark_decimal_micros(CAST(${value} AS VARCHAR)))`;
  return sql`make_timestamptz(${tried ? 'spark_try_' : 'spark_'}double_micros(CAST(${value} AS DOUBLE)))`;
}

function toInterval(
  value: Sql,
  from: DataType,
  to: Extract<DataType, { kind: 'interval' }>,
  options: CastOptions,
): Sql {
  const unit = String(intervalUnit(to));
  if (from.kind === 'interval')
    return unit === '1' || to.end === 'second' ? value : sql`(${value} // ${unit} * ${unit})`;
  const name = `spark_${options.try ? 'try_' : ''}interval_of`;
  const fields = intervalFields(to);
  const read = isText(from)
    ? sql`${name}(${value}, ${fields})`
    : sql`${name}_decimal(CAST(${value} AS VARCHAR), ${fields})`;
  return isYearMonth(to) ? sql`CAST(${read} AS INTEGER)` : read;
}

function toNested(value: Sql, from: DataType, to: DataType, options: CastOptions, depth: number): Sql {
  const item = `__c${depth}`;
  if (from.kind === 'array' && to.kind === 'array') {
    if (from.element.kind === 'void') return sql`CAST(${value} AS ${engineType(to)})`;
    return sql`list_transform(${value}, lambda ${item}: ${castSql([item], from.element, to.element, options, depth + 1)})`;
  }
  if (from.kind === 'struct' && to.kind === 'struct') {
    const fields = to.fields.map((field, index) => {
      const source = from.fields[index]!;
      return sql`${ident(field.name)} := ${castSql([`${item}.${ident(source.name)}`], source.type, field.type, options, depth + 1)}`;
    });
    const packed = fields.reduce<Sql>((text, field, index) => (index === 0 ? field : sql`${text}, ${field}`), []);
    return sql`list_transform([${value}], lambda ${item}: CASE WHEN ${item} IS NULL THEN NULL ELSE struct_pack(${packed}) END)[1]`;
  }
  if (from.kind === 'map' && to.kind === 'map') {
    if (typeText(from.key) === typeText(to.key)) {
      const entry = castSql([`${item}.value`], from.value, to.value, options, depth + 1);
      return sql`map_from_entries(list_transform(map_entries(${value}), lambda ${item}: struct_pack(k := ${item}.key, v := ${entry})))`;
    }
    if (from.key.kind === 'void') return sql`CAST(${value} AS ${engineType(to)})`;
    // A cast that may fail would make keys NULL; keys that become equal stay two in Spark, which the engine cannot hold.
    if (!options.try) {
      const key = castSql([`${item}.key`], from.key, to.key, options, depth + 1);
      const entry = castSql([`${item}.value`], from.value, to.value, options, depth + 1);
      const entries = sql`list_transform(map_entries(${value}), lambda ${item}: struct_pack(k := ${key}, v := ${entry}))`;
      const twice = `error('[UNSUPPORTED_CAST] Keys of a map became equal by a cast, which is not supported.')`;
      return sql`list_transform([${entries}], lambda ${item}: CASE WHEN len(list_distinct(list_transform(${item}, lambda ${item}k: ${item}k.k))) < len(${item}) THEN CAST(${twice} AS ${engineType(to)}) ELSE map_from_entries(${item}) END)[1]`;
    }
  }
  throw userError('UNSUPPORTED_CAST', `Casting ${typeText(from)} to ${typeText(to)} is not supported yet.`);
}
