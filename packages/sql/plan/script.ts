import { BoathouseError } from '@boathouse/contracts';
import { splitStatements as divide, parseStatement, type Token, tokenize } from '../parser/index.ts';

/** A statement of a text with its offsets. */
export interface TextPiece {
  text: string;
  start: number;
  end: number;
}

/** What begins a statement of the scripting language, which no list of plain statements can stand for. */
const control = new Set(
  'BEGIN DECLARE SET IF WHILE FOR LOOP REPEAT CASE LEAVE ITERATE OPEN FETCH CLOSE SIGNAL RESIGNAL RETURN EXECUTE END'.split(
    ' ',
  ),
);

/**
 * The statements of a text in the order in which they run, with their offsets. A block `BEGIN a; b; END` of plain statements
 * is those statements: they run one after another, the first error ends them, the last one's result is the result. A block
 * with variables, handlers or control flow stays whole, and the planner refuses it by name. Never throws.
 */
export function splitStatements(text: string): TextPiece[] {
  return divide(text).flatMap((piece) => plainBlock(piece) ?? [piece]);
}

/** The statements of a text that is exactly one block of plain statements; null for any other text. */
export function blockStatements(text: string): TextPiece[] | null {
  const pieces = divide(text);
  return pieces.length === 1 ? plainBlock(pieces[0]!) : null;
}

function plainBlock(piece: TextPiece): TextPiece[] | null {
  if (!/^begin\b/i.test(piece.text)) return null;
  let { tokens } = tokenize(piece.text);
  tokens = tokens.filter((token) => token.kind !== 'eof');
  if (tokens.at(-1)?.key !== 'END') return null;
  const from = tokens[1]?.key === 'NOT' && tokens[2]?.key === 'ATOMIC' ? 3 : 1;
  const statements: TextPiece[] = [];
  let current: Token[] = [];
  for (const token of tokens.slice(from, -1)) {
    if (token.key !== ';') {
      current.push(token);
      continue;
    }
    const [first, second] = current;
    if (!first || control.has(first.key) || second?.key === ':') return null;
    const [start, end] = [first.start, current.at(-1)!.end];
    statements.push({ text: piece.text.slice(start, end), start: piece.start + start, end: piece.start + end });
    current = [];
  }
  // A script is read whole before it runs: one wrong statement, and none of them runs.
  const complete = current.length === 0 && statements.length > 0 && statements.every(({ text }) => parses(text));
  return complete ? statements : null;
}

function parses(text: string): boolean {
  try {
    return parseStatement(text).kind !== 'unsupported';
  } catch (error) {
    if (error instanceof BoathouseError) return false;
    throw error;
  }
}
