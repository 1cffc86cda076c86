export { createLocalStore, type LocalStoreOptions } from './local/store.ts';
export { createS3Store } from './s3/store.ts';
export type { S3CacheOptions, S3StoreOptions } from './s3/types.ts';
export { parseS3Url } from './s3/url.ts';
