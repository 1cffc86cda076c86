import { Buffer } from 'node:buffer';
import { userError } from '@boathouse/contracts';
import type { EngineFunction } from './function.ts';
import { engineFunction } from './function.ts';

/** The character sets that Spark knows by exactly these names, in any case. */
const charsets = ['us-ascii', 'iso-8859-1', 'utf-8', 'utf-16be', 'utf-16le', 'utf-16', 'utf-32'] as const;
type Charset = (typeof charsets)[number];

function known(name: string): Charset {
  const found = charsets.find((charset) => charset === name.toLowerCase());
  if (found) return found;
  throw userError(
    'INVALID_PARAMETER_VALUE.CHARSET',
    `The character set '${name}' is not known. Use one of ${charsets.join(', ').toUpperCase()}.`,
    { sqlState: '22023' },
  );
}

const malformed = (charset: string): Error =>
  userError('MALFORMED_CHARACTER_CODING', `The value cannot be converted with ${charset.toUpperCase()}.`, {
    sqlState: '22000',
  });

const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Text as bytes. Throws INVALID_PARAMETER_VALUE.CHARSET, MALFORMED_CHARACTER_CODING. */
function encode(text: string, name: string): Uint8Array {
  const charset = known(name);
  switch (charset) {
    case 'utf-8':
      return Uint8Array.from(Buffer.from(text, 'utf8'));
    case 'us-ascii':
    case 'iso-8859-1': {
      const limit = charset === 'us-ascii' ? 0x7f : 0xff;
      return Uint8Array.from(text, (char) => {
        const code = char.codePointAt(0)!;
        if (code > limit) throw malformed(charset);
        return code;
      });
    }
    case 'utf-16le':
      return Uint8Array.from(Buffer.from(text, 'utf16le'));
    case 'utf-16be':
      return Uint8Array.from(swapped(text));
    case 'utf-16':
      return text === '' ? new Uint8Array() : Uint8Array.from([0xfe, 0xff, ...swapped(text)]);
    case 'utf-32':
      return Uint8Array.from(
        Array.from(text).flatMap((char) => {
          const code = char.codePointAt(0)!;
          return [0, code >> 16, (code >> 8) & 0xff, code & 0xff];
        }),
      );
  }
}

function decodeWith(label: string, bytes: Uint8Array, charset: Charset): string {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(charset);
  }
}

/** Four bytes a character, the high one first unless a mark says otherwise. */
function decode32(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw malformed('utf-32');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mark = bytes.length >= 4 ? view.getUint32(0) : 0;
  const little = mark === 0xfffe0000;
  let out = '';
  for (let at = mark === 0xfeff || little ? 4 : 0; at < bytes.length; at += 4) {
    const code = view.getUint32(at, little);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw malformed('utf-32');
    out += String.fromCodePoint(code);
  }
  return out;
}

/** Bytes as text. Throws INVALID_PARAMETER_VALUE.CHARSET, MALFORMED_CHARACTER_CODING. */
function decode(bytes: Uint8Array, name: string): string {
  const charset = known(name);
  switch (charset) {
    case 'iso-8859-1':
      return Buffer.from(bytes).toString('latin1');
    case 'us-ascii':
      if (bytes.some((byte) => byte > 0x7f)) throw malformed(charset);
      return Buffer.from(bytes).toString('latin1');
    case 'utf-16': {
      const marked = bytes.length >= 2 && bytes[0]! + bytes[1]! === 0xfe + 0xff && bytes[0]! >= 0xfe;
      const label = marked && bytes[0] === 0xff ? 'utf-16le' : 'utf-16be';
      return decodeWith(label, marked ? bytes.subarray(2) : bytes, charset);
    }
    case 'utf-32':
      return decode32(bytes);
    default:
      return decodeWith(charset, bytes, charset);
  }
}

export const charsetFunctions: EngineFunction[] = [
  engineFunction('spark_encode', ['VARCHAR', 'VARCHAR'], 'BLOB', ([text, charset]) =>
    encode(text as string, charset as string),
  ),
  engineFunction('spark_decode', ['BLOB', 'VARCHAR'], 'VARCHAR', ([bytes, charset]) =>
    decode(bytes as Uint8Array, charset as string),
  ),
];
