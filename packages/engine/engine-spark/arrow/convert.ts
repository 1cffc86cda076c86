import { type DataType, systemError, typeText } from '@boathouse/contracts';
import { DataType as Arrow, type Data, makeData, TimeUnit, Type, Vector } from 'apache-arrow';
import { arrowType } from '../../arrow/schema.ts';
import { intervalText } from '../../engine-duckdb/intervals.ts';
import { variantText } from './variant.ts';

/**
 * A column as Spark sent it, in the form of our results: most values stay the bytes that they are; times become
 * microseconds, intervals and variants their text, and whatever form of text or binaries a server uses becomes the plain
 * one. Throws ENGINE_PROTOCOL where the bytes are not of the type that the schema says.
 */
export function convert(data: Data, type: DataType): Data {
  const target = arrowType(type);
  switch (type.kind) {
    case 'void':
      return makeData({ type: target, length: data.length, nullCount: data.length });
    case 'string':
    case 'char':
    case 'varchar':
      return data.typeId === Type.Utf8
        ? variable(data, target)
        : texts(target, data, expecting(type, data, [Type.LargeUtf8, Type.Utf8View]));
    case 'binary':
      return data.typeId === Type.Binary
        ? variable(data, target)
        : texts(target, data, expecting(type, data, [Type.LargeBinary, Type.BinaryView]));
    case 'variant':
      return texts(target, data, variants(data, type));
    case 'interval':
    case 'calendar_interval':
      return texts(target, data, intervals(data, type));
    case 'timestamp':
    case 'timestamp_ntz':
      if (!Arrow.isTimestamp(data.type)) throw mismatch(type, data);
      return inMicros(data, target, data.type.unit);
    case 'time':
      if (!Arrow.isTime(data.type)) throw mismatch(type, data);
      return inMicros(data, target, data.type.unit);
    case 'array': {
      expecting(type, data, [Type.List]);
      return nested(data, target, [convert(data.children[0]!, type.element)]);
    }
    case 'map': {
      expecting(type, data, [Type.Map]);
      const entries = data.children[0]!;
      const pair = [convert(entries.children[0]!, type.key), convert(entries.children[1]!, type.value)];
      return nested(data, target, [withChildren(entries, target.children[0]!.type, pair)]);
    }
    case 'struct': {
      expecting(type, data, [Type.Struct]);
      if (data.children.length !== type.fields.length) throw mismatch(type, data);
      return withChildren(
        data,
        target,
        type.fields.map((field, i) => convert(data.children[i]!, field.type)),
      );
    }
    default:
      if (String(data.type) !== String(target)) throw mismatch(type, data);
      return fixed(data, target);
  }
}

const mismatch = (type: DataType, data: Data) =>
  systemError(
    'ENGINE_PROTOCOL',
    `The Spark server sent a column as ${data.type} that its schema calls ${typeText(type)}. Cast it in the query, or attach Spark 4.0 or newer.`,
  );

/** Checks the form and reads its values one by one. */
function expecting(type: DataType, data: Data, forms: readonly Type[]): (row: number) => string | Uint8Array {
  if (!forms.includes(data.typeId)) throw mismatch(type, data);
  const vector = new Vector([data]);
  return (row) => vector.get(row);
}

const validity = (data: Data) => ({
  length: data.length,
  nullCount: data.nullCount,
  ...(data.nullCount ? { nullBitmap: data.nullBitmap } : {}),
});

const fixed = (data: Data, type: Arrow): Data => makeData({ type, ...validity(data), data: data.values } as never);
const variable = (data: Data, type: Arrow): Data =>
  makeData({ type, ...validity(data), valueOffsets: data.valueOffsets, data: data.values } as never);
const nested = (data: Data, type: Arrow, [child]: Data[]): Data =>
  makeData({ type, ...validity(data), valueOffsets: data.valueOffsets, child } as never);
const withChildren = (data: Data, type: Arrow, children: Data[]): Data =>
  makeData({ type, ...validity(data), children } as never);

const perMicro: Record<TimeUnit, (value: bigint) => bigint> = {
  [TimeUnit.SECOND]: (value) => value * 1_000_000n,
  [TimeUnit.MILLISECOND]: (value) => value * 1_000n,
  [TimeUnit.MICROSECOND]: (value) => value,
  // Towards the past, so that times before 1970 lose digits as those after it.
  [TimeUnit.NANOSECOND]: (value) => (value - (((value % 1_000n) + 1_000n) % 1_000n)) / 1_000n,
};

function inMicros(data: Data, type: Arrow, unit: TimeUnit): Data {
  if (unit === TimeUnit.MICROSECOND) return fixed(data, type);
  const convertOne = perMicro[unit];
  const micros = BigInt64Array.from({ length: data.length }, (_, row) => convertOne(BigInt(data.values[row])));
  return makeData({ type, ...validity(data), data: micros } as never);
}

/** Text or binaries made row by row. */
function texts(type: Arrow, data: Data, read: (row: number) => string | Uint8Array): Data {
  const valueOffsets = new Int32Array(data.length + 1);
  const parts: Uint8Array[] = [];
  let end = 0;
  for (let row = 0; row < data.length; row++) {
    if (data.getValid(row)) {
      const value = read(row);
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
      parts.push(bytes);
      end += bytes.length;
    }
    valueOffsets[row + 1] = end;
  }
  return makeData({ type, ...validity(data), valueOffsets, data: Buffer.concat(parts, end) } as never);
}

function variants(data: Data, type: DataType): (row: number) => string {
  const names = data.typeId === Type.Struct ? data.type.children.map((field: { name: string }) => field.name) : [];
  const [value, metadata] = ['value', 'metadata'].map((name) => data.children[names.indexOf(name)]);
  if (!value || !metadata) throw mismatch(type, data);
  const [values, metadatas] = [new Vector([value]), new Vector([metadata])];
  return (row) => variantText(values.get(row), metadatas.get(row));
}

const DAY_MICROS = 86_400_000_000n;

function intervals(data: Data, type: DataType & { kind: 'interval' | 'calendar_interval' }): (row: number) => string {
  const { values } = data;
  if (Arrow.isDuration(data.type)) {
    const toMicros = perMicro[data.type.unit];
    return (row) => {
      const micros = toMicros(BigInt(values[row]));
      return intervalText(type, 0, Number(micros / DAY_MICROS), micros % DAY_MICROS);
    };
  }
  const form = String(data.type);
  if (form === 'Interval<YEAR_MONTH>') return (row) => intervalText(type, values[row], 0, 0n);
  if (form === 'Interval<MONTH_DAY_NANO>') {
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    return (row) =>
      intervalText(
        type,
        view.getInt32(row * 16, true),
        view.getInt32(row * 16 + 4, true),
        view.getBigInt64(row * 16 + 8, true) / 1_000n,
      );
  }
  throw mismatch(type, data);
}
