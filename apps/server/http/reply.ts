import type { Readable } from 'node:stream';

/** An answer that is not plain JSON with the contract's status: bytes, a stream, other headers. */
export class Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | Readable | undefined;

  constructor(status: number, headers: Record<string, string>, body: Uint8Array | Readable | undefined) {
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

export interface ReplyOptions {
  status?: number;
  headers?: Record<string, string>;
  bytes?: Uint8Array;
  stream?: Readable;
}

export const reply = (options: ReplyOptions): Reply =>
  new Reply(options.status ?? 200, options.headers ?? {}, options.bytes ?? options.stream);
