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
