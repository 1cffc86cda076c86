import { splitStatements as divide } from '../parser/index.ts';

/** A statement of a text with its offsets. */
export interface TextPiece {
  text: string;
  start: number;
  end: number;
}

/**
 * The statements of a text in the order in which they run, with their offsets. A script BEGIN … END is one statement, and
 * the last one: what follows belongs to it. Never throws.
 */
export const splitStatements = (text: string): TextPiece[] => divide(text);
