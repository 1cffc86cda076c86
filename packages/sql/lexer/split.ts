import type { Range } from '../ast/range.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './token.ts';

/** One statement of a text: its tokens (with an `eof` of its own) and its range, from first to last token. */
export interface StatementTokens extends Range {
  tokens: Token[];
}

/** Divides tokens at `;`. Stretches without a token (blank, or only comments) are no statements. */
export function splitTokens(tokens: readonly Token[]): StatementTokens[] {
  const statements: StatementTokens[] = [];
  let current: Token[] = [];
  let compound = false;
  for (const token of tokens) {
    // BEGIN … END and labelled blocks hold `;` themselves: the rest of the text belongs to them.
    if (current.length === 0 && token.key === 'BEGIN') compound = true;
    if (token.kind === 'eof' || (token.key === ';' && !(compound && hasBody(current)))) {
      const last = current.at(-1);
      if (last) {
        const eof: Token = { kind: 'eof', key: '', value: '', start: last.end, end: last.end };
        statements.push({ tokens: [...current, eof], start: current[0]!.start, end: last.end });
      }
      current = [];
      compound = false;
    } else {
      current.push(token);
    }
  }
  return statements;
}

/** BEGIN alone, BEGIN TRANSACTION and BEGIN WORK are no blocks. */
const hasBody = (tokens: readonly Token[]) =>
  tokens.length > 1 && tokens[1]!.key !== 'TRANSACTION' && tokens[1]!.key !== 'WORK';

/** The statements of a text, divided at `;` outside of strings and comments, with their offsets. Never throws. */
export function splitStatements(text: string): { text: string; start: number; end: number }[] {
  return splitTokens(tokenize(text).tokens).map(({ start, end }) => ({ text: text.slice(start, end), start, end }));
}
