import type { ObjectStore } from '@boathouse/contracts';
import type { S3StoreOptions } from './s3/types.ts';

export { createLocalStore, type LocalStoreOptions } from './local/store.ts';
export type { S3CacheOptions, S3StoreOptions } from './s3/types.ts';
export { parseS3Url } from './s3/url.ts';

/** See `createS3Store`. AWS's client is loaded only when a bucket is asked for. */
export async function openS3Store(options: S3StoreOptions): Promise<ObjectStore> {
  return (await import('./s3/store.ts')).createS3Store(options);
}
