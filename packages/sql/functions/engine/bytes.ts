import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';
import { withTry } from './number-text.ts';

/** MIME base64: lines of 76 characters divided by CR LF. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('base64')
    .replace(/(.{76})(?=.)/g, '$1\r\n');
}

const notBase64 = (text: string): Error =>
  userError('CONVERSION_INVALID_INPUT', `The text '${text}' is not base64.`, { sqlState: '22018' });

/** Base64 as MIME reads it: foreign characters are skipped, a padding must be whole. */
function unbase64(text: string): Uint8Array {
  const padding = text.indexOf('=');
  const letters = (padding < 0 ? text : text.slice(0, padding)).replace(/[^A-Za-z0-9+/]/g, '');
  const rest = padding < 0 ? '' : text.slice(padding);
  const open = letters.length % 4;
  if (open === 1 || (rest !== '' && (open === 0 || (open === 2 && rest[1] !== '='))) || /[A-Za-z0-9+/]/.test(rest))
    throw notBase64(text);
  return Uint8Array.from(Buffer.from(letters, 'base64'));
}

/** Base64 without foreign characters but white space. */
function strictBase64(text: string): Uint8Array {
  const [, letters, padding] = /^([A-Za-z0-9+/]*)(=*)$/.exec(text.replace(/[ \t\n\v\f\r]/g, '')) ?? [];
  const wrong =
    letters === undefined ||
    (padding ? padding.length > 2 || (letters.length + padding.length) % 4 !== 0 : letters.length % 4 === 1);
  if (wrong) throw notBase64(text);
  return unbase64(letters);
}

/** The bytes that to_binary reads by a format. Throws CONVERSION_INVALID_INPUT. */
function toBinary(text: string, format: string): Uint8Array {
  if (format === 'base64') return strictBase64(text);
  if (format !== 'hex') return Uint8Array.from(Buffer.from(text, 'utf8'));
  const bytes = unhex(text);
  if (!bytes)
    throw userError('CONVERSION_INVALID_INPUT', `The text '${text}' is not hexadecimal.`, { sqlState: '22018' });
  return bytes;
}

/** NULL where a character is no hexadecimal digit; an odd number of digits gets a leading zero. */
function unhex(text: string): Uint8Array | null {
  const even = text.length % 2 ? `0${text}` : text;
  return /^[0-9a-fA-F]*$/.test(even) ? Uint8Array.from(Buffer.from(even, 'hex')) : null;
}

const shaNames: Record<number, string> = { 0: 'sha256', 224: 'sha224', 256: 'sha256', 384: 'sha384', 512: 'sha512' };
function sha2(bytes: Uint8Array, bits: number): string | null {
  const name = shaNames[bits];
  return name ? createHash(name).update(bytes).digest('hex') : null;
}

export const byteFunctions: EngineFunction[] = [
  engineFunction('spark_base64', ['BLOB'], 'VARCHAR', ([bytes]) => base64(bytes as Uint8Array)),
  ...withTry(engineFunction('spark_unbase64', ['VARCHAR'], 'BLOB', ([text]) => unbase64(text as string))),
  engineFunction('spark_unhex', ['VARCHAR'], 'BLOB', ([text]) => unhex(text as string)),
  engineFunction('spark_sha2', ['BLOB', 'INTEGER'], 'VARCHAR', ([bytes, bits]) =>
    sha2(bytes as Uint8Array, bits as number),
  ),
  engineFunction('spark_sha1', ['BLOB'], 'VARCHAR', ([bytes]) =>
    createHash('sha1')
      .update(bytes as Uint8Array)
      .digest('hex'),
  ),
  engineFunction('spark_md5', ['BLOB'], 'VARCHAR', ([bytes]) =>
    createHash('md5')
      .update(bytes as Uint8Array)
      .digest('hex'),
  ),
  engineFunction('spark_crc32', ['BLOB'], 'BIGINT', ([bytes]) => BigInt(crc32(bytes as Uint8Array))),
  ...withTry(
    engineFunction('spark_to_binary', ['VARCHAR', 'VARCHAR'], 'BLOB', ([text, format]) =>
      toBinary(text as string, format as string),
    ),
  ),
];
