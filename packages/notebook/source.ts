import { type CellKind, userError } from '@boathouse/contracts';
import type { NewCell } from './document.ts';

/**
 * A notebook as text, in Databricks' SOURCE form of a SQL notebook:
 *
 *     -- Databricks notebook source
 *     select 1
 *
 *     -- COMMAND ----------
 *
 *     -- MAGIC %md
 *     -- MAGIC # A heading
 *
 * A cell of another language is `-- MAGIC %name` and its lines behind `-- MAGIC `. Ours are `%typescript` and `%pipeline`
 * (unknown to Databricks, which shows such a cell without running it). A title is `-- DBTITLE 1,The title`.
 */
const header = '-- Databricks notebook source';
const divider = '-- COMMAND ----------';
const magic = '-- MAGIC';
const titleLine = /^-- DBTITLE \d+,(.*)$/;

const magicKinds: Record<string, CellKind> = {
  md: 'markdown',
  sql: 'sql',
  typescript: 'typescript',
  pipeline: 'pipeline',
};
const kindMagic: Record<Exclude<CellKind, 'sql'>, string> = {
  markdown: 'md',
  typescript: 'typescript',
  pipeline: 'pipeline',
};

export const looksLikeSource = (text: string): boolean => withoutMark(text).startsWith(header);

/**
 * The cells of a SOURCE file; one without the header is one SQL notebook all the same. `newId` gives each cell its id.
 * Throws UNSUPPORTED_CELL_LANGUAGE naming the language and line of a cell that we cannot run.
 */
export function importSource(text: string, newId: () => string): NewCell[] {
  const lines = withoutMark(text).replace(/\r\n?/g, '\n').split('\n');
  const begin = lines[0]?.startsWith(header) ? 1 : 0;
  const cells: NewCell[] = [];
  let from = begin;
  for (let at = begin; at <= lines.length; at++) {
    if (at < lines.length && lines[at]!.trimEnd() !== divider) continue;
    const cell = toCell(lines.slice(from, at), from + 1, newId);
    if (cell) cells.push(cell);
    from = at + 1;
  }
  return cells;
}

const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

function toCell(all: string[], firstLine: number, newId: () => string): NewCell | null {
  const lines = trimBlank(all);
  const title = titleLine.exec(lines[0] ?? '')?.[1];
  const body = title === undefined ? lines : trimBlank(lines.slice(1));
  if (body.length === 0 && title === undefined) return null;
  const base = { id: newId(), title: title ?? '' };
  if (!body.length || !body.every((line) => line === magic || line.startsWith(`${magic} `))) {
    return { ...base, kind: 'sql', source: body.join('\n') };
  }
  const plain = body.map((line) => line.slice(magic.length + 1));
  const [, name, rest] = /^%(\S+)\s?(.*)$/.exec(plain[0]!) ?? [];
  const kind = name === undefined ? 'sql' : magicKinds[name];
  if (!kind) {
    throw userError(
      'UNSUPPORTED_CELL_LANGUAGE',
      `The cell at line ${firstLine} is %${name}. Notebooks here have SQL, TypeScript, pipeline and Markdown cells.`,
    );
  }
  const source = name === undefined ? plain : [...(rest ? [rest] : []), ...plain.slice(1)];
  return { ...base, kind, source: source.join('\n') };
}

function trimBlank(lines: string[]): string[] {
  let begin = 0;
  let end = lines.length;
  while (begin < end && lines[begin]!.trim() === '') begin++;
  while (end > begin && lines[end - 1]!.trim() === '') end--;
  return lines.slice(begin, end);
}

/** The SOURCE text of cells; `importSource` reads the same cells back, but for blank lines around a cell's text. */
export function exportSource(cells: Pick<NewCell, 'kind' | 'source' | 'title'>[]): string {
  const texts = cells.map((cell) => {
    const title = cell.title ? `-- DBTITLE 1,${cell.title.replace(/\s+/g, ' ')}\n` : '';
    return title + cellText(cell.kind, cell.source ?? '');
  });
  return `${header}\n${texts.join(`\n\n${divider}\n\n`)}\n`;
}

function cellText(kind: CellKind, source: string): string {
  const lines = source.split('\n');
  // A SQL cell without text, or whose text would be read as a divider, title or magic, goes behind magic, too.
  const ambiguous =
    source.trim() === '' ||
    lines.some((line) => line.trimEnd() === divider || line.startsWith(magic) || titleLine.test(line));
  if (kind === 'sql' && !ambiguous) return source;
  const name = kind === 'sql' ? 'sql' : kindMagic[kind];
  return [`${magic} %${name}`, ...lines.map((line) => (line === '' ? magic : `${magic} ${line}`))].join('\n');
}
