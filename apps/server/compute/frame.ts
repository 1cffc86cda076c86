import { systemError } from '@boathouse/contracts';
import type { z } from 'zod';

/** A binary frame: u32le header length, JSON header, then bytes. Used by the compute link and the live channel. */
export function encodeFrame(header: unknown, bytes: Uint8Array): Buffer {
  const head = Buffer.from(JSON.stringify(header), 'utf8');
  const frame = Buffer.allocUnsafe(4 + head.length + bytes.length);
  frame.writeUInt32LE(head.length, 0);
  head.copy(frame, 4);
  frame.set(bytes, 4 + head.length);
  return frame;
}

/** Throws BAD_FRAME where the frame is cut short, ZodError where the header is not of the schema. */
export function decodeFrame<S extends z.ZodType>(schema: S, frame: Buffer): { header: z.output<S>; bytes: Buffer } {
  const length = frame.length >= 4 ? frame.readUInt32LE(0) : -1;
  if (length < 0 || 4 + length > frame.length) throw systemError('BAD_FRAME', 'A binary frame is cut short.');
  return { header: schema.parse(JSON.parse(frame.toString('utf8', 4, 4 + length))), bytes: frame.subarray(4 + length) };
}
