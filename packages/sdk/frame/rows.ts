import type { Data, RecordBatchReader } from 'apache-arrow';
import { SdkError } from '../sql/text.ts';
import type { Row } from './types.ts';

/** The part of the Arrow library that is used: it is loaded when rows first arrive. */
export interface ArrowLibrary {
  RecordBatchReader: typeof RecordBatchReader;
  tableFromIPC(bytes: Uint8Array): unknown;
}

type Reader = (row: number) => unknown;

/** Field metadata that keeps the Spark type. */
const TYPE_KEY = 'boathouse:type';

/**
 * Rows of an Arrow IPC stream as objects. Types: integers and `bigint` → number, but a whole `bigint` column that holds a
 * value beyond 2^53 → bigint; `decimal` → text (exact); `double`, `float` → number; `date` → "2024-01-31"; `timestamp` →
 * Date (milliseconds); `timestamp_ntz`, `time`, intervals → text; `binary` → Uint8Array; arrays → arrays; structs →
 * objects; maps with text keys → objects, other maps → Map; NULL → null. Throws DUPLICATE_COLUMN.
 */
export function rowsOf(arrow: ArrowLibrary, bytes: Uint8Array): Row[] {
  const stream = arrow.RecordBatchReader.from(bytes).open();
  const names = stream.schema.fields.map((field) => field.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new SdkError(
      'DUPLICATE_COLUMN',
      `The result has two columns "${twice}": give one of them another name with AS or alias.`,
    );
  const types = stream.schema.fields.map((field) => field.metadata.get(TYPE_KEY) ?? '');
  const batches = [...stream];
  const wide = names.map((_, i) => batches.some((batch) => hasWide(batch.data.children[i]!, types[i]!)));
  const rows: Row[] = [];
  for (const batch of batches) {
    const readers = batch.data.children.map((child, i) => reader(child, { type: types[i]!, wide: wide[i]! }));
    for (let at = 0; at < batch.numRows; at++) {
      const row: Row = {};
      for (let i = 0; i < names.length; i++) row[names[i]!] = readers[i]!(at);
      rows.push(row);
    }
  }
  return rows;
}

/** What the Arrow type does not tell. */
interface Facts {
  /** Spark type of the column, for the few whose Arrow type is another's. */
  type: string;
  /** Integers of 64 bits become bigint. */
  wide: boolean;
}

const isSafe = (value: bigint): boolean => value >= -9007199254740991n && value <= 9007199254740991n;

/** Whether integers somewhere in the column do not fit a number. */
function hasWide(data: Data, type: string): boolean {
  if (data.values instanceof BigInt64Array && /bigint/.test(type) && isInteger(data))
    return data.values.some((value) => !isSafe(value));
  return (data.children ?? []).some((child) => hasWide(child, type));
}

/** Arrow's type names: the library's own numbers change with its build. */
const nameOf = (data: Data): string => String(data.type);
const isInteger = (data: Data): boolean => /^Int/.test(nameOf(data));

function reader(data: Data, facts: Facts): Reader {
  if (nameOf(data) === 'Null') return () => null;
  const read = valueReader(data, facts);
  return (row) => (data.getValid(row) ? read(row) : null);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function valueReader(data: Data, facts: Facts): Reader {
  const { values, valueOffsets, offset } = data;
  const name = nameOf(data);
  const [kind] = /^[A-Za-z_]+/.exec(name) ?? [''];
  switch (kind) {
    case 'Bool':
      return (row) => (values[(row + offset) >> 3] & (1 << ((row + offset) & 7))) !== 0;
    case 'Int':
      if (!(values instanceof BigInt64Array)) return (row) => values[row];
      return facts.wide ? (row) => values[row] : (row) => Number(values[row]);
    case 'Float':
      return (row) => values[row];
    case 'Decimal': {
      const scale = (data.type as unknown as { scale: number }).scale;
      return (row) => decimalText(values as Uint32Array, row * 4, scale);
    }
    case 'Utf':
      return (row) => utf8.decode(values.subarray(valueOffsets[row], valueOffsets[row + 1]));
    case 'Binary':
      return (row) => (values as Uint8Array).slice(valueOffsets[row], valueOffsets[row + 1]);
    case 'Date':
    case 'Date_':
      return (row) => new Date((values as Int32Array)[row]! * 86_400_000).toISOString().replace(/T.*/, '');
    case 'Timestamp':
      return (data.type as unknown as { timezone?: string | null }).timezone
        ? (row) => new Date(Number(floorDiv((values as BigInt64Array)[row]!, 1000n)))
        : (row) => localText((values as BigInt64Array)[row]!);
    case 'Time':
      return (row) => timeText((values as BigInt64Array)[row]!);
    case 'List': {
      const read = reader(data.children[0]!, facts);
      return (row) => range(valueOffsets[row]!, valueOffsets[row + 1]!, read);
    }
    case 'Struct': {
      const fields = data.type.children.map((field, i) => [field.name, reader(data.children[i]!, facts)] as const);
      return (row) => Object.fromEntries(fields.map(([field, read]) => [field, read(row)]));
    }
    case 'Map':
    case 'Map_': {
      const [keys, items] = data.children[0]!.children;
      const key = reader(keys!, facts);
      const value = reader(items!, facts);
      const isText = nameOf(keys!).startsWith('Utf');
      return (row) => {
        const pairs = range(valueOffsets[row]!, valueOffsets[row + 1]!, (at) => [key(at), value(at)] as const);
        return isText ? Object.fromEntries(pairs as [string, unknown][]) : new Map(pairs);
      };
    }
    default:
      throw new SdkError(
        'UNSUPPORTED_TYPE',
        `A column of type ${facts.type || name} cannot be read by a cell. Cast it in SQL.`,
      );
  }
}

function range<T>(from: number, to: number, read: (row: number) => T): T[] {
  const items: T[] = [];
  for (let at = from; at < to; at++) items.push(read(at));
  return items;
}

function decimalText(words: Uint32Array, at: number, scale: number): string {
  const raw =
    (BigInt(words[at + 3]!) << 96n) |
    (BigInt(words[at + 2]!) << 64n) |
    (BigInt(words[at + 1]!) << 32n) |
    BigInt(words[at]!);
  const value = BigInt.asIntN(128, raw);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  const sign = value < 0n ? '-' : '';
  return scale ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : sign + digits;
}

const floorDiv = (value: bigint, by: bigint): bigint => (value >= 0n ? value / by : -((-value + by - 1n) / by));

/** A time without zone as ISO text, with as many digits as it has. */
function localText(micros: bigint): string {
  const millis = floorDiv(micros, 1000n);
  const rest = Number(micros - millis * 1000n);
  const text = new Date(Number(millis)).toISOString().slice(0, -1);
  return rest ? `${text}${String(rest).padStart(3, '0')}` : text.replace(/\.000$/, '');
}

function timeText(micros: bigint): string {
  return localText(micros).replace(/^.*T/, '');
}
