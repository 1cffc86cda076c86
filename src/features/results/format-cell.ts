import { type DataType, parseType } from '@boathouse/contracts';

/** How a value looks in the grid: its text, how it is set, and the exact form for hovers and copying. */
export interface CellText {
  text: string;
  kind: 'null' | 'number' | 'text' | 'time' | 'boolean' | 'nested' | 'binary';
  title?: string;
}

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 });
const pad = (value: number, width = 2) => String(value).padStart(width, '0');

/** Digits of a decimal that Arrow gives as little-endian 32-bit words. */
export function decimalText(words: Uint32Array, scale: number): string {
  let value = 0n;
  for (let index = words.length - 1; index >= 0; index--) value = (value << 32n) | BigInt(words[index]!);
  const bits = BigInt(words.length * 32);
  const negative = value >> (bits - 1n) === 1n;
  if (negative) value = (1n << bits) - value;
  const digits = value.toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return negative ? `-${text}` : text;
}

const groupDecimal = (text: string): string =>
  text.replace(/^(-?)(\d+)/, (_all, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+(?!\d))/g, ','));

/** Microseconds or milliseconds since 1970 as text in a zone; the fraction only where there is one. */
function timestampText(value: number, zone: 'local' | 'utc'): string {
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return String(value);
  const local = zone === 'local';
  const date = `${pad(local ? at.getFullYear() : at.getUTCFullYear(), 4)}-${pad((local ? at.getMonth() : at.getUTCMonth()) + 1)}-${pad(local ? at.getDate() : at.getUTCDate())}`;
  const time = `${pad(local ? at.getHours() : at.getUTCHours())}:${pad(local ? at.getMinutes() : at.getUTCMinutes())}:${pad(local ? at.getSeconds() : at.getUTCSeconds())}`;
  const fraction = ((value % 1000) + 1000) % 1000;
  return `${date} ${time}${fraction ? `.${fraction.toFixed(3).replace('.', '').padStart(6, '0').replace(/0+$/, '')}` : ''}`;
}

const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A value as plain data for JSON: nested values, the side panel, copying. */
export function plain(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'array':
      return Array.from(value as Iterable<unknown>, (item) => plain(item, type.element));
    case 'map': {
      const entries: [string, unknown][] = [];
      for (const entry of value as Iterable<[unknown, unknown]>)
        entries.push([String(plain(entry[0], type.key)), plain(entry[1], type.value)]);
      return Object.fromEntries(entries);
    }
    case 'struct': {
      const row = value as Record<string, unknown>;
      return Object.fromEntries(type.fields.map((field) => [field.name, plain(row[field.name], field.type)]));
    }
    case 'boolean':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'float':
    case 'double':
      return value;
    case 'bigint':
      return typeof value === 'bigint' &&
        value >= BigInt(Number.MIN_SAFE_INTEGER) &&
        value <= BigInt(Number.MAX_SAFE_INTEGER)
        ? Number(value)
        : String(value);
    default:
      return cellText(value, type).text;
  }
}

/** Text of a value of an Arrow vector, by its Spark type. */
export function cellText(value: unknown, type: DataType): CellText {
  if (value === null || value === undefined) return { text: 'NULL', kind: 'null' };
  switch (type.kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return { text: grouped.format(value as number | bigint), kind: 'number', title: String(value) };
    case 'float':
    case 'double': {
      const number = Number(value);
      const shown = type.kind === 'float' ? Number(number.toPrecision(7)) : number;
      const text = !Number.isFinite(number)
        ? String(number)
        : Math.abs(shown) >= 1e15 || (shown !== 0 && Math.abs(shown) < 1e-6)
          ? shown.toExponential()
          : grouped.format(shown);
      return { text, kind: 'number', title: String(shown) };
    }
    case 'decimal': {
      const text = value instanceof Uint32Array ? decimalText(value, type.scale) : String(value);
      return { text: groupDecimal(text), kind: 'number', title: text };
    }
    case 'boolean':
      return { text: value ? 'true' : 'false', kind: 'boolean' };
    case 'date': {
      const at = typeof value === 'number' ? value : Number(value);
      return { text: timestampText(at, 'utc').slice(0, 10), kind: 'time' };
    }
    case 'timestamp': {
      const at = Number(value);
      return {
        text: timestampText(at, 'local'),
        kind: 'time',
        title: `${timestampText(at, 'local')} ${zoneName}\n${timestampText(at, 'utc')} UTC`,
      };
    }
    case 'timestamp_ntz':
      return { text: timestampText(Number(value), 'utc'), kind: 'time', title: 'No time zone' };
    case 'time':
      return { text: timestampText(Number(value) / 1000, 'utc').slice(11), kind: 'time' };
    case 'binary': {
      const bytes = value instanceof Uint8Array ? value : new Uint8Array();
      const hex = Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(
        '',
      );
      return { text: bytes.length > 32 ? `${hex}…` : hex, kind: 'binary', title: `${bytes.length} bytes` };
    }
    case 'array':
    case 'map':
    case 'struct':
      return { text: JSON.stringify(plain(value, type)), kind: 'nested' };
    default:
      return { text: String(value), kind: 'text' };
  }
}

/** Type of a column; what a newer server may name and we do not know is shown as text. */
export function columnType(text: string): DataType {
  try {
    return parseType(text);
  } catch {
    return { kind: 'string' };
  }
}

export const isNumeric = (type: DataType): boolean =>
  ['tinyint', 'smallint', 'int', 'bigint', 'float', 'double', 'decimal'].includes(type.kind);
