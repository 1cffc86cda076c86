import type { EngineText } from '@boathouse/contracts';

/**
 * DuckDB text in pieces (contracts' EngineText): strings, and `{table: n}` where the executor splices a relation.
 * A user's text enters a piece only through `literal` or `ident`.
 */
export type Sql = EngineText;

/** What a template may splice: pieces, or engine text that our own code wrote. */
export type Splice = Sql | string | number;

/** ``sql`coalesce(${a}, ${b})` `` joins text and nested pieces; strings are spliced as they are (never user text). */
export function sql(strings: TemplateStringsArray, ...splices: Splice[]): Sql {
  const out: Sql = [];
  strings.forEach((text, index) => {
    append(out, text);
    const splice = splices[index];
    if (splice !== undefined) append(out, splice);
  });
  return out;
}

/** `join([a, b], ', ')` puts a separator between pieces. */
export function join(parts: readonly Splice[], separator: string): Sql {
  const out: Sql = [];
  parts.forEach((part, index) => {
    if (index > 0) append(out, separator);
    append(out, part);
  });
  return out;
}

/** Adds to `out` in place; neighbouring texts become one piece, so that equal texts are equal arrays. */
function append(out: Sql, splice: Splice): void {
  if (Array.isArray(splice)) {
    for (const piece of splice) {
      if (typeof piece === 'string') append(out, piece);
      else out.push(piece);
    }
    return;
  }
  const text = String(splice);
  if (text === '') return;
  const last = out.length - 1;
  if (typeof out[last] === 'string') out[last] += text;
  else out.push(text);
}

/** A DuckDB string literal of any text. DuckDB has no backslash escapes; a NUL character goes through chr(0). */
export function literal(text: string): string {
  const quoted = (part: string) => `'${part.replaceAll("'", "''")}'`;
  if (!text.includes('\0')) return quoted(text);
  return `(${text.split('\0').map(quoted).join(' || chr(0) || ')})`;
}

/** A DuckDB identifier of any name. */
export const ident = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A key by which two pieces with the same meaning in the same scope compare. */
export const textKey = (pieces: Sql): string => JSON.stringify(pieces);
