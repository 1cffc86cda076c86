export { tokenize } from './lexer.ts';
export { type StatementTokens, splitStatements, splitTokens } from './split.ts';
export type { Comment, Token, TokenKind, Tokens } from './token.ts';
