import { Buffer } from 'node:buffer';
import { type DataType, userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { type Json, parseJson, printJson } from './json.ts';
import { leniency, optionsOf, type TextOptions } from './json-options.ts';
import { decimalJson, isTemporal, recordJson, temporalJson, Unfit, wholeText } from './record.ts';
import { typed } from './typed-json.ts';
import { encodeVariant } from './variant.ts';
import { typeOfText } from './variant-cast.ts';
import { variantOfJson } from './variant-text.ts';

type Struct = Extract<DataType, { kind: 'struct' }>;

/** What reading one text carries along; `bad` turns true where some value did not fit. */
interface Reading {
  options: TextOptions;
  zone: string;
  bad: boolean;
}

const infinities: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+INF': Number.POSITIVE_INFINITY,
  '+Infinity': Number.POSITIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function floating(value: Json): string {
  if (value.kind === 'number') return typed.double(Number(value.text));
  if (value.kind === 'string' && Object.hasOwn(infinities, value.text)) return typed.double(infinities[value.text]!);
  throw new Unfit();
}

/** Base64 with its padding; white space is skipped. */
function binary(text: string): string {
  const letters = text.replace(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(letters)) throw new Unfit();
  return typed.binary(Buffer.from(letters, 'base64'));
}

/** JSON that the engine casts to exactly the type. Throws Unfit. */
function fit(value: Json, type: DataType, reading: Reading): string {
  if (type.kind === 'variant') return typed.binary(encodeVariant(variantOfJson(value)));
  if (value.kind === 'null') return 'null';
  switch (type.kind) {
    case 'string':
      return typed.string(value.kind === 'string' ? value.text : printJson(value));
    case 'boolean':
      if (value.kind === 'true' || value.kind === 'false') return value.kind;
      throw new Unfit();
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      if (value.kind !== 'number' || !/^-?\d+$/.test(value.text)) throw new Unfit();
      return wholeText(value.text, type.kind);
    case 'float':
    case 'double':
      return floating(value);
    case 'decimal':
      if (value.kind !== 'number' && value.kind !== 'string') throw new Unfit();
      return decimalJson(value.text, type.precision, type.scale);
    case 'binary':
      if (value.kind !== 'string') throw new Unfit();
      return binary(value.text);
    case 'array':
      if (value.kind !== 'array') throw new Unfit();
      return typed.array(value.items.map((item) => fit(item, type.element, reading)));
    case 'map':
      return map(value, type.value, reading);
    case 'struct':
      return typed.object(struct(value, type, reading));
    default:
      if (type.kind === 'timestamp' && value.kind === 'number' && /^-?\d{1,12}$/.test(value.text))
        return typed.timestamp(BigInt(value.text) * 1_000_000n);
      if (!isTemporal(type) || value.kind !== 'string') throw new Unfit();
      return temporalJson(value.text, type, reading.options, reading.zone);
  }
}

function map(value: Json, of: DataType, reading: Reading): string {
  if (value.kind !== 'object') throw new Unfit();
  if (new Set(value.fields.map(([name]) => name)).size < value.fields.length)
    throw userError('UNSUPPORTED_FUNCTION', 'from_json: an object with one key twice is not supported as a map.');
  return typed.object(value.fields.map(([name, field]) => [name, fit(field, of, reading)]));
}

/** A field that does not fit is NULL alone; names count with their case, and the last of one name wins. */
function struct(value: Json, type: Struct, reading: Reading): [string, string][] {
  if (value.kind !== 'object') throw new Unfit();
  return type.fields.map((field) => {
    const found = value.fields.findLast(([name]) => name === field.name);
    return [field.name, found ? fitOrNull(found[1], field.type, reading) : 'null'];
  });
}

function fitOrNull(value: Json, type: DataType, reading: Reading): string {
  try {
    return fit(value, type, reading);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    reading.bad = true;
    return 'null';
  }
}

function rootStruct(text: string, value: Json | null, type: Struct, reading: Reading): string {
  const empty: [string, string][] = type.fields.map((field) => [field.name, 'null']);
  const isObject = value?.kind === 'object';
  const fields = isObject ? struct(value, type, reading) : empty;
  const bad = reading.bad || !(isObject || value?.kind === 'null');
  return recordJson(text, { fields, bad }, reading.options);
}

/** `{"v": …}`, or null where the text gives NULL. */
function fromJson(text: string, ddl: string, zone: string, options: TextOptions): string | null {
  const type = typeOfText(ddl);
  if (text.trim() === '') return null;
  const value = parseJson(text, leniency(options));
  const reading = { options, zone, bad: false };
  if (type.kind === 'struct') return `{"v":${rootStruct(text, value, type, reading)}}`;
  const fits =
    value && type.kind === 'array' && type.element.kind === 'struct' && value.kind === 'object'
      ? typed.array([fitOrNull(value, type.element, reading)])
      : value && (value.kind !== 'null' || type.kind === 'variant')
        ? fitOrNull(value, type, reading)
        : 'null';
  // The error of FAILFAST is raised there.
  recordJson(text, { fields: [], bad: reading.bad || !value }, options);
  return fits === 'null' ? null : `{"v":${fits}}`;
}

export const fromJsonFunctions: EngineFunction[] = [
  engineFunction(
    'spark_from_json',
    ['VARCHAR', 'VARCHAR', 'VARCHAR', 'VARCHAR'],
    'VARCHAR',
    ([text, ddl, zone, options]) =>
      fromJson(text as string, ddl as string, zone as string, optionsOf(options as string)),
  ),
  engineFunction('spark_json_tuple', ['VARCHAR', 'VARCHAR[]'], 'VARCHAR[]', ([text, names]) =>
    jsonTuple(text as string, names as string[]),
  ),
];

/** Fields of the outer object by name, the last of one name; NULLs where the text is no object. */
function jsonTuple(text: string, names: string[]): (string | null)[] {
  const value = parseJson(text);
  return names.map((name) => {
    const found = value?.kind === 'object' ? value.fields.findLast(([key]) => key === name)?.[1] : undefined;
    if (!found || found.kind === 'null') return null;
    return found.kind === 'string' ? found.text : printJson(found);
  });
}
