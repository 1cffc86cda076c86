import { systemError } from '@boathouse/contracts';

/**
 * Protocol Buffers, the part that Spark Connect needs: a message is a table of its fields, and its TypeScript type follows
 * from the table. Fields that are not in the table are skipped. Every single field may be absent (proto3's zero values are
 * absent too); 64-bit integers are numbers, because all that we read are counts and indexes.
 * https://protobuf.dev/programming-guides/encoding/
 */
export interface Codec<T> {
  readonly wire: 0 | 2;
  write(out: Writer, value: T): void;
  read(input: Reader): T;
}

interface One<T> {
  readonly many: false;
  readonly number: number;
  readonly codec: () => Codec<T>;
}
interface Many<T> {
  readonly many: true;
  readonly number: number;
  readonly codec: () => Codec<T>;
}
type Fields = Record<string, One<unknown> | Many<unknown>>;

/** What `decode` gives and `encode` takes of a table of fields. */
export type Message<F> = {
  [K in keyof F as F[K] extends One<unknown> ? K : never]?: F[K] extends One<infer T> ? T : never;
} & { [K in keyof F as F[K] extends Many<unknown> ? K : never]?: F[K] extends Many<infer T> ? T[] : never };

export const one = <T>(number: number, codec: Codec<T> | (() => Codec<T>)): One<T> => ({
  many: false,
  number,
  codec: typeof codec === 'function' ? codec : () => codec,
});
export const many = <T>(number: number, codec: Codec<T> | (() => Codec<T>)): Many<T> => ({
  many: true,
  number,
  codec: typeof codec === 'function' ? codec : () => codec,
});

const malformed = () =>
  systemError('ENGINE_PROTOCOL', 'The Spark server sent an answer that is not of the Spark Connect protocol.');

/** Bytes under way: parts are joined once. */
export class Writer {
  private readonly parts: Uint8Array[] = [];
  private size = 0;
  push(part: Uint8Array): void {
    this.parts.push(part);
    this.size += part.length;
  }
  varint(value: number): void {
    const bytes: number[] = [];
    // 32-bit negatives are written as 64 bits, as the encoding asks.
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.push(Uint8Array.from(bytes));
  }
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.push(value);
  }
  finish(): Uint8Array {
    return Buffer.concat(this.parts, this.size);
  }
}

export class Reader {
  readonly buffer: Uint8Array;
  at = 0;
  constructor(buffer: Uint8Array) {
    this.buffer = buffer;
  }
  get done(): boolean {
    return this.at >= this.buffer.length;
  }
  varint(): number {
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      low += (byte & 127) << shift;
      if (byte < 128) return low;
    }
    let value = BigInt(low);
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw malformed();
  }
  bytes(): Uint8Array {
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.buffer.length) throw malformed();
    const bytes = this.buffer.subarray(this.at, end);
    this.at = end;
    return bytes;
  }
  skip(wire: number): void {
    if (wire === 0) this.varint();
    else if (wire === 1) this.at += 8;
    else if (wire === 2) this.bytes();
    else if (wire === 5) this.at += 4;
    else throw malformed();
    if (this.at > this.buffer.length) throw malformed();
  }
  private byte(): number {
    const byte = this.buffer[this.at++];
    if (byte === undefined) throw malformed();
    return byte;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
export const string: Codec<string> = {
  wire: 2,
  write: (out, value) => out.bytes(Buffer.from(value, 'utf8')),
  read: (input) => utf8.decode(input.bytes()),
};
export const bytes: Codec<Uint8Array> = {
  wire: 2,
  write: (out, value) => out.bytes(value),
  read: (input) => input.bytes(),
};
/** int32, int64, uint32 and enums: a varint. */
export const int: Codec<number> = {
  wire: 0,
  write: (out, value) => out.varint(value),
  read: (input) => input.varint(),
};
export const bool: Codec<boolean> = {
  wire: 0,
  write: (out, value) => out.varint(value ? 1 : 0),
  read: (input) => input.varint() !== 0,
};

/** A codec of messages that can also stand alone. */
export interface MessageCodec<T> extends Codec<T> {
  encode(value: T): Uint8Array;
  /** Throws ENGINE_PROTOCOL where the bytes are not such a message. */
  decode(buffer: Uint8Array): T;
}

export function message<F extends Fields>(fields: F): MessageCodec<Message<F>> {
  const entries = Object.entries(fields);
  const byNumber = new Map(entries.map(([name, field]) => [field.number, { name, field }]));
  const encode = (value: Message<F>): Uint8Array => {
    const out = new Writer();
    const given = new Map<string, unknown>(Object.entries(value));
    for (const [name, { number, many: repeated, codec }] of entries) {
      const held = given.get(name);
      if (held === undefined) continue;
      const { wire, write } = codec();
      for (const item of repeated && Array.isArray(held) ? held : [held]) {
        out.varint(number * 8 + wire);
        write(out, item);
      }
    }
    return out.finish();
  };
  const decode = (buffer: Uint8Array): Message<F> => {
    const input = new Reader(buffer);
    const found: Record<string, unknown> = {};
    while (!input.done) {
      const tag = input.varint();
      const known = byNumber.get(tag >>> 3);
      const codec = known?.field.codec();
      if (!known || codec?.wire !== (tag & 7)) {
        input.skip(tag & 7);
        continue;
      }
      const value = codec.read(input);
      if (!known.field.many) found[known.name] = value;
      else {
        const before = found[known.name];
        if (Array.isArray(before)) before.push(value);
        else found[known.name] = [value];
      }
    }
    // The table says which names hold what; the loop above cannot.
    return found as Message<F>;
  };
  return {
    wire: 2,
    encode,
    decode,
    write: (out, value) => out.bytes(encode(value)),
    read: (input) => decode(input.bytes()),
  };
}
