/** Z85 (ZeroMQ RFC 32), which PROTOCOL.md "Deletion Vectors" uses for UUIDs and inline vectors. */
const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const digits = new Map([...alphabet].map((sign, index) => [sign, index]));

/** Bytes of a text whose length is a multiple of five. Null: not Z85. */
export function decodeZ85(text: string): Buffer | null {
  if (text.length % 5 !== 0) return null;
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let group = 0; group < text.length / 5; group++) {
    let value = 0;
    for (const sign of text.slice(group * 5, group * 5 + 5)) {
      const digit = digits.get(sign);
      if (digit === undefined) return null;
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) return null;
    bytes.writeUInt32BE(value, group * 4);
  }
  return bytes;
}

/** Text of bytes, filled up with zeros to a multiple of four. */
export function encodeZ85(bytes: Buffer): string {
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  bytes.copy(padded);
  let text = '';
  for (let at = 0; at < padded.length; at += 4) {
    let value = padded.readUInt32BE(at);
    let group = '';
    for (let digit = 0; digit < 5; digit++) {
      group = alphabet[value % 85]! + group;
      value = Math.floor(value / 85);
    }
    text += group;
  }
  return text;
}
