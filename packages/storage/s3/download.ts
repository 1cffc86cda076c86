import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { systemError } from '@boathouse/contracts';
import type { Bucket } from './client.ts';
import { attemptsOf, isMissingObject, objectNotFound, statusOf, storageError } from './errors.ts';

/** The SDK repeats requests, not bodies: a connection that breaks within one is met by asking again. */
const TRIES = 3;

/** A range as HTTP has it, or the whole object. Beyond the object's end there is nothing. */
export async function getBytes(
  at: Bucket,
  key: string,
  range?: { offset: number; length: number },
): Promise<Uint8Array> {
  return tried(at, key, async () => {
    try {
      const answer = await at.client.send(
        new GetObjectCommand({
          Bucket: at.bucket,
          Key: at.prefix + key,
          ...(range ? { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {}),
        }),
      );
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (range && statusOf(error) === 416) return new Uint8Array();
      throw error;
    }
  });
}

/**
 * Fills a new file with an object. `knownETag`: null is the answer where the object is still that one. Gives its present tag
 * and size.
 */
export async function downloadTo(
  at: Bucket,
  key: string,
  path: string,
  knownETag: string | undefined,
): Promise<{ etag: string | undefined; sizeBytes: number } | null> {
  return tried(at, key, async () => {
    try {
      const answer = await at.client.send(
        new GetObjectCommand({
          Bucket: at.bucket,
          Key: at.prefix + key,
          ...(knownETag ? { IfNoneMatch: knownETag } : {}),
        }),
      );
      if (!(answer.Body instanceof Readable)) throw new Error('The SDK gave no stream.');
      await pipeline(answer.Body, createWriteStream(path));
      const { size } = await stat(path);
      if (answer.ContentLength !== undefined && answer.ContentLength !== size)
        throw systemError(
          'STORAGE_UNREACHABLE',
          `The connection broke after ${size} of ${answer.ContentLength} bytes of "${key}". Try again.`,
        );
      return { etag: answer.ETag, sizeBytes: size };
    } catch (error) {
      if (statusOf(error) === 304) return null;
      await rm(path, { force: true });
      throw error;
    }
  });
}

async function tried<T>(at: Bucket, key: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (isMissingObject(error)) throw objectNotFound(key);
      const ours = storageError(error, at.place);
      if (ours.code !== 'STORAGE_UNREACHABLE' || attemptsOf(error) > 0 || tries >= TRIES) throw ours;
    }
  }
}
