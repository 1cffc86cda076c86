import { BoathouseError, type DataType, parseType } from '@boathouse/contracts';
import { dateText, timestampText } from './calendar.ts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { type Json, jsonString, parseJson, printJson } from './json.ts';
import { roundText } from './math.ts';
import { parseDecimal } from './number-text.ts';
import { parseDate, parseTimestamp } from './time-text.ts';

/** Thrown where a value does not fit its type: the field, or what holds it, is NULL then. */
class Unfit extends Error {}

const bits: Record<string, bigint> = { tinyint: 7n, smallint: 15n, int: 31n, bigint: 63n };

/** JSON that the engine casts to exactly the type: `null` where the text had no such value. */
function fit(value: Json, type: DataType, zone: string): string {
  if (value.kind === 'null') return 'null';
  switch (type.kind) {
    case 'string':
      return jsonString(value.kind === 'string' ? value.text : printJson(value));
    case 'boolean':
      if (value.kind === 'true' || value.kind === 'false') return value.kind;
      throw new Unfit();
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint': {
      if (value.kind !== 'number' || !/^-?\d+$/.test(value.text)) throw new Unfit();
      const limit = 1n << bits[type.kind]!;
      const whole = BigInt(value.text);
      if (whole >= limit || whole < -limit) throw new Unfit();
      return value.text;
    }
    case 'float':
    case 'double':
      if (value.kind === 'number') return jsonString(value.text);
      if (value.kind === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value.text))
        return jsonString(value.text);
      throw new Unfit();
    case 'decimal': {
      if (value.kind !== 'number') throw new Unfit();
      const rounded = roundText(parseDecimal(value.text), type.scale, 'half_up');
      if (rounded.replace(/[-.]/g, '').replace(/^0+/, '').length > type.precision) throw new Unfit();
      return jsonString(rounded);
    }
    case 'date':
      if (value.kind !== 'string') throw new Unfit();
      return jsonString(dateText(parsed(() => parseDate(value.text))));
    case 'timestamp':
      if (value.kind === 'number' && /^-?\d{1,12}$/.test(value.text)) return stamp(BigInt(value.text) * 1_000_000n);
      if (value.kind !== 'string') throw new Unfit();
      return stamp(parsed(() => parseTimestamp(value.text, zone)));
    case 'array':
      if (value.kind !== 'array') throw new Unfit();
      return `[${value.items.map((item) => fit(item, type.element, zone)).join(',')}]`;
    case 'map':
      if (value.kind !== 'object') throw new Unfit();
      return `{${[...new Map(value.fields)].map(([name, field]) => `${jsonString(name)}:${fit(field, type.value, zone)}`).join(',')}}`;
    case 'struct':
      return struct(value, type, zone);
    default:
      throw new Unfit();
  }
}

const stamp = (micros: bigint): string => jsonString(`${timestampText(micros)}+00`);

function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BoathouseError && !error.code.startsWith('UNSUPPORTED_')) throw new Unfit();
    throw error;
  }
}

/** A field that does not fit is NULL alone; names count with their case, and the last of one name wins. */
function struct(value: Json, type: Extract<DataType, { kind: 'struct' }>, zone: string): string {
  if (value.kind !== 'object') throw new Unfit();
  const fields = type.fields.map((field) => {
    const found = value.fields.findLast(([name]) => name === field.name);
    return `${jsonString(field.name)}:${found ? fitOrNull(found[1], field.type, zone) : 'null'}`;
  });
  return `{${fields.join(',')}}`;
}

function fitOrNull(value: Json, type: DataType, zone: string): string {
  try {
    return fit(value, type, zone);
  } catch (error) {
    if (error instanceof Unfit) return 'null';
    throw error;
  }
}

const schemas = new Map<string, DataType>();

function fromJson(text: string, ddl: string, zone: string): string | null {
  let type = schemas.get(ddl);
  if (!type) {
    type = parseType(ddl);
    if (schemas.size > 200) schemas.clear();
    schemas.set(ddl, type);
  }
  if (text.trim() === '') return null;
  const value = parseJson(text);
  const fits = value && value.kind !== 'null' ? fitOrNull(value, type, zone) : 'null';
  if (fits !== 'null') return fits;
  return type.kind === 'struct' ? `{${type.fields.map((field) => `${jsonString(field.name)}:null`).join(',')}}` : null;
}

export const fromJsonFunctions: EngineFunction[] = [
  engineFunction('spark_from_json', ['VARCHAR', 'VARCHAR', 'VARCHAR'], 'VARCHAR', ([text, ddl, zone]) =>
    fromJson(text as string, ddl as string, zone as string),
  ),
];
