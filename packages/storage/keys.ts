import { userError } from '@boathouse/contracts';

/** The one folder of a local store that holds no objects: unfinished writes. */
export const TEMPORARY = '.boathouse-tmp';

const refuse = (key: string, why: string) =>
  userError(
    'INVALID_OBJECT_KEY',
    `"${key}" cannot name an object: ${why}. Use segments divided by single slashes, without "." or "..".`,
  );

/**
 * Checks a key and gives its segments. Throws INVALID_OBJECT_KEY for what could leave the root or name two objects at once:
 * empty, '.' and '..' segments, leading or trailing slashes, NUL and backslashes, names that no file system takes.
 */
export function keySegments(key: string): string[] {
  if (key === '') throw refuse(key, 'it is empty');
  if (key.includes('\0')) throw refuse(key.replaceAll('\0', '\\0'), 'it holds a NUL character');
  // A backslash is a separator on some platforms: one key must not mean two places.
  if (key.includes('\\')) throw refuse(key, 'it holds a backslash');
  const segments = key.split('/');
  for (const segment of segments) {
    if (segment === '') throw refuse(key, 'it has an empty segment');
    if (segment === '.' || segment === '..') throw refuse(key, 'it has a relative segment');
    if (Buffer.byteLength(segment) > 255) throw refuse(key.slice(0, 80) + '…', 'a segment is longer than 255 bytes');
  }
  if (segments[0] === TEMPORARY) throw refuse(key, 'that folder is reserved');
  return segments;
}

/** A prefix as folder segments and the beginning of a name: `a/b/c` → [a, b] and `c`; `a/b/` → [a, b] and ``. */
export function prefixParts(prefix: string): { folder: string[]; nameStart: string } {
  const cut = prefix.lastIndexOf('/');
  const nameStart = prefix.slice(cut + 1);
  if (nameStart === '..' || nameStart.includes('\\') || nameStart.includes('\0')) keySegments(nameStart);
  return { folder: cut < 0 ? [] : keySegments(prefix.slice(0, cut)), nameStart };
}

/** Order of keys as UTF-8 bytes; JavaScript's own order differs beyond the basic plane. */
export function compareKeys(left: string, right: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with control characters
  const ascii = /^[\x00-\x7f]*$/;
  if (ascii.test(left) && ascii.test(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
