/** A piece of SQL text outside of strings, quoted names and comments. */
interface Piece {
  kind: 'word' | 'symbol';
  text: string;
  start: number;
  /** Parentheses open around it. */
  depth: number;
}

// Raw strings (r'…') know no escapes; in others a backslash takes the next character along.
const SKIPPED =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[rR]'[^']*'?|[rR]"[^"]*"?|'(?:[^'\\]|\\[\s\S])*'?|"(?:[^"\\]|\\[\s\S])*"?|`(?:[^`]|``)*`?|\s+/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*|\d[\p{L}\p{N}_.]*/uy;

/** Words and symbols of a text, in order. It reads as the server's lexer does where the two must agree: strings and comments. */
export function* scan(text: string): Generator<Piece> {
  let depth = 0;
  for (let at = 0; at < text.length; ) {
    SKIPPED.lastIndex = at;
    const skipped = SKIPPED.exec(text);
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    WORD.lastIndex = at;
    const word = WORD.exec(text);
    if (word) {
      yield { kind: 'word', text: word[0], start: at, depth };
      at += word[0].length;
      continue;
    }
    const symbol = text[at]!;
    if (symbol === ')') depth--;
    yield { kind: 'symbol', text: symbol, start: at, depth };
    if (symbol === '(') depth++;
    at++;
  }
}

const QUERY_WORDS = new Set(['SELECT', 'VALUES', 'FROM', 'TABLE', 'MAP', 'REDUCE']);
const WRITE_WORDS = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** Whether a statement only reads: it can stand in parentheses and is run when its rows are asked for. */
export function isQuery(text: string): boolean {
  let withClause = false;
  for (const piece of scan(text)) {
    if (piece.kind === 'symbol' && piece.text === '(' && !withClause) return true;
    if (piece.kind !== 'word' || piece.depth > 0) continue;
    const word = piece.text.toUpperCase();
    if (word === 'WITH' && !withClause) withClause = true;
    else if (!withClause) return QUERY_WORDS.has(word);
    else if (WRITE_WORDS.has(word)) return false;
    else if (QUERY_WORDS.has(word)) return true;
  }
  return withClause;
}

/** The text without semicolons at its end. A second statement after one is left for the server to refuse. */
export function withoutEnd(text: string): string {
  let end = 0;
  let cut = text.length;
  for (const { text: piece, start } of scan(text)) {
    if (piece === ';') cut = Math.min(cut, start);
    else {
      cut = text.length;
      end = start + piece.length;
    }
  }
  return cut >= end ? text.slice(0, cut) : text;
}
