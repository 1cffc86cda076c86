import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';

/**
 * A variant as a tree. Objects have their keys sorted and once each; a decimal is `units / 10^scale` without zeros at its
 * end. Bytes are those of the Parquet variant encoding, the dictionary in front of the value.
 */
export type Variant =
  | { kind: 'null' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'long'; value: bigint }
  | { kind: 'double' | 'float'; value: number }
  | { kind: 'decimal'; units: bigint; scale: number }
  | { kind: 'string'; value: string }
  | { kind: 'binary'; value: Uint8Array }
  | { kind: 'date'; days: number }
  | { kind: 'timestamp' | 'timestamp_ntz'; micros: bigint }
  | { kind: 'array'; items: Variant[] }
  | { kind: 'object'; fields: [string, Variant][] };

const malformed = (): Error =>
  userError('MALFORMED_VARIANT', 'The bytes of a variant are broken. Write the value again.', { sqlState: '22023' });

/** Codes of primitive values in the encoding. */
const codes = {
  null: 0,
  true: 1,
  false: 2,
  int8: 3,
  int16: 4,
  int32: 5,
  int64: 6,
  double: 7,
  decimal4: 8,
  decimal8: 9,
};
const more = { decimal16: 10, date: 11, timestamp: 12, ntz: 13, float: 14, binary: 15, string: 16 };

export function decimalOf(units: bigint, scale: number): Variant {
  while (scale > 0 && units % 10n === 0n) {
    units /= 10n;
    scale--;
  }
  return { kind: 'decimal', units, scale };
}

/** Fields sorted by key. Throws VARIANT_DUPLICATE_KEY. */
export function objectOf(fields: [string, Variant][]): Variant {
  const sorted = [...fields].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  sorted.forEach(([key], index) => {
    if (index > 0 && key === sorted[index - 1]![0])
      throw userError('VARIANT_DUPLICATE_KEY', `A variant may not hold the key '${key}' twice in one object.`, {
        sqlState: '22023',
      });
  });
  return { kind: 'object', fields: sorted };
}

const unsigned = (value: number, size: number): Buffer => {
  const out = Buffer.alloc(size);
  out.writeUIntLE(value, 0, size);
  return out;
};
const signed = (value: bigint, size: number): Buffer => {
  const out = Buffer.alloc(size);
  for (let at = 0; at < size; at++) out[at] = Number(BigInt.asUintN(8, value >> BigInt(8 * at)));
  return out;
};
const sizeOf = (value: number): number => (value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 4);
const header = (code: number): Buffer => Buffer.from([code << 2]);

const fitting = (value: bigint): number => [1, 2, 4, 8].find((size) => BigInt.asIntN(size * 8, value) === value)!;

function scalar(value: Variant): Buffer {
  switch (value.kind) {
    case 'null':
      return header(codes.null);
    case 'boolean':
      return header(value.value ? codes.true : codes.false);
    case 'long': {
      const size = fitting(value.value);
      return Buffer.concat([header(codes.int8 + Math.log2(size)), signed(value.value, size)]);
    }
    case 'double': {
      const out = Buffer.alloc(8);
      out.writeDoubleLE(value.value);
      return Buffer.concat([header(codes.double), out]);
    }
    case 'float': {
      const out = Buffer.alloc(4);
      out.writeFloatLE(value.value);
      return Buffer.concat([header(more.float), out]);
    }
    case 'decimal': {
      const digits = Math.max(String(value.units < 0n ? -value.units : value.units).length, value.scale);
      const size = digits <= 9 ? 4 : digits <= 18 ? 8 : 16;
      const code = { 4: codes.decimal4, 8: codes.decimal8, 16: more.decimal16 }[size as 4];
      return Buffer.concat([header(code), Buffer.from([value.scale]), signed(value.units, size)]);
    }
    case 'date':
      return Buffer.concat([header(more.date), signed(BigInt(value.days), 4)]);
    case 'timestamp':
      return Buffer.concat([header(more.timestamp), signed(value.micros, 8)]);
    case 'timestamp_ntz':
      return Buffer.concat([header(more.ntz), signed(value.micros, 8)]);
    case 'binary':
      return Buffer.concat([header(more.binary), unsigned(value.value.length, 4), value.value]);
    case 'string': {
      const bytes = Buffer.from(value.value, 'utf8');
      if (bytes.length < 64) return Buffer.concat([Buffer.from([(bytes.length << 2) | 1]), bytes]);
      return Buffer.concat([header(more.string), unsigned(bytes.length, 4), bytes]);
    }
    default:
      throw new Error('not a scalar');
  }
}

function body(value: Variant, ids: Map<string, number>): Buffer {
  if (value.kind !== 'array' && value.kind !== 'object') return scalar(value);
  const items = value.kind === 'array' ? value.items : value.fields.map(([, item]) => item);
  const parts = items.map((item) => body(item, ids));
  const offsets = [0];
  for (const part of parts) offsets.push(offsets.at(-1)! + part.length);
  const offsetSize = sizeOf(offsets.at(-1)!);
  const large = items.length > 255;
  const keys = value.kind === 'object' ? value.fields.map(([key]) => ids.get(key)!) : [];
  const idSize = sizeOf(Math.max(0, ...keys));
  const flags =
    value.kind === 'array'
      ? (offsetSize - 1) | ((large ? 1 : 0) << 2)
      : (offsetSize - 1) | ((idSize - 1) << 2) | ((large ? 1 : 0) << 4);
  return Buffer.concat([
    Buffer.from([(flags << 2) | (value.kind === 'array' ? 3 : 2)]),
    unsigned(items.length, large ? 4 : 1),
    ...keys.map((id) => unsigned(id, idSize)),
    ...offsets.map((offset) => unsigned(offset, offsetSize)),
    ...parts,
  ]);
}

function collectKeys(value: Variant, keys: Set<string>): void {
  if (value.kind === 'array') for (const item of value.items) collectKeys(item, keys);
  if (value.kind !== 'object') return;
  for (const [key, item] of value.fields) {
    keys.add(key);
    collectKeys(item, keys);
  }
}

/** Dictionary and value in one. */
export function encodeVariant(value: Variant): Uint8Array {
  const keys = new Set<string>();
  collectKeys(value, keys);
  const texts = [...keys].sort().map((key) => Buffer.from(key, 'utf8'));
  const ids = new Map([...keys].sort().map((key, index) => [key, index]));
  const total = texts.reduce((sum, text) => sum + text.length, 0);
  const size = sizeOf(Math.max(total, texts.length));
  const offsets = [0];
  for (const text of texts) offsets.push(offsets.at(-1)! + text.length);
  return Uint8Array.from(
    Buffer.concat([
      Buffer.from([0x01 | (texts.length > 0 ? 0x10 : 0) | ((size - 1) << 6)]),
      unsigned(texts.length, size),
      ...offsets.map((offset) => unsigned(offset, size)),
      ...texts,
      body(value, ids),
    ]),
  );
}

/** Reads the encoding, also of other writers: keys by the dictionary, in any order of values. */
class Decoder {
  private readonly bytes: Buffer;
  private readonly keys: string[] = [];
  private start = 0;
  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(): Variant {
    try {
      this.dictionary();
      return this.value(this.start);
    } catch (error) {
      if (error instanceof RangeError) throw malformed();
      throw error;
    }
  }

  private dictionary(): void {
    const { bytes } = this;
    if ((bytes.readUInt8(0) & 0x0f) !== 1) throw malformed();
    const size = (bytes.readUInt8(0) >> 6) + 1;
    const count = bytes.readUIntLE(1, size);
    const from = 1 + size * (count + 2);
    const offset = (index: number) => bytes.readUIntLE(1 + size * (index + 1), size);
    for (let index = 0; index < count; index++)
      this.keys.push(bytes.toString('utf8', from + offset(index), from + offset(index + 1)));
    this.start = from + offset(count);
  }

  private value(at: number): Variant {
    const { bytes } = this;
    const head = bytes.readUInt8(at);
    const [basic, info] = [head & 3, head >> 2];
    if (basic === 1) return { kind: 'string', value: bytes.toString('utf8', at + 1, at + 1 + info) };
    if (basic === 0) return this.primitive(info, at + 1);
    const offsetSize = (info & 3) + 1;
    const idSize = basic === 2 ? ((info >> 2) & 3) + 1 : 0;
    const large = (info >> (basic === 2 ? 4 : 2)) & 1;
    const count = bytes.readUIntLE(at + 1, large ? 4 : 1);
    const ids = at + 1 + (large ? 4 : 1);
    const offsets = ids + idSize * count;
    const data = offsets + offsetSize * (count + 1);
    const item = (index: number) => this.value(data + bytes.readUIntLE(offsets + offsetSize * index, offsetSize));
    const places = Array.from({ length: count }, (_, index) => index);
    if (basic === 3) return { kind: 'array', items: places.map(item) };
    return objectOf(places.map((index) => [this.key(bytes.readUIntLE(ids + idSize * index, idSize)), item(index)]));
  }

  private key(id: number): string {
    const key = this.keys[id];
    if (key === undefined) throw malformed();
    return key;
  }

  private whole(at: number, size: number): bigint {
    let value = 0n;
    for (let index = size - 1; index >= 0; index--) value = (value << 8n) | BigInt(this.bytes.readUInt8(at + index));
    return BigInt.asIntN(size * 8, value);
  }

  private primitive(code: number, at: number): Variant {
    const { bytes } = this;
    switch (code) {
      case codes.null:
        return { kind: 'null' };
      case codes.true:
      case codes.false:
        return { kind: 'boolean', value: code === codes.true };
      case codes.int8:
      case codes.int16:
      case codes.int32:
      case codes.int64:
        return { kind: 'long', value: this.whole(at, 2 ** (code - codes.int8)) };
      case codes.double:
        return { kind: 'double', value: bytes.readDoubleLE(at) };
      case more.float:
        return { kind: 'float', value: bytes.readFloatLE(at) };
      case codes.decimal4:
      case codes.decimal8:
      case more.decimal16:
        return decimalOf(this.whole(at + 1, 2 ** (code - codes.decimal4 + 2)), bytes.readUInt8(at));
      case more.date:
        return { kind: 'date', days: Number(this.whole(at, 4)) };
      case more.timestamp:
        return { kind: 'timestamp', micros: this.whole(at, 8) };
      case more.ntz:
        return { kind: 'timestamp_ntz', micros: this.whole(at, 8) };
      case more.binary:
        return { kind: 'binary', value: Uint8Array.from(bytes.subarray(at + 4, at + 4 + bytes.readUInt32LE(at))) };
      case more.string:
        return { kind: 'string', value: bytes.toString('utf8', at + 4, at + 4 + bytes.readUInt32LE(at)) };
      default:
        throw userError('UNSUPPORTED_DATATYPE', 'A variant holds a value of a kind that is not supported yet.');
    }
  }
}

export const decodeVariant = (bytes: Uint8Array): Variant => new Decoder(bytes).read();
