import { type EngineText, invariant, type SourceRange } from '@boathouse/contracts';
import type { ErrorPlace } from './client/spark-error.ts';

/** Quotes a name for Spark. */
export const sparkName = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** Quotes text as a literal of Spark. */
export const sparkString = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Text for Spark and where each of its pieces begins, so that a place in it can be found in the statement again. */
export interface SparkText {
  text: string;
  pieces: { at: number; text: string; written: boolean }[];
}

export function spliceSpark(pieces: EngineText, relations: readonly string[]): SparkText {
  const placed: SparkText['pieces'] = [];
  let at = 0;
  for (const piece of pieces) {
    const written = typeof piece === 'string';
    const text = written ? piece : relations[piece.table];
    invariant(text !== undefined, 'a piece names a table of the plan');
    placed.push({ at, text, written });
    at += text.length;
  }
  return { text: placed.map((piece) => piece.text).join(''), pieces: placed };
}

/**
 * Where in the statement that a person wrote an error lies that Spark found in the text it got; undefined where that cannot
 * be told for sure. `shift`: characters that stand before the text.
 */
export function placeInStatement(
  place: ErrorPlace,
  { pieces }: SparkText,
  statement: string,
  shift = 0,
): SourceRange | undefined {
  const start = place.start - shift;
  const end = place.end - shift;
  const piece = pieces.find(({ at, text }) => start >= at && start < at + text.length);
  if (piece?.written) {
    const found = onlyPlace(statement, piece.text);
    if (found !== undefined)
      return rangeOf(statement, found + start - piece.at, Math.min(end - start, statement.length));
  }
  const found = place.fragment ? onlyPlace(statement, place.fragment) : undefined;
  return found === undefined ? undefined : rangeOf(statement, found, place.fragment.length);
}

/** Where a text stands in another, if it stands there once. */
function onlyPlace(whole: string, part: string): number | undefined {
  const at = whole.indexOf(part);
  return at < 0 || whole.indexOf(part, at + 1) >= 0 ? undefined : at;
}

function rangeOf(statement: string, start: number, length: number): SourceRange {
  const before = statement.slice(0, start).split('\n');
  return {
    line: before.length,
    column: before.at(-1)!.length + 1,
    start,
    end: Math.min(start + length, statement.length),
  };
}
