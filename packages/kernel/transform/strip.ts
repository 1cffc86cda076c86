import { createRequire, SourceMap } from 'node:module';
import { BoathouseError, userError } from '@boathouse/contracts';
import type swc from '@swc/wasm-typescript';
import { z } from 'zod';
import { offsetOf } from './edits.ts';
import { rangeAt } from './range.ts';

export interface Stripped {
  /** JavaScript. */
  code: string;
  /** Offset in the TypeScript source of an offset in the JavaScript. */
  sourceOffset(offset: number): number;
}

const require = createRequire(import.meta.url);
const COMPILER = '@swc/wasm-typescript';

/**
 * Calls the compiler. Text that is nested some hundred levels deep exhausts the stack inside of it and leaves it broken
 * for every later text, so the next one gets a new compiler.
 */
function compileWith(
  source: string,
  options: Parameters<typeof swc.transformSync>[1],
): ReturnType<typeof swc.transformSync> {
  const compiler = require(COMPILER) as typeof swc;
  try {
    return compiler.transformSync(source, options);
  } catch (error) {
    // A trap of WebAssembly is a RuntimeError.
    if (!(error instanceof Error && (error.name === 'RuntimeError' || error instanceof RangeError))) throw error;
    delete require.cache[require.resolve(COMPILER)];
    throw userError('CELL_TOO_COMPLEX', 'The cell is nested too deeply to be run. Split it.', { cause: error });
  }
}

const Failure = z.object({
  code: z.string(),
  message: z.string(),
  startLine: z.number().optional(),
  startColumn: z.number().optional(),
});

/**
 * TypeScript to JavaScript, without type checks. Types become blanks, so positions stay; enums, namespaces and parameter
 * properties have meaning at run time and are compiled, with a map back. Throws SYNTAX_ERROR, UNSUPPORTED_SYNTAX.
 */
export function stripTypes(source: string): Stripped {
  try {
    const { code } = compileWith(source, { mode: 'strip-only', module: true });
    return { code, sourceOffset: (offset) => offset };
  } catch (error) {
    const failure = Failure.safeParse(error);
    if (!failure.success || failure.data.code !== 'UnsupportedSyntax') throw syntaxError(source, error);
  }
  return compile(source);
}

function compile(source: string): Stripped {
  let output: { code: string; map?: string };
  try {
    output = compileWith(source, { mode: 'transform', module: true, sourceMap: true });
  } catch (error) {
    throw syntaxError(source, error);
  }
  const { code, map } = output;
  let decoded: SourceMap | undefined;
  return {
    code,
    sourceOffset(offset) {
      decoded ??= new SourceMap(JSON.parse(map ?? '{"version":3,"sources":[],"names":[],"mappings":""}'));
      const before = code.slice(0, offset).split('\n');
      const entry = decoded.findEntry(before.length - 1, before[before.length - 1]!.length);
      if (!('originalLine' in entry)) return 0;
      return offsetOf(source, entry.originalLine + 1, entry.originalColumn + 1);
    },
  };
}

/** The compiler's complaint as an error with its place. */
function syntaxError(source: string, error: unknown): BoathouseError {
  if (error instanceof BoathouseError) return error;
  const failure = Failure.safeParse(error);
  if (!failure.success) return userError('SYNTAX_ERROR', 'The cell cannot be read as TypeScript.');
  const { code, message, startLine = 1, startColumn = 0 } = failure.data;
  const position = rangeAt(source, offsetOf(source, startLine, startColumn + 1));
  const name = code === 'UnsupportedSyntax' ? 'UNSUPPORTED_SYNTAX' : 'SYNTAX_ERROR';
  return userError(name, `${message.replace(/\.$/, '')}.`, { position });
}
