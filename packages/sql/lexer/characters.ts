/** Tests of single UTF-16 code units; `NaN` (beyond the end) is none of them. */

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/u.test(String.fromCharCode(code)));

const letter = /[\p{L}\p{M}\p{Nd}\p{Nl}]/u;

/** A code unit of an unquoted identifier, which may begin with a digit. Halves of surrogate pairs count as letters. */
export const isWordPart = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 95 ||
  (code > 127 && ((code >= 0xd800 && code <= 0xdfff) || letter.test(String.fromCharCode(code))));
