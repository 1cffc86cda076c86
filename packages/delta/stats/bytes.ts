// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with control characters
const ascii = /^[\x00-\x7f]*$/;

/** Order of strings as UTF-8 bytes, as Spark and DuckDB compare them; JavaScript's own differs beyond the basic plane. */
export function compareBytes(left: string, right: string): number {
  if (ascii.test(left) && ascii.test(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
