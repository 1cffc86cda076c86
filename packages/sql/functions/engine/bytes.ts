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

/** Base64 as MIME reads it: foreign characters are skipped. */
function unbase64(text: string): Uint8Array {
  const letters = text.replace(/[^A-Za-z0-9+/=]/g, '').replace(/=+$/, '');
  if (letters.length % 4 === 1)
    throw userError('CONVERSION_INVALID_INPUT', `The text '${text}' is not base64.`, { sqlState: '22018' });
  return Uint8Array.from(Buffer.from(letters, 'base64'));
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

/** Bytes as substr counts characters. */
function substrBytes(bytes: Uint8Array, position: number, length: number): Uint8Array {
  const start = position > 0 ? position - 1 : position < 0 ? bytes.length + position : 0;
  const end = Math.min(start + length, bytes.length);
  return end <= start || end <= 0 ? new Uint8Array() : bytes.slice(Math.max(start, 0), end);
}

const decoders = new Map<string, { decode(bytes: Uint8Array): string }>();
const charsets: Record<string, string> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'us-ascii',
  'iso-8859-1': 'latin1',
};

/** Text as bytes of a character set. Throws INVALID_PARAMETER_VALUE.CHARSET, MALFORMED_CHARACTER_CODING. */
function encode(text: string, charset: string): Uint8Array {
  const name = charset.toLowerCase();
  switch (name) {
    case 'utf-8':
      return Uint8Array.from(Buffer.from(text, 'utf8'));
    case 'us-ascii':
    case 'iso-8859-1': {
      const limit = name === 'us-ascii' ? 0x7f : 0xff;
      return Uint8Array.from(text, (char) => {
        const code = char.codePointAt(0)!;
        if (code > limit)
          throw userError('MALFORMED_CHARACTER_CODING', `The text cannot be written in ${charset}.`, {
            sqlState: '22000',
          });
        return code;
      });
    }
    case 'utf-16le':
      return Uint8Array.from(Buffer.from(text, 'utf16le'));
    case 'utf-16':
    case 'utf-16be': {
      const bytes = Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
      return name === 'utf-16be' ? bytes : Uint8Array.from([0xfe, 0xff, ...bytes]);
    }
    default:
      if (name === 'utf-32') throw userError('UNSUPPORTED_FUNCTION', 'encode: UTF-32 is not supported.');
      throw userError('INVALID_PARAMETER_VALUE.CHARSET', `The character set '${charset}' is not known. Use UTF-8.`, {
        sqlState: '22023',
      });
  }
}

function decode(bytes: Uint8Array, charset: string): string {
  const name = charsets[charset.toLowerCase()];
  if (!name || name === 'utf8') {
    if (/^utf-(16|32)/i.test(charset)) throw userError('UNSUPPORTED_FUNCTION', `decode: ${charset} is not supported.`);
    throw userError('INVALID_PARAMETER_VALUE.CHARSET', `The character set '${charset}' is not known. Use UTF-8.`, {
      sqlState: '22023',
    });
  }
  if (name === 'latin1') return Buffer.from(bytes).toString('latin1');
  if (name === 'us-ascii' && bytes.some((byte) => byte > 0x7f)) throw malformed(charset);
  const decoder =
    decoders.get(name) ?? new TextDecoder(name === 'us-ascii' ? 'utf-8' : name, { fatal: true, ignoreBOM: true });
  decoders.set(name, decoder);
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(charset);
  }
}
const malformed = (charset: string) =>
  userError('MALFORMED_CHARACTER_CODING', `The bytes are not text in ${charset}.`, { sqlState: '22000' });

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
  engineFunction('spark_substr_bytes', ['BLOB', 'INTEGER', 'INTEGER'], 'BLOB', ([bytes, at, length]) =>
    substrBytes(bytes as Uint8Array, at as number, length as number),
  ),
  engineFunction('spark_reverse_bytes', ['BLOB'], 'BLOB', ([bytes]) => (bytes as Uint8Array).slice().reverse()),
  engineFunction('spark_encode', ['VARCHAR', 'VARCHAR'], 'BLOB', ([text, charset]) =>
    encode(text as string, charset as string),
  ),
  engineFunction('spark_decode', ['BLOB', 'VARCHAR'], 'VARCHAR', ([bytes, charset]) =>
    decode(bytes as Uint8Array, charset as string),
  ),
];
