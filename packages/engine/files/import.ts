import {
  type Column,
  type FileFormat,
  type ObjectStore,
  type PlanBody,
  parseType,
  type TableWrite,
  userError,
} from '@boathouse/contracts';
import type { Delta } from '@boathouse/delta';
import type { Engine } from '../engine.ts';
import { duckType, quoteName } from '../engine-duckdb/types.ts';
import { type Author, checkTarget, commitCreate, insertRows, tableWrite } from '../execute/write.ts';
import { unpackedCopy } from './gzip.ts';
import { checkTextEncoding, readHead } from './head.ts';
import { inferFiles, renameFile } from './infer.ts';
import { csvShape } from './infer-csv.ts';
import { withLine } from './locate.ts';
import { csvReader, readerText } from './relation.ts';

export interface ImportRequest {
  /** The plan's body: a createTable or insert without a query. */
  body: Extract<PlanBody, { kind: 'createTable' | 'insert' }>;
  source: { location: string; fileName: string; format: FileFormat; options: Record<string, string> };
  /** Chosen columns in file order; a dropped column has no entry. */
  columns: { from: string; name: string; type: string }[];
  author: Author;
  signal?: AbortSignal;
  onProgress?(percent: number): void;
}

/**
 * Reads an uploaded file once into data files and publishes them in one commit. Nothing is loaded where any row is bad:
 * throws FILE_… naming the file as the person knows it, with line and column where known.
 */
export async function importFiles(
  deps: { engine: Engine; store: ObjectStore; delta: Delta },
  request: ImportRequest,
): Promise<TableWrite> {
  const { source, body, signal } = request;
  if (body.kind === 'insert') await checkTarget(deps.delta, body.target);
  const head = await readHead(deps.store, source.location, source.fileName);
  if (source.format !== 'parquet' && (source.options.encoding ?? 'utf-8').toLowerCase().startsWith('utf-8'))
    checkTextEncoding(head, source.fileName);
  // The engine reads a gzip with one thread and does not check its end; unpacked it reads in parallel.
  const key = head.gzip ? await unpackedCopy(deps.store, source.location, source.fileName, signal) : source.location;
  const files = { uris: [deps.store.engineUri(key)], gzip: false };
  /** A CSV's columns were chosen already: of the file itself only names and dialect are needed. */
  const csv = (as?: 'naive') => {
    const { names, resolved } = csvShape({ ...head, gzip: false }, source.fileName, source.options);
    const columns = readColumns(names, request.columns);
    return { columns, reader: csvReader(files, resolved, columns, as), timestampFormat: resolved.timestampFormat };
  };
  const other = async () => {
    const again = { location: key, format: source.format, options: source.options };
    const found = await inferFiles(deps, again, source.fileName);
    const columns = readColumns(
      found.columns.map((column) => column.name),
      request.columns,
    );
    return { columns, reader: readerText(files, source.format, found.options, columns) };
  };
  try {
    const { columns, reader } = source.format === 'csv' ? csv() : await other();
    const sql = importSelect(columns, request.columns, reader);
    const { target } = body;
    if (body.kind === 'insert') {
      const write = await deps.engine.scope({ signal, onProgress: request.onProgress }, () =>
        insertRows(deps.delta, { target, mode: body.mode }, sql, request.author),
      );
      return (
        write ?? (await tableWrite(deps.delta, target, await deps.delta.latestVersion(target.location), 'INSERT', 0))
      );
    }
    const written = await deps.engine.scope({ signal, onProgress: request.onProgress }, () =>
      deps.delta.writeFiles(target, sql),
    );
    if (signal?.aborted) {
      await deps.delta.discardFiles(target.location, written);
      throw userError('CANCELLED', 'The import was cancelled.', { status: 409 });
    }
    return await commitCreate(deps.delta, body, written, request.author);
  } catch (error) {
    const named = await withLine(deps.engine, error, async () => [csv('naive')]);
    throw renameFile(named, key.slice(key.lastIndexOf('/') + 1), source.fileName);
  } finally {
    if (key !== source.location) await deps.store.delete(key);
  }
}

/** Columns as the reader takes them: chosen ones by their chosen types, so that a bad value is an error with its line. */
function readColumns(names: readonly string[], chosen: ImportRequest['columns']): Column[] {
  return names.map((name) => ({
    name,
    type: chosen.find((choice) => choice.from === name)?.type ?? 'string',
    nullable: true,
  }));
}

function importSelect(found: readonly Column[], chosen: ImportRequest['columns'], reader: string): string {
  const select = chosen.map((choice) => {
    if (!found.some((column) => column.name === choice.from))
      throw userError('FILE_COLUMN_NOT_FOUND', `The file has no column "${choice.from}". Look at its columns again.`);
    return `CAST(${quoteName(choice.from)} AS ${duckType(parseType(choice.type))}) AS ${quoteName(choice.name)}`;
  });
  if (!select.length) throw userError('FILE_NO_COLUMNS', 'Choose at least one column to import.');
  return `SELECT ${select.join(', ')} FROM ${reader}`;
}
