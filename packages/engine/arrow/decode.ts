import { type Column, type DataType, parseType } from '@boathouse/contracts';
import { type Data, type RecordBatch, RecordBatchReader } from 'apache-arrow';
import { columnsOf } from './schema.ts';

/** Reads one row of an array as a wire value. */
type Reader = (row: number) => unknown;

/**
 * Rows of an Arrow IPC stream (as results keep it) as wire values: bigint and decimal as text, dates and timestamps as
 * ISO text, binary as upper-case hexadecimal, maps as pairs, structs as arrays of their fields, NaN and infinities as text.
 * At most `limit` rows.
 */
export function decodeRows(
  ipc: Uint8Array,
  limit = Number.POSITIVE_INFINITY,
): { columns: Column[]; rows: unknown[][] } {
  // Not a Table: that joins columns of one name.
  const stream = RecordBatchReader.from(ipc).open();
  const columns = columnsOf(stream.schema);
  const rows: unknown[][] = [];
  for (const batch of stream) {
    // A stream without batches gives one that has no columns.
    if (batch.numRows === 0) continue;
    for (const row of batchRows(batch, columns, limit - rows.length)) rows.push(row);
    if (rows.length >= limit) break;
  }
  return { columns, rows };
}

/** Rows of one batch as wire values. */
export function batchRows(
  batch: RecordBatch,
  columns: readonly Column[],
  limit = Number.POSITIVE_INFINITY,
): unknown[][] {
  const readers = batch.data.children.map((child, i) => reader(child, parseType(columns[i]!.type)));
  return Array.from({ length: Math.min(batch.numRows, limit) }, (_, row) => readers.map((read) => read(row)));
}

function reader(data: Data, type: DataType): Reader {
  if (type.kind === 'void') return () => null;
  const read = valueReader(data, type);
  return data.nullCount ? (row) => (data.getValid(row) ? read(row) : null) : read;
}

function valueReader(data: Data, type: DataType): Reader {
  const { values, offset } = data;
  switch (type.kind) {
    case 'void':
      return () => null;
    case 'boolean':
      return (row) => (values[(row + offset) >> 3]! & (1 << ((row + offset) & 7))) !== 0;
    case 'tinyint':
    case 'smallint':
    case 'int':
      return (row) => Number(values[row]);
    case 'bigint':
      return (row) => String(values[row]);
    case 'float':
      return (row) => floatValue(values[row], true);
    case 'double':
      return (row) => floatValue(values[row], false);
    case 'decimal':
      return (row) => decimalText(values as Uint32Array, row * 4, type.scale);
    case 'string':
    case 'char':
    case 'varchar':
    case 'variant':
    case 'interval':
    case 'calendar_interval': {
      const { valueOffsets } = data;
      return (row) => utf8.decode(values.subarray(valueOffsets[row], valueOffsets[row + 1]));
    }
    case 'binary': {
      const { valueOffsets } = data;
      return (row) =>
        Buffer.from(values.subarray(valueOffsets[row], valueOffsets[row + 1]))
          .toString('hex')
          .toUpperCase();
    }
    case 'date':
      return (row) => dateText(values[row]);
    case 'timestamp':
      return (row) => `${timestampText(values[row])}Z`;
    case 'timestamp_ntz':
      return (row) => timestampText(values[row]);
    case 'time':
      return (row) => timeText(values[row]);
    case 'array': {
      const read = reader(data.children[0]!, type.element);
      return (row) => range(data.valueOffsets[row]!, data.valueOffsets[row + 1]!, read);
    }
    case 'map': {
      const entries = data.children[0]!;
      const key = reader(entries.children[0]!, type.key);
      const value = reader(entries.children[1]!, type.value);
      return (row) => range(data.valueOffsets[row]!, data.valueOffsets[row + 1]!, (at) => [key(at), value(at)]);
    }
    case 'struct': {
      const fields = type.fields.map((field, i) => reader(data.children[i]!, field.type));
      return (row) => fields.map((read) => read(row));
    }
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function range(from: number, to: number, read: Reader): unknown[] {
  const items: unknown[] = [];
  for (let at = from; at < to; at++) items.push(read(at));
  return items;
}

/** JSON has neither NaN nor infinities nor -0: the first three are text, -0 stays a number that JSON writers must keep. */
function floatValue(value: number, single: boolean): number | string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return single && value !== 0 ? shortestFloat(value) : value;
}

/** The shortest decimal that reads back as the same 32-bit float. */
function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

function decimalText(words: Uint32Array, at: number, scale: number): string {
  let value = BigInt.asIntN(
    128,
    (BigInt(words[at + 3]!) << 96n) |
      (BigInt(words[at + 2]!) << 64n) |
      (BigInt(words[at + 1]!) << 32n) |
      BigInt(words[at]!),
  );
  const sign = value < 0n ? '-' : '';
  if (value < 0n) value = -value;
  const digits = value.toString().padStart(scale + 1, '0');
  return scale ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : sign + digits;
}

const MICROS_PER_DAY = 86_400_000_000n;

/** ISO date of days since 1970; years outside 0000 to 9999 with sign, as Spark prints them. */
export function dateText(days: number): string {
  // Days to civil date (proleptic Gregorian) by 400-year eras: Date covers fewer years than the engine.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthIndex = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthIndex + 2) / 5) + 1;
  const month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function yearText(year: number): string {
  const size = String(Math.abs(year)).padStart(4, '0');
  return year < 0 ? `-${size}` : year > 9999 ? `+${size}` : size;
}

export function timestampText(micros: bigint): string {
  const days = micros >= 0n ? micros / MICROS_PER_DAY : -((-micros + MICROS_PER_DAY - 1n) / MICROS_PER_DAY);
  return `${dateText(Number(days))}T${timeText(micros - days * MICROS_PER_DAY)}`;
}

function timeText(micros: bigint): string {
  const total = Number(micros);
  const seconds = Math.floor(total / 1_000_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${String(total % 1_000_000).padStart(6, '0')}`;
}
