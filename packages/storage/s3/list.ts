import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { BoathouseError, type ObjectInfo } from '@boathouse/contracts';
import { keySegments, prefixParts } from '../keys.ts';
import type { Bucket } from './client.ts';

/** Seconds are all that an object's own headers tell: a listing must not say more, for times are compared. */
export const modifiedMs = (date: Date | undefined): number => Math.floor((date?.getTime() ?? 0) / 1000) * 1000;

/** Keys under a prefix in byte order, a page of a thousand at a time. Objects that no key can name are passed over. */
export async function* listBucket(at: Bucket, prefix: string, startAfter: string): AsyncIterable<ObjectInfo> {
  prefixParts(prefix);
  for await (const { key, sizeBytes, modifiedMs: modified } of pages(
    at,
    at.prefix + prefix,
    startAfter && at.prefix + startAfter,
  )) {
    const own = key.slice(at.prefix.length);
    if (isKey(own)) yield { key: own, sizeBytes, modifiedMs: modified };
  }
}

/** The same by whole keys, nothing left out. */
export async function* pages(at: Bucket, prefix: string, startAfter: string): AsyncIterable<ObjectInfo> {
  let token: string | undefined;
  do {
    const page = await at.call(() =>
      at.client.send(
        new ListObjectsV2Command({
          Bucket: at.bucket,
          Prefix: prefix,
          ...(token ? { ContinuationToken: token } : startAfter ? { StartAfter: startAfter } : {}),
        }),
      ),
    );
    for (const { Key, Size, LastModified } of page.Contents ?? [])
      if (Key !== undefined) yield { key: Key, sizeBytes: Size ?? 0, modifiedMs: modifiedMs(LastModified) };
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token);
}

/** Consoles mark folders by objects whose names end with a slash, and anybody may name one `a//b`. */
function isKey(key: string): boolean {
  try {
    return keySegments(key).length > 0;
  } catch (error) {
    if (error instanceof BoathouseError) return false;
    throw error;
  }
}
