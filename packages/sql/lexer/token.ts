import type { Range } from '../ast/range.ts';

/**
 * - `word`: an unquoted identifier or keyword (Spark reserves almost none, so the parser decides which it is);
 * - `quoted`: an identifier in back-ticks;
 * - `string`: '…', "…" or r'…';
 * - `number`: digits with fraction, exponent and suffix;
 * - `op`: an operator or a punctuation mark;
 * - `hint`: a whole optimizer hint, slash-star-plus to star-slash;
 * - `bad`: what begins no token (a stray character, an unclosed literal or comment); `value` says why;
 * - `eof`: always the last token.
 */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'op' | 'hint' | 'bad' | 'eof';

export interface Token extends Range {
  kind: TokenKind;
  /** `word`: upper case. `op`: the operator. Otherwise empty, so that comparing with a keyword or operator is one test. */
  key: string;
  /** `quoted`, `string`: the decoded text. `hint`: its inside. `bad`: what is wrong. Otherwise the text as written. */
  value: string;
}

export interface Comment extends Range {
  /** `--` to the end of the line, or slash-star to star-slash. */
  kind: 'line' | 'block';
}

export interface Tokens {
  tokens: Token[];
  comments: Comment[];
}
