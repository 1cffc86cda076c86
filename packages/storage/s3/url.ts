import { userError } from '@boathouse/contracts';
import { keySegments } from '../keys.ts';

/** `s3://bucket/path` (also s3a and s3n, as Hadoop has it) → bucket and key. Null: the text is no such URL. */
export function parseS3Url(text: string): { bucket: string; key: string } | null {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]*)\/*(.*?)\/*$/.exec(text) ?? [];
  if (bucket === undefined || key === undefined) return null;
  if (!bucket || !key)
    throw userError(
      'INVALID_STORAGE_URL',
      `"${text}" names no folder in a bucket. Write s3://bucket/path/of/the/table.`,
    );
  keySegments(key);
  return { bucket, key };
}
