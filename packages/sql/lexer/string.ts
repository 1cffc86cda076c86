import { isDigit } from './characters.ts';

const simple: Record<string, string> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\u001a',
  // LIKE patterns need their backslash, so these two keep it.
  '%': '\\%',
  _: '\\_',
};

/**
 * The text that a string literal stands for. `inside` is what stands between the quotes. Unknown escapes drop their
 * backslash; a doubled quote is one quote.
 */
export function unescapeString(inside: string, quote: string): string {
  if (!inside.includes('\\')) return inside.includes(quote) ? inside.replaceAll(quote + quote, quote) : inside;
  let out = '';
  for (let at = 0; at < inside.length; at += 1) {
    const char = inside[at]!;
    if (char === quote) {
      out += char;
      at += 1;
    } else if (char !== '\\' || at + 1 >= inside.length) {
      out += char;
    } else {
      const [text, length] = escapeAt(inside, at + 1);
      out += text;
      at += length;
    }
  }
  return out;
}

/** The meaning of the escape whose first character after the backslash is at `at`, and how many characters it takes. */
function escapeAt(inside: string, at: number): [string, number] {
  const char = inside[at]!;
  if (isDigit(char.charCodeAt(0))) {
    const octal = /^[01][0-7][0-7]/.exec(inside.slice(at, at + 3));
    if (octal) return [String.fromCharCode(Number.parseInt(octal[0], 8)), 3];
  }
  if (char === 'u' || char === 'U') {
    const width = char === 'u' ? 4 : 8;
    const hex = inside.slice(at + 1, at + 1 + width);
    const code = Number.parseInt(hex, 16);
    if (hex.length === width && /^[0-9a-fA-F]+$/.test(hex) && code <= 0x10ffff) {
      return [char === 'u' ? String.fromCharCode(code) : String.fromCodePoint(code), 1 + width];
    }
  }
  return [simple[char] ?? char, 1];
}
