import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { TEMPORARY } from '../keys.ts';
import type { Bucket } from './client.ts';
import { withoutConditions } from './errors.ts';
import { bytesContent, upload } from './upload.ts';

/**
 * Makes sure that a server knows writes on condition: one that ignores the header says yes and replaces what is there, and
 * concurrent commits would lose rows without a word. Asked before the first conditional write, by an object that no listing
 * shows. Throws STORAGE_WITHOUT_CONDITIONAL_WRITES.
 */
export async function proveConditions(at: Bucket): Promise<void> {
  const key = `${TEMPORARY}/condition-${randomUUID()}`;
  try {
    const first = await upload(at, key, bytesContent(Buffer.from('1')), true);
    const second = await upload(at, key, bytesContent(Buffer.from('2')), true);
    if (!first || second) throw withoutConditions(at.place);
  } finally {
    // Who may write but not delete leaves a byte behind.
    await at.client.send(new DeleteObjectCommand({ Bucket: at.bucket, Key: at.prefix + key })).catch(() => undefined);
  }
}
