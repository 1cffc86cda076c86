import { S3Client } from '@aws-sdk/client-s3';
import { userError } from '@boathouse/contracts';
import { type Place, storageError } from './errors.ts';
import type { S3StoreOptions } from './types.ts';

const ATTEMPTS = 4;
const CONNECT_MS = 10_000;
/** Without a byte for this long a connection counts as broken. */
const SILENT_MS = 60_000;

/** A bucket, the part of it that the store is, and the way there. */
export interface Bucket {
  client: S3Client;
  place: Place;
  bucket: string;
  /** Empty, or ends with '/'. */
  prefix: string;
  /** Runs requests; what they throw becomes an error of ours. */
  call<T>(work: () => Promise<T>): Promise<T>;
}

/** Throws INVALID_STORAGE_ENDPOINT. */
export function openBucket(options: S3StoreOptions): Bucket {
  const { bucket, endpoint, region, credentials } = options;
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw userError(
      'INVALID_STORAGE_ENDPOINT',
      `"${endpoint}" is no address of a store. Write http://host:port or https://host.`,
    );
  const place: Place = { bucket, endpoint };
  const client = new S3Client({
    region: region ?? 'us-east-1',
    ...(endpoint ? { endpoint } : {}),
    ...(credentials ? { credentials } : {}),
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    followRegionRedirects: true,
    maxAttempts: ATTEMPTS,
    // Servers other than AWS's stumble over checksums that nobody asked for.
    ...(endpoint ? { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' } : {}),
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS },
  });
  return {
    client,
    place,
    bucket,
    prefix: options.prefix ? `${options.prefix}/` : '',
    async call(work) {
      try {
        return await work();
      } catch (error) {
        throw storageError(error, place);
      }
    },
  };
}
