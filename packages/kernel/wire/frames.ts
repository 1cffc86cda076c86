/**
 * The pipe between host and kernel, both ways: u32le length of what follows, u8 type, body. Shared by the host (Node) and
 * the driver (Deno), so it uses neither's own functions.
 */
export const FRAME = {
  /** One JSON message. */
  json: 0,
  /** Host → kernel: u32le call id, then the bytes that answer it. */
  bytes: 1,
  /** Host → kernel: u32le id of the cell to stop. */
  interrupt: 2,
  /** Kernel → host: text that a cell printed. Frames of their own, because there may be very many. */
  stdout: 3,
  stderr: 4,
} as const;

const HEADER_BYTES = 5;

/** A frame in one piece. */
export function frame(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length + 1, true);
  bytes[4] = type;
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

/** The body of a `bytes` or `interrupt` frame: an id, then bytes. */
export function withId(id: number, bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  const body = new Uint8Array(4 + bytes.length);
  new DataView(body.buffer).setUint32(0, id, true);
  body.set(bytes, 4);
  return body;
}

export const idOf = (body: Uint8Array): number =>
  new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(0, true);

/** What was read is no frame, or a longer one than allowed. */
export class BadFrame extends Error {}

/** Cuts a stream of chunks into frames. `maxBytes` bounds one frame; beyond it `push` throws BadFrame. */
export class FrameReader {
  private readonly maxBytes: number;
  private chunks: Uint8Array[] = [];
  private length = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  push(chunk: Uint8Array, onFrame: (type: number, body: Uint8Array) => void): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    while (this.length >= HEADER_BYTES) {
      const head = this.chunks[0]!.length >= HEADER_BYTES ? this.chunks[0]! : this.join();
      const size = idOf(head);
      if (size < 1 || size > this.maxBytes) throw new BadFrame(`a frame of ${size} bytes`);
      if (this.length < 4 + size) return;
      const all = this.join();
      const end = 4 + size;
      this.chunks = all.length > end ? [all.subarray(end)] : [];
      this.length = all.length - end;
      onFrame(all[4]!, all.subarray(HEADER_BYTES, end));
    }
  }

  /** Joined only when a frame may be whole: a large one arrives in many chunks. */
  private join(): Uint8Array {
    if (this.chunks.length === 1) return this.chunks[0]!;
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.chunks = [all];
    return all;
  }
}
