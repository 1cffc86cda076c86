/** A name as SQL and the API take it: parts with other than letters, digits and `_` in backticks. */
export const quoted = (part: string): string =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) ? part : `\`${part.replaceAll('`', '``')}\``;
