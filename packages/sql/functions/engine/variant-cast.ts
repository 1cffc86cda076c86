import { Buffer } from 'node:buffer';
import { BoathouseError, type DataType, parseType, typeText, userError } from '@boathouse/contracts';
import { canCast } from '../../types/castable.ts';
import { dateText, microsPerDay, splitMicros, timestampText, toInstant } from './calendar.ts';
import { roundText } from './math.ts';
import { doubleText, floatText, parseBigint, parseBoolean, parseDecimal, parseDouble } from './number-text.ts';
import { parseDate, parseTimestamp, parseTimestampNtz } from './time-text.ts';
import { typed } from './typed-json.ts';
import { encodeVariant, type Variant } from './variant.ts';
import { decimalText, localMicros, variantJson } from './variant-text.ts';

/** How a cast goes: the session's zone, and whether what does not fit is NULL. */
export interface VariantCast {
  zone: string;
  tried: boolean;
}

/** Thrown where a value does not fit; the caller tells it with the whole value. */
class Unfit extends Error {}

type Scalar = Exclude<Variant, { kind: 'null' | 'array' | 'object' }>;

function typeOf(value: Scalar): DataType {
  switch (value.kind) {
    case 'long':
      return { kind: 'bigint' };
    case 'decimal':
      return { kind: 'decimal', precision: 38, scale: value.scale };
    default:
      return { kind: value.kind };
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function text(value: Scalar, { zone }: VariantCast): string {
  switch (value.kind) {
    case 'boolean':
    case 'long':
    case 'string':
      return String(value.value);
    case 'double':
      return doubleText(value.value);
    case 'float':
      return floatText(value.value);
    case 'decimal':
      return decimalText(value.units, value.scale);
    case 'binary':
      return utf8.decode(value.value);
    case 'date':
      return dateText(value.days);
    case 'timestamp':
      return timestampText(localMicros(value.micros, zone));
    case 'timestamp_ntz':
      return timestampText(value.micros);
  }
}

const floorSeconds = (micros: bigint): bigint =>
  micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);

/** The value as plain decimal text, or a number that is none. */
function numberText(value: Scalar): string {
  switch (value.kind) {
    case 'boolean':
      return value.value ? '1' : '0';
    case 'long':
      return String(value.value);
    case 'decimal':
      return decimalText(value.units, value.scale);
    case 'double':
      return Number.isFinite(value.value) ? parseDecimal(String(value.value)) : String(value.value);
    case 'float':
      return Number.isFinite(value.value) ? parseDecimal(doubleText(value.value)) : String(value.value);
    case 'timestamp':
      return decimalText(value.micros, 6);
    default:
      throw new Unfit();
  }
}

const bits: Record<string, bigint> = { tinyint: 7n, smallint: 15n, int: 31n, bigint: 63n };

function integer(value: Scalar, kind: string): string {
  const whole =
    value.kind === 'string'
      ? parseBigint(value.value)
      : value.kind === 'timestamp'
        ? floorSeconds(value.micros)
        : BigInt(numberText(value).replace(/\..*$/, '').replace(/^-?$/, '0'));
  const limit = 1n << bits[kind]!;
  if (whole >= limit || whole < -limit) throw new Unfit();
  return String(whole);
}

function decimal(value: Scalar, precision: number, scale: number): string {
  const plain = value.kind === 'string' ? parseDecimal(value.value) : numberText(value);
  if (!/^-?\d/.test(plain)) throw new Unfit();
  const rounded = roundText(plain, scale, 'half_up');
  if (rounded.replace(/[-.]/g, '').replace(/^0+/, '').length > precision) throw new Unfit();
  return `"${rounded}"`;
}

const asNumber = (value: Scalar): number =>
  value.kind === 'string'
    ? parseDouble(value.value)
    : value.kind === 'double' || value.kind === 'float'
      ? value.value
      : Number(numberText(value));

function instant(value: Scalar, { zone }: VariantCast): bigint {
  switch (value.kind) {
    case 'string':
      return parseTimestamp(value.value, zone);
    case 'date':
      return toInstant(BigInt(value.days) * microsPerDay, zone);
    case 'timestamp':
      return value.micros;
    case 'timestamp_ntz':
      return toInstant(value.micros, zone);
    case 'long':
      return ranged(value.value * 1_000_000n);
    case 'decimal':
      return ranged((value.units * 1_000_000n) / 10n ** BigInt(value.scale));
    case 'double':
    case 'float':
      if (!Number.isFinite(value.value)) throw new Unfit();
      return ranged(BigInt(Math.trunc(value.value * 1_000_000)));
    default:
      throw new Unfit();
  }
}

function ranged(micros: bigint): bigint {
  if (BigInt.asIntN(64, micros) !== micros) throw new Unfit();
  return micros;
}

function days(value: Scalar, { zone }: VariantCast): number {
  if (value.kind === 'string') return parseDate(value.value);
  if (value.kind === 'date') return value.days;
  if (value.kind === 'timestamp') return splitMicros(localMicros(value.micros, zone)).days;
  if (value.kind === 'timestamp_ntz') return splitMicros(value.micros).days;
  throw new Unfit();
}

function wall(value: Scalar, { zone }: VariantCast): bigint {
  if (value.kind === 'string') return parseTimestampNtz(value.value);
  if (value.kind === 'date') return BigInt(value.days) * microsPerDay;
  if (value.kind === 'timestamp') return localMicros(value.micros, zone);
  if (value.kind === 'timestamp_ntz') return value.micros;
  throw new Unfit();
}

function truth(value: Scalar): boolean {
  if (value.kind === 'boolean') return value.value;
  if (value.kind === 'string') return parseBoolean(value.value);
  return asNumber(value) !== 0;
}

/** A scalar under a scalar type, as JSON that the engine casts. */
function scalar(value: Scalar, to: DataType, cast: VariantCast): string {
  if (!canCast(typeOf(value), to)) throw new Unfit();
  switch (to.kind) {
    case 'string':
      return typed.string(text(value, cast));
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return integer(value, to.kind);
    case 'float':
      return typed.double(Math.fround(asNumber(value)));
    case 'double':
      return typed.double(asNumber(value));
    case 'decimal':
      return decimal(value, to.precision, to.scale);
    case 'boolean':
      return String(truth(value));
    case 'binary':
      return typed.binary(value.kind === 'binary' ? value.value : Buffer.from(text(value, cast), 'utf8'));
    case 'date':
      return typed.date(days(value, cast));
    case 'timestamp':
      return typed.timestamp(instant(value, cast));
    case 'timestamp_ntz':
      return typed.ntz(wall(value, cast));
    default:
      throw userError('UNSUPPORTED_CAST', `Casting a variant to ${typeText(to)} is not supported.`);
  }
}

/** The variant under a type, as JSON that the engine casts. Throws INVALID_VARIANT_CAST unless tried. */
export function castVariant(value: Variant, to: DataType, cast: VariantCast): string {
  if (to.kind === 'variant') return typed.binary(encodeVariant(value));
  if (value.kind === 'null') return 'null';
  if (to.kind === 'array' && value.kind === 'array')
    return typed.array(value.items.map((item) => castVariant(item, to.element, cast)));
  if (to.kind === 'map' && value.kind === 'object')
    return typed.object(value.fields.map(([key, item]) => [key, castVariant(item, to.value, cast)]));
  if (to.kind === 'struct' && value.kind === 'object')
    return typed.object(
      to.fields.map((field) => {
        const found = value.fields.find(([key]) => key === field.name);
        return [field.name, found ? castVariant(found[1], field.type, cast) : 'null'];
      }),
    );
  try {
    if (to.kind === 'array' || to.kind === 'map' || to.kind === 'struct') throw new Unfit();
    if (value.kind !== 'array' && value.kind !== 'object') return scalar(value, to, cast);
    if (to.kind === 'string') return typed.string(variantJson(value, cast.zone));
    throw new Unfit();
  } catch (error) {
    if (error instanceof BoathouseError && error.code.startsWith('UNSUPPORTED_')) throw error;
    if (!(error instanceof Unfit || error instanceof BoathouseError)) throw error;
    if (cast.tried) return 'null';
    throw userError(
      'INVALID_VARIANT_CAST',
      `The variant ${variantJson(value, cast.zone).slice(0, 200)} cannot be cast to ${typeText(to)}. Use try_variant_get or try_cast to get NULL.`,
      { sqlState: '22023' },
    );
  }
}

const types = new Map<string, DataType>();

/** A type by its DDL text, remembered. */
export function typeOfText(ddl: string): DataType {
  let type = types.get(ddl);
  if (!type) {
    type = parseType(ddl);
    if (types.size > 200) types.clear();
    types.set(ddl, type);
  }
  return type;
}
