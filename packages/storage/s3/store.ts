import { mkdir, open, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { DeleteObjectCommand, DeleteObjectsCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { invariant, type ObjectInfo, type ObjectStore, type ObjectWriter, systemError } from '@boathouse/contracts';
import { keySegments } from '../keys.ts';
import { TemporaryFolder } from '../local/temporary.ts';
import { ObjectCache } from './cache.ts';
import { type Bucket, openBucket } from './client.ts';
import { proveConditions } from './conditions.ts';
import { downloadTo, getBytes } from './download.ts';
import { isMissingObject, objectNotFound, storageError } from './errors.ts';
import { listBucket, modifiedMs, pages } from './list.ts';
import type { Content, S3StoreOptions } from './types.ts';
import { bytesContent, upload, withFile } from './upload.ts';

const DELETED_AT_ONCE = 1000;

/**
 * An object store in a bucket of an S3-compatible server that has conditional writes; any number of processes may share it.
 * The table engine reads copies on disk (`localise`), and its files are uploaded when they get their keys. Throws
 * OBJECT_NOT_FOUND, INVALID_OBJECT_KEY, STORAGE_… (see errors.ts).
 */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  if (options.prefix) keySegments(options.prefix);
  const at = openBucket(options);
  const folder = resolve(options.cache.folder);
  const temporary = new TemporaryFolder(join(folder, 'unfinished'));
  const cache = new ObjectCache({
    ...options.cache,
    folder,
    store: `${options.endpoint ?? 'aws'}\0${options.bucket}\0${at.prefix}`,
    unfinished: () => temporary.path(),
    fetch: (key, path, etag) => downloadTo(at, key, path, etag),
    clock: options.clock ?? Date.now,
  });
  const checked = (key: string): string => keySegments(key).join('/');
  // AWS's own have conditions; of others each store asks once.
  let proven: Promise<void> | null = options.endpoint ? null : Promise.resolve();
  const putIfAbsent = async (key: string, content: Content): Promise<boolean> => {
    proven ??= proveConditions(at).catch((error: unknown) => {
      proven = null;
      throw error;
    });
    await proven;
    return upload(at, checked(key), content, true);
  };
  const head = (key: string): Promise<ObjectInfo | null> => headObject(at, checked(key));

  return {
    get: async (key) => getBytes(at, checked(key)),
    async getRange(key, offset, length) {
      if (length > 0) return getBytes(at, checked(key), { offset, length });
      if (!(await head(key))) throw objectNotFound(key);
      return new Uint8Array();
    },
    head,
    async put(key, body) {
      await upload(at, checked(key), bytesContent(body), false);
    },
    putIfAbsent: (key, body) => putIfAbsent(key, bytesContent(body)),
    async delete(key) {
      await at.call(() =>
        at.client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key: at.prefix + checked(key) })),
      );
      await cache.forget(key);
    },
    deletePrefix: (prefix) => deletePrefix(at, prefix),
    list: (prefix, listOptions) => listBucket(at, prefix, listOptions?.startAfter ?? ''),
    uri: (key) => `s3://${at.bucket}/${at.prefix}${checked(key)}`,
    engineUri: (key) => cache.path(checked(key)),
    async localise(keys) {
      await at.call(() => cache.fill(keys.map(checked)));
    },
    writer: async (key) => openWriter(at, temporary.path(), checked(key), checked),
    async stage() {
      const stage = temporary.path();
      await mkdir(stage);
      return {
        folder: stage,
        async publish(file, key) {
          if (!resolve(file).startsWith(stage + sep))
            throw systemError(
              'FILE_NOT_STAGED',
              `The engine wrote "${file}" outside of its folder. This is a bug: please report it.`,
            );
          const isNew = await withFile(file, (content) => putIfAbsent(key, content));
          // What was just written is often read next.
          if (isNew) await cache.adopt(key, file);
          return isNew;
        },
        discard: () => rm(stage, { recursive: true, force: true }),
      };
    },
  };
}

async function headObject(at: Bucket, key: string): Promise<ObjectInfo | null> {
  try {
    const found = await at.client.send(new HeadObjectCommand({ Bucket: at.bucket, Key: at.prefix + key }));
    return { key, sizeBytes: found.ContentLength ?? 0, modifiedMs: modifiedMs(found.LastModified) };
  } catch (error) {
    if (isMissingObject(error)) return null;
    throw storageError(error, at.place);
  }
}

/** Copies on disk are left: objects of a prefix have unlike names, and what is not used goes in time. */
async function deletePrefix(at: Bucket, prefix: string): Promise<void> {
  invariant(prefix.endsWith('/'), 'deletePrefix takes a prefix that ends with a slash');
  keySegments(prefix.slice(0, -1));
  const remove = async (keys: readonly string[]): Promise<void> => {
    if (!keys.length) return;
    const { Errors } = await at.call(() =>
      at.client.send(
        new DeleteObjectsCommand({
          Bucket: at.bucket,
          Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
        }),
      ),
    );
    const [first] = Errors ?? [];
    if (first) throw storageError(Object.assign(new Error(first.Message), { name: first.Code ?? 'Error' }), at.place);
  };
  let keys: string[] = [];
  for await (const { key } of pages(at, at.prefix + prefix, '')) {
    keys.push(key);
    if (keys.length < DELETED_AT_ONCE) continue;
    await remove(keys);
    keys = [];
  }
  await remove(keys);
}

/** A stream's key may be known at its end only, and objects cannot be renamed: it is kept on disk until then. */
async function openWriter(
  at: Bucket,
  file: string,
  key: string,
  checked: (key: string) => string,
): Promise<ObjectWriter> {
  const handle = await open(file, 'wx');
  let isOpen = true;
  const end = async (): Promise<void> => {
    isOpen = false;
    await handle.close();
  };
  return {
    async write(chunk) {
      invariant(isOpen, 'a writer is not used after commit or abort');
      await handle.writeFile(chunk);
    },
    async commit(finalKey = key) {
      invariant(isOpen, 'a writer is committed once');
      const target = checked(finalKey);
      await end();
      try {
        await withFile(file, (content) => upload(at, target, content, false));
      } finally {
        await rm(file, { force: true });
      }
      const info = await headObject(at, target);
      if (!info) throw objectNotFound(target);
      return info;
    },
    async abort() {
      if (!isOpen) return;
      await end();
      await rm(file, { force: true });
    },
  };
}
