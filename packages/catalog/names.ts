import { userError } from '@boathouse/contracts';

/** Names compare without case; the name as written is kept for show. */
export const nameKey = (name: string): string => name.toLowerCase();

// Unity Catalog refuses these in catalogs, schemas, tables and volumes: they divide names or paths.
const forbidden = /[.\s/\p{Cc}]/u;

/** Checks the name of a catalog, schema, table or volume. Throws INVALID_NAME. */
export function checkName(kind: string, name: string): void {
  const refuse = (why: string) =>
    userError('INVALID_NAME', `"${name.slice(0, 60)}${name.length > 60 ? '…' : ''}" cannot name a ${kind}: ${why}.`);
  if (name === '') throw refuse('it is empty');
  if ([...name].length > 255) throw refuse('it is longer than 255 characters');
  if (forbidden.test(name)) throw refuse('periods, spaces, slashes and control characters are not allowed');
}

/** Checks column names of a new table: not empty, at most 255 characters, no two alike without case. Throws INVALID_NAME. */
export function checkColumnNames(names: readonly string[], properties: Readonly<Record<string, string>> = {}): void {
  const isMapped = (properties['delta.columnMapping.mode'] ?? 'none').toLowerCase() !== 'none';
  const seen = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    if (name.trim() === '') throw userError('INVALID_NAME', `Column ${index + 1} has no name. Give it one.`);
    if ([...name].length > 255)
      throw userError('INVALID_NAME', `The name of column ${index + 1} is longer than 255 characters.`);
    // Delta without column mapping cannot keep these in Parquet.
    const wrong = isMapped ? null : /[ ,;{}()\n\t=]/.exec(name);
    if (wrong) {
      throw userError(
        'INVALID_NAME',
        `The column name "${name}" holds ${JSON.stringify(wrong[0])}, which a Delta table cannot keep. Use letters, digits and "_".`,
      );
    }
    const before = seen.get(nameKey(name));
    if (before !== undefined)
      throw userError('INVALID_NAME', `Two columns are named "${before}" and "${name}": names compare without case.`);
    seen.set(nameKey(name), name);
  }
}

/** A name for a table made of a file name: `Flights 2024 (1).csv.gz` → `flights_2024_1`. */
export function tableNameOf(fileName: string): string {
  const base = (fileName.split(/[\\/]/).at(-1) ?? '').replace(
    /(\.(csv|tsv|txt|json|jsonl|ndjson|parquet|gz|gzip))+$/i,
    '',
  );
  const name = base
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
    .slice(0, 200);
  if (name === '') return 'uploaded_file';
  return /^\p{N}/u.test(name) ? `t_${name}` : name;
}

/** A column name that a Delta table takes: forbidden characters become `_`. */
export function columnNameOf(name: string, index: number): string {
  const cleaned = name
    .trim()
    .replace(/[ ,;{}()\n\t=]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 255);
  return cleaned === '' ? `column_${index + 1}` : cleaned;
}

/**
 * Splits `catalog.schema.table`, with backticks around a part where needed. Throws INVALID_NAME where the parts are not
 * `count`.
 */
export function splitFullName(fullName: string, count: number): string[] {
  const parts: string[] = [];
  const part = /(?:`((?:[^`]|``)*)`|([^.`]+))(\.|$)/y;
  while (part.lastIndex < fullName.length) {
    const at = part.lastIndex;
    const match = part.exec(fullName);
    if (!match) throw wrongCount(fullName, count);
    parts.push(match[1] === undefined ? match[2]! : match[1].replaceAll('``', '`'));
    if (match[3] === '.' && part.lastIndex === fullName.length) throw wrongCount(fullName, count);
    if (part.lastIndex === at) break;
  }
  if (parts.length !== count) throw wrongCount(fullName, count);
  return parts;
}

const shapes = ['', 'catalog', 'catalog.schema', 'catalog.schema.name'];
const wrongCount = (fullName: string, count: number) =>
  userError('INVALID_NAME', `"${fullName}" is not a full name. Write it as ${shapes[count] ?? `${count} names`}.`);

export const fullNameOf = (...parts: string[]): string => parts.join('.');
