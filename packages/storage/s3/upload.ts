import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Bucket } from './client.ts';
import { attemptsOf, isMissingObject, isUncertain, statusOf, storageError, withoutConditions } from './errors.ts';
import type { Content } from './types.ts';

const WHOLE_BYTES = 16 * 1024 * 1024;
const PART_BYTES = 16 * 1024 * 1024;
const MOST_PARTS = 10_000;
const PARTS_AT_ONCE = 4;
const CONFLICTS_BORNE = 20;
const CONFLICT_WAIT_MS = 200;
/** User metadata that tells whose write an object is. */
const MARK = 'boathouse-write';

export const bytesContent = (body: Uint8Array): Content => ({
  sizeBytes: body.length,
  read: async (offset, length) => body.subarray(offset, offset + length),
});

/** Runs work on a file's bytes: they are there until it ends. */
export async function withFile<T>(path: string, work: (content: Content) => Promise<T>): Promise<T> {
  await using handle = await open(path, 'r');
  const { size } = await handle.stat();
  return await work({
    sizeBytes: size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) throw new Error(`${path} became shorter while it was read.`);
        filled += bytesRead;
      }
      return buffer;
    },
  });
}

/**
 * Writes an object, in parts where it is large: nothing is visible before all of it is. With `ifAbsent` only where nothing
 * is: false where the key is taken. A connection that breaks after the write leaves its outcome unknown, and the SDK's next
 * attempt then meets our own object: each conditional write bears a mark by which it is recognised.
 */
export async function upload(at: Bucket, key: string, content: Content, ifAbsent: boolean): Promise<boolean> {
  const mark = randomUUID();
  for (let conflicts = 0; ; conflicts++) {
    try {
      await (content.sizeBytes <= WHOLE_BYTES ? inOne : inParts)(at, key, content, ifAbsent, mark);
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (!ifAbsent) throw storageError(error, at.place);
      if (status === 501) throw withoutConditions(at.place);
      // 409: another conditional write of the key was under way at the same time, and neither has won.
      if (status === 409 && conflicts < CONFLICTS_BORNE) {
        await wait(Math.random() * CONFLICT_WAIT_MS);
        continue;
      }
      const mayBeOurs = conflicts > 0 || attemptsOf(error) > 1 || isUncertain(error) || isMissingUpload(error);
      if (mayBeOurs && (await isMarked(at, key, mark))) return true;
      if (status === 412) return false;
      throw storageError(error, at.place);
    }
  }
}

/** The first attempt completed the upload, and the next one found it gone. */
const isMissingUpload = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchUpload';

async function isMarked(at: Bucket, key: string, mark: string): Promise<boolean> {
  try {
    const head = await at.client.send(new HeadObjectCommand({ Bucket: at.bucket, Key: at.prefix + key }));
    return head.Metadata?.[MARK] === mark;
  } catch (error) {
    if (isMissingObject(error)) return false;
    throw storageError(error, at.place);
  }
}

async function inOne(at: Bucket, key: string, content: Content, ifAbsent: boolean, mark: string): Promise<void> {
  await at.client.send(
    new PutObjectCommand({
      Bucket: at.bucket,
      Key: at.prefix + key,
      Body: await content.read(0, content.sizeBytes),
      ContentLength: content.sizeBytes,
      ...(ifAbsent ? { IfNoneMatch: '*', Metadata: { [MARK]: mark } } : {}),
    }),
  );
}

async function inParts(at: Bucket, key: string, content: Content, ifAbsent: boolean, mark: string): Promise<void> {
  const target = { Bucket: at.bucket, Key: at.prefix + key };
  const { UploadId } = await at.client.send(
    new CreateMultipartUploadCommand({ ...target, ...(ifAbsent ? { Metadata: { [MARK]: mark } } : {}) }),
  );
  try {
    const parts = await sendParts(at, { ...target, UploadId }, content);
    await at.client.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        MultipartUpload: { Parts: parts },
        ...(ifAbsent ? { IfNoneMatch: '*' } : {}),
      }),
    );
  } catch (error) {
    // The failure matters more than parts left behind, which a bucket's lifecycle rules remove.
    await at.client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

async function sendParts(
  at: Bucket,
  target: { Bucket: string; Key: string; UploadId: string | undefined },
  content: Content,
): Promise<CompletedPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(content.sizeBytes / MOST_PARTS));
  const count = Math.ceil(content.sizeBytes / partBytes);
  const parts: CompletedPart[] = new Array(count);
  let next = 0;
  const send = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const offset = index * partBytes;
      const body = await content.read(offset, Math.min(partBytes, content.sizeBytes - offset));
      const { ETag } = await at.client.send(
        new UploadPartCommand({ ...target, PartNumber: index + 1, Body: body, ContentLength: body.length }),
      );
      parts[index] = { PartNumber: index + 1, ...(ETag ? { ETag } : {}) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, send));
  return parts;
}
