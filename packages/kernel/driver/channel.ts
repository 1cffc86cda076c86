import { FRAME, frame } from '../wire/frames.ts';
import type { FromKernel, ToKernel } from '../wire/protocol.ts';
import { deno } from './deno.ts';

/** What one message to the host may measure: an output is for eyes. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** A message is too large to be sent. Shown to the person. */
export class MessageTooLarge extends Error {
  override name = 'OutputTooLarge';
}

// Taken before any cell runs: a cell may replace them.
const writeSync = deno.Deno.stdout.writeSync.bind(deno.Deno.stdout);
const encoder = new TextEncoder();
const stringify = JSON.stringify;
const { Worker } = deno;

/** Sends a message; returns when the pipe has taken it, so a cell that floods is slowed and not buffered. */
export function send(message: FromKernel): void {
  const body = encoder.encode(stringify(message));
  if (body.length > MAX_MESSAGE_BYTES)
    throw new MessageTooLarge(
      `An output of ${(body.length / 2 ** 20).toFixed(0)} MB is too large to show (8 MB at most). Show a part of it, or save it as a table.`,
    );
  write(frame(FRAME.json, body));
}

/** Sends what a cell printed. */
export const sendText = (name: 'stdout' | 'stderr', text: string): void =>
  write(frame(FRAME[name], encoder.encode(text)));

function write(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(bytes.subarray(at));
}

/**
 * The reader of fd 0. A thread of its own: while a cell keeps the main thread busy, it still sets the flags that stop
 * loops. It is a text because a worker's file would need the right to read.
 */
const READER = `
let flags;
onmessage = (event) => { flags = new Int32Array(event.data); void read(); };
async function read() {
  let buffer = new Uint8Array(1 << 16), length = 0;
  const chunk = new Uint8Array(1 << 16);
  for (;;) {
    const n = await Deno.stdin.read(chunk);
    if (n === null) { flags.fill(1); postMessage(null); return; }
    if (length + n > buffer.length) {
      const larger = new Uint8Array(Math.max(buffer.length * 2, length + n));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(chunk.subarray(0, n), length);
    length += n;
    let at = 0;
    while (length - at >= 4) {
      const size = new DataView(buffer.buffer).getUint32(at, true);
      if (length - at < 4 + size) {
        if (buffer.length < 4 + size) {
          const larger = new Uint8Array(4 + size);
          larger.set(buffer.subarray(at, length));
          buffer = larger; length -= at; at = 0;
        }
        break;
      }
      const body = buffer.slice(at + 4, at + 4 + size);
      at += 4 + size;
      if (body[0] === ${FRAME.interrupt}) flags.fill(1);
      postMessage(body, [body.buffer]);
    }
    if (at > 0) { buffer.copyWithin(0, at, length); length -= at; }
    if (length === 0 && buffer.length > 1 << 20) buffer = new Uint8Array(1 << 16);
  }
}`;

export interface Incoming {
  message(message: ToKernel): void;
  bytes(body: Uint8Array): void;
  interrupt(body: Uint8Array): void;
}

/**
 * Takes workers away from cells: the process has the memory for one thread's language, and would end with all variables. What a
 * cell wins by a worker, SQL gives it.
 */
export function refuseWorkers(): void {
  class Refused {
    constructor() {
      const error = new Error(
        'Workers are not supported in cells: a kernel has one thread for its code. Await promises instead, and let SQL do the heavy work.',
      );
      error.name = 'NotSupported';
      throw error;
    }
  }
  Object.defineProperty(globalThis, 'Worker', {
    value: Refused,
    writable: true,
    configurable: true,
    enumerable: false,
  });
}

/** Starts reading what the host sends. `flags` is set wherever a stop is asked for. */
export function listen(flags: SharedArrayBuffer, incoming: Incoming): void {
  const decoder = new TextDecoder();
  const parse = JSON.parse;
  const reader = new Worker(`data:text/javascript,${encodeURIComponent(READER)}`, { type: 'module' });
  reader.onmessage = ({ data }) => {
    // The host is gone: nothing is worth finishing.
    if (data === null) return deno.Deno.exit(0);
    const body = data.subarray(1);
    if (data[0] === FRAME.bytes) incoming.bytes(body);
    else if (data[0] === FRAME.interrupt) incoming.interrupt(body);
    else incoming.message(parse(decoder.decode(body)));
  };
  reader.postMessage(flags);
}
