import { systemError } from '@boathouse/contracts';
import { doubleText, floatText } from '@boathouse/sql/engine-functions';
import { dateText, timestampText } from '../../arrow/decode.ts';

/**
 * JSON text of a variant, as Spark prints it: no blanks, fields in the order of the value, dates, times and binaries in
 * quotes. Throws MALFORMED_VARIANT. https://parquet.apache.org/docs/file-format/types/variantencoding/
 */
export function variantText(value: Uint8Array, metadata: Uint8Array): string {
  if (((metadata[0] ?? 0) & 15) !== 1) throw malformed();
  return new Variant(value, keysOf(metadata)).text(0);
}

const malformed = () =>
  systemError('MALFORMED_VARIANT', 'A value of type VARIANT cannot be read: it is not encoded as its format asks.', {
    sqlState: '22023',
  });

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function unsigned(bytes: Uint8Array, at: number, size: number): number {
  if (at < 0 || at + size > bytes.length) throw malformed();
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[at + i]!;
  return value;
}

/** The dictionary of field names: a header byte (version 4 bits, 1 bit sorted, 2 bits size of offsets), size, offsets, text. */
function keysOf(metadata: Uint8Array): (id: number) => string {
  const offsetSize = (metadata[0]! >> 6) + 1;
  const size = unsigned(metadata, 1, offsetSize);
  const text = 1 + (size + 2) * offsetSize;
  return (id) => {
    if (id >= size) throw malformed();
    const [from, to] = [0, 1].map((next) => unsigned(metadata, 1 + (id + 1 + next) * offsetSize, offsetSize));
    return utf8.decode(metadata.subarray(text + from!, text + to!));
  };
}

/** `2024-01-02 03:04:05.6`: seconds with as many digits as they need. */
function clock(micros: bigint, nanos = 0n): string {
  const [day, time] = timestampText(micros).split('T');
  const fraction = time!.slice(9) + (nanos ? String(nanos).padStart(3, '0') : '');
  const short = fraction.replace(/0+$/, '');
  return `${day} ${time!.slice(0, 8)}${short ? `.${short}` : ''}`;
}

function nanoClock(nanos: bigint): string {
  const rest = ((nanos % 1000n) + 1000n) % 1000n;
  return clock((nanos - rest) / 1000n, rest);
}

class Variant {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly key: (id: number) => string;
  constructor(bytes: Uint8Array, key: (id: number) => string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.key = key;
  }

  text(at: number): string {
    const header = unsigned(this.bytes, at, 1);
    const info = header >> 2;
    switch (header & 3) {
      case 0:
        return this.primitive(info, at + 1);
      case 1:
        return JSON.stringify(this.utf8(at + 1, info));
      case 2: {
        const fields = this.items(at + 1, (info & 16) !== 0, (info & 3) + 1, ((info >> 2) & 3) + 1);
        return `{${fields.map(({ id, start }) => `${JSON.stringify(this.key(id))}:${this.text(start)}`).join(',')}}`;
      }
      default: {
        const items = this.items(at + 1, (info & 4) !== 0, (info & 3) + 1, 0);
        return `[${items.map(({ start }) => this.text(start)).join(',')}]`;
      }
    }
  }

  /** Fields of an object or items of an array (`idSize` 0): where each begins. */
  private items(at: number, large: boolean, offsetSize: number, idSize: number): { id: number; start: number }[] {
    const sizeBytes = large ? 4 : 1;
    const size = unsigned(this.bytes, at, sizeBytes);
    const ids = at + sizeBytes;
    const offsets = ids + size * idSize;
    const data = offsets + (size + 1) * offsetSize;
    if (data > this.bytes.length) throw malformed();
    return Array.from({ length: size }, (_, i) => ({
      id: idSize ? unsigned(this.bytes, ids + i * idSize, idSize) : i,
      start: data + unsigned(this.bytes, offsets + i * offsetSize, offsetSize),
    }));
  }

  private utf8(at: number, size: number): string {
    if (at + size > this.bytes.length) throw malformed();
    return utf8.decode(this.bytes.subarray(at, at + size));
  }

  private primitive(kind: number, at: number): string {
    const size = PRIMITIVE_BYTES[kind];
    if (size === undefined || at + size > this.bytes.length) throw malformed();
    const { view } = this;
    switch (kind) {
      case 0:
        return 'null';
      case 1:
        return 'true';
      case 2:
        return 'false';
      case 3:
        return String(view.getInt8(at));
      case 4:
        return String(view.getInt16(at, true));
      case 5:
        return String(view.getInt32(at, true));
      case 6:
        return String(view.getBigInt64(at, true));
      case 7:
        return numberText(view.getFloat64(at, true), doubleText);
      case 8:
        return decimal(BigInt(view.getInt32(at + 1, true)), view.getUint8(at));
      case 9:
        return decimal(view.getBigInt64(at + 1, true), view.getUint8(at));
      case 10:
        return decimal((view.getBigInt64(at + 9, true) << 64n) | view.getBigUint64(at + 1, true), view.getUint8(at));
      case 11:
        return `"${dateText(view.getInt32(at, true))}"`;
      case 12:
        return `"${clock(view.getBigInt64(at, true))}+00:00"`;
      case 13:
        return `"${clock(view.getBigInt64(at, true))}"`;
      case 14:
        return numberText(view.getFloat32(at, true), floatText);
      case 15: {
        const length = unsigned(this.bytes, at, 4);
        if (at + 4 + length > this.bytes.length) throw malformed();
        return `"${Buffer.from(this.bytes.subarray(at + 4, at + 4 + length)).toString('base64')}"`;
      }
      case 16:
        return JSON.stringify(this.utf8(at + 4, unsigned(this.bytes, at, 4)));
      case 18:
        return `"${nanoClock(view.getBigInt64(at, true))}+00:00"`;
      case 19:
        return `"${nanoClock(view.getBigInt64(at, true))}"`;
      case 20: {
        const hex = Buffer.from(this.bytes.subarray(at, at + 16)).toString('hex');
        return `"${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}"`;
      }
      default:
        throw malformed();
    }
  }
}

/** Bytes of a primitive after its header, by its number; of text and binaries those of the length. */
const PRIMITIVE_BYTES: Readonly<Record<number, number>> = {
  0: 0,
  1: 0,
  2: 0,
  3: 1,
  4: 2,
  5: 4,
  6: 8,
  7: 8,
  8: 5,
  9: 9,
  10: 17,
  11: 4,
  12: 8,
  13: 8,
  14: 4,
  15: 4,
  16: 4,
  18: 8,
  19: 8,
  20: 16,
};

/** JSON has no NaN and no infinities: they stand in quotes. */
const numberText = (value: number, text: (value: number) => string): string =>
  Number.isFinite(value) ? text(value) : `"${text(value)}"`;

/** Plain digits without trailing zeros after the point. */
function decimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const fraction = scale ? digits.slice(-scale).replace(/0+$/, '') : '';
  const whole = scale ? digits.slice(0, -scale) : digits;
  return `${value < 0n ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}
