import { type SourceRange, userError } from '@boathouse/contracts';
import { parse } from 'acorn';
import { bodyFile, functionsFile } from '../wire/names.ts';
import type { CellScripts } from '../wire/protocol.ts';
import type { Rendered, Span } from './edits.ts';
import { rangeAt } from './range.ts';
import { refusal, rewrite } from './rewrite.ts';
import { stripTypes } from './strip.ts';

/** The compiler runs beside other people's work: what it may take is bounded. */
const MAX_CHARACTERS = 1024 * 1024;

export interface TransformedCell extends CellScripts {
  /** Place in the cell's source of a position in a stack trace (1-based); null for files of others. */
  position(file: string, line: number, column: number): SourceRange | null;
}

/**
 * A TypeScript cell as scripts that run one after another in one global scope: names live on to later cells, may be
 * declared anew, `await` works at top level, loops can be stopped. `cellId` counts the cells that a kernel ran.
 * Throws SYNTAX_ERROR, UNSUPPORTED_SYNTAX, UNSUPPORTED_IMPORT with a position, CELL_TOO_COMPLEX, CELL_TOO_LARGE.
 */
export function transformCell(source: string, cellId: number): TransformedCell {
  if (source.length > MAX_CHARACTERS)
    throw userError('CELL_TOO_LARGE', 'The cell is longer than 1 MB. Keep data in tables and volumes.');
  const stripped = stripTypes(source);
  const { code } = stripped;
  let rewritten: ReturnType<typeof rewrite>;
  try {
    const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', preserveParens: true });
    rewritten = rewrite(code, program, cellId);
  } catch (error) {
    const refused = refusal(error, code);
    refused.error.position = rangeAt(source, stripped.sourceOffset(refused.offset));
    throw refused.error;
  }
  const { edits, functions, names, constants } = rewritten;
  const lines = code.split('\n').length;
  const texts = new Map<string, Rendered>([
    [bodyFile(cellId), edits.render(others(functions, code.length), "'use strict';(async () => {", '\n})()')],
    [functionsFile(cellId), edits.render(functions, "'use strict';", '')],
  ]);
  return {
    names,
    constants,
    body: texts.get(bodyFile(cellId))!.text,
    functions: functions.length ? texts.get(functionsFile(cellId))!.text : '',
    position(file, line, column) {
      const text = texts.get(file);
      // The line that calls the cell's function is ours.
      if (file === bodyFile(cellId) && line > lines) return null;
      return text ? rangeAt(source, stripped.sourceOffset(text.sourceOffset(line, column))) : null;
    },
  };
}

/** What lies between spans. */
function others(spans: readonly Span[], length: number): Span[] {
  const between: Span[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    between.push([at, start]);
    at = end;
  }
  between.push([at, length]);
  return between;
}
