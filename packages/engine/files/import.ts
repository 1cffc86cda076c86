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
import { type Author, checkTarget, commitCreate, commitInsert } from '../execute/write.ts';
import { unpackedCopy } from './gzip.ts';
import { checkTextEncoding, readHead } from './head.ts';
import { inferFiles, renameFile } from './infer.ts';
import { type CsvShape, csvShape } from './infer-csv.ts';
import { readerText } from './relation.ts';

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
  try {
    const again = { location: key, format: source.format, options: source.options };
    const plain = { ...head, gzip: false };
    // The types of a CSV's columns were chosen: its names and dialect are all that is needed again.
    const found =
      source.format === 'csv'
        ? csvColumns(csvShape(plain, source.fileName, source.options))
        : await inferFiles(deps, again, source.fileName);
    const sql = importSelect(
      found.columns,
      request.columns,
      readerText(
        { uris: [deps.store.engineUri(key)], gzip: false },
        source.format,
        found.options,
        readColumns(found.columns, request.columns),
      ),
    );
    const { target } = body;
    const files = await deps.engine.scope({ signal, onProgress: request.onProgress }, () =>
      deps.delta.writeFiles(target, sql),
    );
    if (signal?.aborted) {
      await deps.delta.discardFiles(target.location, files);
      throw userError('CANCELLED', 'The import was cancelled.', { status: 409 });
    }
    return body.kind === 'insert'
      ? await commitInsert(deps.delta, body, files, request.author)
      : await commitCreate(deps.delta, body, files, request.author);
  } catch (error) {
    throw renameFile(error, key.slice(key.lastIndexOf('/') + 1), source.fileName);
  } finally {
    if (key !== source.location) await deps.store.delete(key);
  }
}

const csvColumns = ({ names, options }: CsvShape) => ({
  columns: names.map((name): Column => ({ name, type: 'string', nullable: true })),
  options,
});

/** Columns as the reader takes them: chosen ones by their chosen types, so that a bad value is an error with its line. */
function readColumns(found: readonly Column[], chosen: ImportRequest['columns']): Column[] {
  return found.map((column) => ({
    ...column,
    type: chosen.find((choice) => choice.from === column.name)?.type ?? 'string',
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
