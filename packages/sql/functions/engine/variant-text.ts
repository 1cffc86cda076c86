import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import { dateText, offsetAt, timestampText } from './calendar.ts';
import { type Json, jsonString, parseJson } from './json.ts';
import { doubleText, floatText } from './number-text.ts';
import { decimalOf, objectOf, type Variant } from './variant.ts';

const long = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** Digits alone, with a point or without, are decimals where 38 digits hold them; other numbers are doubles. */
function numberOf(text: string): Variant {
  if (/^-?\d+$/.test(text) && long(BigInt(text))) return { kind: 'long', value: BigInt(text) };
  const match = /^(-?\d+)(?:\.(\d+))?$/.exec(text);
  if (match) {
    const [, whole = '', fraction = ''] = match;
    const digits = (whole + fraction).replace(/^-?0*/, '');
    if (fraction.length <= 38 && digits.length <= 38) return decimalOf(BigInt(whole + fraction), fraction.length);
  }
  return { kind: 'double', value: Number(text) };
}

/** Parsed JSON as a variant. Throws VARIANT_DUPLICATE_KEY. */
export function variantOfJson(json: Json): Variant {
  switch (json.kind) {
    case 'null':
      return { kind: 'null' };
    case 'true':
    case 'false':
      return { kind: 'boolean', value: json.kind === 'true' };
    case 'number':
      return numberOf(json.text);
    case 'string':
      return { kind: 'string', value: json.text };
    case 'array':
      return { kind: 'array', items: json.items.map(variantOfJson) };
    case 'object':
      return objectOf(json.fields.map(([key, value]) => [key, variantOfJson(value)]));
  }
}

/** Strict JSON as a variant. Throws MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION. */
export function parseVariant(text: string): Variant {
  const broken = (why: string): Error =>
    userError('MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION', `The text is no JSON (${why}): ${text.slice(0, 200)}`, {
      sqlState: '22023',
    });
  const json = parseJson(text, { singleQuotes: false });
  if (!json) throw broken('try_parse_json gives NULL instead');
  try {
    return variantOfJson(json);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'VARIANT_DUPLICATE_KEY')
      throw broken('a key is there twice');
    throw error;
  }
}

export function decimalText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return units < 0n ? `-${text}` : text;
}

/** The wall clock of an instant. */
export function localMicros(micros: bigint, zone: string): bigint {
  const seconds = Number(micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n));
  return micros + BigInt(offsetAt(zone, seconds)) * 1_000_000n;
}

function zonedText(micros: bigint, zone: string): string {
  const local = localMicros(micros, zone);
  const minutes = Number((local - micros) / 60_000_000n);
  const size = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${timestampText(local)}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

const finite = (value: number, text: string): string => (Number.isFinite(value) ? text : `"${text}"`);

/** The variant as JSON: keys sorted, dates and bytes as strings, instants in the session's zone. */
export function variantJson(value: Variant, zone: string): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'boolean':
    case 'long':
      return String(value.value);
    case 'double':
      return finite(value.value, doubleText(value.value));
    case 'float':
      return finite(value.value, floatText(value.value));
    case 'decimal':
      return decimalText(value.units, value.scale);
    case 'string':
      return jsonString(value.value);
    case 'binary':
      return `"${Buffer.from(value.value).toString('base64')}"`;
    case 'date':
      return `"${dateText(value.days)}"`;
    case 'timestamp':
      return `"${zonedText(value.micros, zone)}"`;
    case 'timestamp_ntz':
      return `"${timestampText(value.micros)}"`;
    case 'array':
      return `[${value.items.map((item) => variantJson(item, zone)).join(',')}]`;
    case 'object':
      return `{${value.fields.map(([key, item]) => `${jsonString(key)}:${variantJson(item, zone)}`).join(',')}}`;
  }
}

export type VariantStep = { key: string } | { index: number };

const paths = new Map<string, VariantStep[]>();

/** `$.a['b c'][0]`. Throws INVALID_VARIANT_GET_PATH. */
export function variantPath(path: string, name: string): VariantStep[] {
  const known = paths.get(path);
  if (known) return known;
  const steps: VariantStep[] = [];
  const step = /\.([^.[]+)|\['([^']*)'\]|\["([^"]*)"\]|\[(\d+)\]/y;
  step.lastIndex = 1;
  let end = 1;
  for (let match = step.exec(path); match && path.startsWith('$'); match = step.exec(path)) {
    const key = match[1] ?? match[2] ?? match[3];
    if (key === undefined && Number(match[4]) > 2_147_483_647) break;
    steps.push(key === undefined ? { index: Number(match[4]) } : { key });
    end = step.lastIndex;
  }
  if (!path.startsWith('$') || end !== path.length)
    throw userError('INVALID_VARIANT_GET_PATH', `'${path}' is no path for ${name}. Write one such as $.a[0]['b c'].`, {
      sqlState: '22023',
    });
  if (paths.size > 500) paths.clear();
  paths.set(path, steps);
  return steps;
}

/** The value at a path; undefined where it leads nowhere. */
export function variantAt(value: Variant, steps: readonly VariantStep[]): Variant | undefined {
  let at: Variant | undefined = value;
  for (const step of steps) {
    if ('index' in step) at = at?.kind === 'array' ? at.items[step.index] : undefined;
    else at = at?.kind === 'object' ? at.fields.find(([key]) => key === step.key)?.[1] : undefined;
    if (!at) return undefined;
  }
  return at;
}

/** What a variant holds, as schema_of_variant tells it. */
export type VariantSchema =
  | { kind: 'scalar'; name: string }
  | { kind: 'decimal'; precision: number; scale: number }
  | { kind: 'array'; element: VariantSchema }
  | { kind: 'object'; fields: [string, VariantSchema][] };

export const nothing: VariantSchema = { kind: 'scalar', name: 'VOID' };
const anything: VariantSchema = { kind: 'scalar', name: 'VARIANT' };
const named = (name: string): VariantSchema => ({ kind: 'scalar', name });
const scalarNames = {
  null: 'VOID',
  boolean: 'BOOLEAN',
  long: 'BIGINT',
  string: 'STRING',
  date: 'DATE',
  binary: 'BINARY',
};

export function variantSchema(value: Variant): VariantSchema {
  switch (value.kind) {
    case 'array':
      return {
        kind: 'array',
        element: value.items.map(variantSchema).reduce((sum, next) => mergeSchemas(sum, next), nothing),
      };
    case 'object':
      return { kind: 'object', fields: value.fields.map(([key, item]) => [key, variantSchema(item)]) };
    case 'decimal': {
      const digits = String(value.units < 0n ? -value.units : value.units).length;
      return { kind: 'decimal', precision: Math.max(digits, value.scale), scale: value.scale };
    }
    case 'double':
    case 'float':
    case 'timestamp':
    case 'timestamp_ntz':
      return named(value.kind.toUpperCase());
    default:
      return named(scalarNames[value.kind]);
  }
}

const numbers = ['BIGINT', 'FLOAT', 'DOUBLE'];
const times = ['DATE', 'TIMESTAMP_NTZ', 'TIMESTAMP'];
/** Digits of any bigint. */
const longDecimal = { precision: 20, scale: 0 };

/** The schema that holds both; `mixed` where there is none. */
export function mergeSchemas(a: VariantSchema, b: VariantSchema, mixed = anything): VariantSchema {
  const isNamed = (schema: VariantSchema, names: string[]) => schema.kind === 'scalar' && names.includes(schema.name);
  if (isNamed(a, ['VOID'])) return b;
  if (isNamed(b, ['VOID'])) return a;
  if (a.kind === 'scalar' && b.kind === 'scalar') {
    if (a.name === b.name) return a;
    if (isNamed(a, numbers) && isNamed(b, numbers)) return named('DOUBLE');
    if (isNamed(a, times) && isNamed(b, times)) return times.indexOf(a.name) > times.indexOf(b.name) ? a : b;
    return mixed;
  }
  if (a.kind === 'array' && b.kind === 'array')
    return { kind: 'array', element: mergeSchemas(a.element, b.element, mixed) };
  if (a.kind === 'object' && b.kind === 'object') {
    const fields = new Map(a.fields);
    for (const [key, schema] of b.fields) fields.set(key, mergeSchemas(fields.get(key) ?? nothing, schema, mixed));
    return { kind: 'object', fields: [...fields].sort(([x], [y]) => (x < y ? -1 : 1)) };
  }
  const [decimal, other] = a.kind === 'decimal' ? [a, b] : [b, a];
  if (decimal.kind !== 'decimal') return mixed;
  if (isNamed(other, ['FLOAT', 'DOUBLE'])) return named('DOUBLE');
  if (other.kind !== 'decimal' && !isNamed(other, ['BIGINT'])) return mixed;
  const wide = other.kind === 'decimal' ? other : longDecimal;
  const range = Math.max(decimal.precision - decimal.scale, wide.precision - wide.scale);
  const scale = Math.max(decimal.scale, wide.scale);
  return range + scale > 38 ? named('DOUBLE') : { kind: 'decimal', precision: range + scale, scale };
}

/** `OBJECT<a: BIGINT, b: ARRAY<VARIANT>>`, or with another word for objects. */
export function schemaText(schema: VariantSchema, object = 'OBJECT'): string {
  switch (schema.kind) {
    case 'scalar':
      return schema.name;
    case 'decimal':
      return `DECIMAL(${schema.precision},${schema.scale})`;
    case 'array':
      return `ARRAY<${schemaText(schema.element, object)}>`;
    case 'object':
      return `${object}<${schema.fields.map(([key, of]) => `${quotedKey(key)}: ${schemaText(of, object)}`).join(', ')}>`;
  }
}

export const quotedKey = (key: string): string =>
  /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(key) ? key : `\`${key.replaceAll('`', '``')}\``;
