import { constants, gunzipSync } from 'node:zlib';
import { type ObjectStore, userError } from '@boathouse/contracts';

export interface FileHead {
  gzip: boolean;
  parquet: boolean;
  /** The first bytes, unpacked. */
  bytes: Uint8Array;
  /** Whether `bytes` is the whole file. */
  whole: boolean;
}

const HEAD_BYTES = 256 * 1024;

/** The beginning of a file. Throws FILE_EMPTY and FILE_TRUNCATED, FILE_BAD_ENCODING for text in UTF-16 or UTF-32. */
export async function readHead(
  store: ObjectStore,
  key: string,
  shown: string,
  limitBytes = HEAD_BYTES,
): Promise<FileHead> {
  const info = await store.head(key);
  if (!info) throw userError('PATH_NOT_FOUND', `The file ${shown} does not exist.`, { status: 404, sqlState: '42K03' });
  const raw = info.sizeBytes ? await store.getRange(key, 0, Math.min(limitBytes, info.sizeBytes)) : new Uint8Array(0);
  if (!raw.length) throw emptyFile(shown);
  const gzip = raw[0] === 0x1f && raw[1] === 0x8b;
  let bytes = raw;
  if (gzip) {
    try {
      bytes = gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH });
    } catch {
      throw truncated(shown);
    }
    if (!bytes.length) throw emptyFile(shown);
  }
  const parquet = bytes.length >= 4 && Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PAR1';
  return { gzip, parquet, bytes, whole: info.sizeBytes <= limitBytes };
}

const emptyFile = (shown: string) => userError('FILE_EMPTY', `The file ${shown} is empty: it has zero bytes of data.`);

export const truncated = (shown: string) =>
  userError(
    'FILE_TRUNCATED',
    `The file ${shown} is a damaged or incomplete gzip: its end is missing or its checksum is wrong. Upload it again.`,
  );

/** Throws FILE_BAD_ENCODING where the first bytes say that a text is not UTF-8. */
export function checkTextEncoding(head: FileHead, shown: string): void {
  const [a, b, c, d] = head.bytes;
  const name =
    a === 0xff && b === 0xfe ? (c === 0 && d === 0 ? 'UTF-32' : 'UTF-16') : a === 0xfe && b === 0xff ? 'UTF-16' : null;
  if (name)
    throw userError(
      'FILE_BAD_ENCODING',
      `The file ${shown} is encoded in ${name} (line 1). Save it as UTF-8, or for CSV say encoding => 'UTF-16' in read_files.`,
    );
  if (head.bytes.subarray(0, 4096).includes(0))
    throw userError(
      'FILE_BAD_ENCODING',
      `The file ${shown} is not text: it has zero bytes in its first lines. Save it as UTF-8 text or as Parquet.`,
    );
}

/** Text of the head without a byte order mark and without a character cut at its end. */
export function textOf(head: FileHead, encoding: 'utf-8' | 'utf-16' | 'latin-1' = 'utf-8'): string {
  const label = encoding === 'latin-1' ? 'latin1' : encoding === 'utf-16' ? 'utf-16le' : 'utf-8';
  return new TextDecoder(label).decode(head.bytes, { stream: !head.whole });
}
