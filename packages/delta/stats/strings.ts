/** Bounds of strings keep this many characters, as Spark's do. */
const PREFIX_CHARACTERS = 32;
const ASCII_MAXIMUM = '\u007f';
const UNICODE_MAXIMUM = '\u{10ffff}';

/** A prefix is never greater than the whole. */
export function truncatedMin(text: string): string {
  const characters = [...text];
  return characters.length <= PREFIX_CHARACTERS ? text : characters.slice(0, PREFIX_CHARACTERS).join('');
}

/**
 * A prefix and a character greater than the one that follows it: not less than the whole. Null where no character is
 * greater. Whole characters are cut, so that no surrogate pair is split.
 */
export function truncatedMax(text: string): string | null {
  const characters = [...text];
  if (characters.length <= PREFIX_CHARACTERS) return text;
  const next = characters[PREFIX_CHARACTERS]!;
  if (next >= UNICODE_MAXIMUM) return null;
  return characters.slice(0, PREFIX_CHARACTERS).join('') + (next < ASCII_MAXIMUM ? ASCII_MAXIMUM : UNICODE_MAXIMUM);
}
