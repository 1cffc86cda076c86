import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type ObjectStore, userError } from '@boathouse/contracts';
import { truncated } from './head.ts';

const PIECE_BYTES = 4 * 1024 * 1024;
/** Folder of unpacked copies; what a killed process left there is removed by age (`sweepStaging`). */
export const STAGING_PREFIX = 'staging/';
const STAGING_MAX_AGE_MS = 24 * 3600_000;

async function* pieces(store: ObjectStore, key: string): AsyncGenerator<Uint8Array> {
  const size = (await store.head(key))?.sizeBytes ?? 0;
  for (let at = 0; at < size; at += PIECE_BYTES) yield await store.getRange(key, at, Math.min(PIECE_BYTES, size - at));
}

/** Unpacks a gzip through zlib, which checks its length and checksum (the engine does not). Throws FILE_TRUNCATED. */
async function unpack(
  store: ObjectStore,
  key: string,
  shown: string,
  sink: (chunk: Uint8Array) => Promise<void> | void,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await pipeline(
      Readable.from(pieces(store, key)),
      createGunzip({ chunkSize: 1024 * 1024 }),
      async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) await sink(chunk);
      },
      { signal },
    );
  } catch (error) {
    if (signal?.aborted) throw userError('CANCELLED', 'The import was cancelled.', { status: 409 });
    if (
      error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      (error.code.startsWith('Z_') || error.code === 'ERR_STREAM_PREMATURE_CLOSE')
    )
      throw truncated(shown);
    throw error;
  }
}

/** Files found sound, by store: a volume's file is checked once for each of its contents, not for each query. */
const sound = new WeakMap<ObjectStore, Map<string, string>>();
const MAX_REMEMBERED = 10_000;

/** Throws FILE_TRUNCATED unless the whole gzip is sound. */
export async function verifyGzip(store: ObjectStore, key: string, shown: string): Promise<void> {
  const info = await store.head(key);
  const content = `${info?.sizeBytes}@${info?.modifiedMs}`;
  const known = sound.get(store) ?? new Map<string, string>();
  sound.set(store, known);
  if (known.get(key) === content) return;
  await unpack(store, key, shown, () => {});
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(key, content);
}

/** An unpacked copy that the engine reads in parallel. The caller deletes it. Throws FILE_TRUNCATED, CANCELLED. */
export async function unpackedCopy(
  store: ObjectStore,
  key: string,
  shown: string,
  signal?: AbortSignal,
): Promise<string> {
  const copy = `${STAGING_PREFIX}${randomUUID()}`;
  const writer = await store.writer(copy);
  try {
    await unpack(store, key, shown, (chunk) => writer.write(chunk), signal);
    await writer.commit();
    return copy;
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Removes unpacked copies older than a day: only a process that died leaves one. */
export async function sweepStaging(store: ObjectStore, nowMs: number): Promise<void> {
  for await (const info of store.list(STAGING_PREFIX))
    if (nowMs - info.modifiedMs > STAGING_MAX_AGE_MS) await store.delete(info.key);
}
