import { BoathouseError, type InferFilesAnswer, type InferFilesRequest, type ObjectStore } from '@boathouse/contracts';
import { batchRows } from '../arrow/decode.ts';
import type { Engine } from '../engine.ts';
import { unpackedCopy } from './gzip.ts';
import { checkTextEncoding, type FileHead, readHead, textOf } from './head.ts';
import { inferCsv } from './infer-csv.ts';
import { inferJson } from './infer-json.ts';
import { inferParquet } from './infer-parquet.ts';
import { listFiles } from './listing.ts';
import { checkOptions } from './options.ts';
import { readerText, selectNeeded } from './relation.ts';

export interface FileDeps {
  engine: Engine;
  store: ObjectStore;
}

/** Files beyond are read by the columns of those before. */
const MAX_INFERRED_FILES = 1000;

const baseName = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/**
 * Format, columns and options of files: the format by the first, the columns by all. `shown`: the name for error messages. Throws typed
 * errors (FILE_…) that name file, line and column where known.
 */
export async function inferFiles(
  deps: FileDeps,
  request: InferFilesRequest,
  shown?: string,
): Promise<InferFilesAnswer> {
  const files = await listFiles(deps.store, request.location, shown ?? request.shown ?? request.location);
  const filled = files.filter((file) => file.sizeBytes > 0);
  const keys = (filled.length ? filled : files).slice(0, MAX_INFERRED_FILES).map((file) => file.key);
  const key = keys[0]!;
  const name = shown ?? baseName(key);
  const head = await readHead(deps.store, key, name);
  const format = request.format ?? formatOf(name, head);
  // Parquet is read from its end: a packed one is unpacked first.
  if (head.gzip && format === 'parquet')
    return withUnpacked(deps.store, key, name, (copy) =>
      inferFiles(deps, { ...request, location: copy, format }, name),
    );
  const uris = keys.map((each) => deps.store.engineUri(each));
  try {
    switch (format) {
      case 'csv':
        return await inferCsv(deps, keys, head, name, request.options);
      case 'json':
        return await inferJson(deps.engine, uris, head, name, request.options);
      case 'parquet':
        return await inferParquet(deps.engine, uris, head, name, request.options);
      case 'text':
        checkOptions('text', request.options);
        checkTextEncoding(head, name);
        return { format, columns: [{ name: 'value', type: 'string', nullable: true }], options: request.options };
    }
  } catch (error) {
    throw renameFile(error, baseName(key), name);
  }
}

/** First rows of files as wire values, for a preview. */
export async function previewFiles(
  deps: FileDeps,
  request: InferFilesRequest,
  limit: number,
  shown?: string,
): Promise<InferFilesAnswer & { rows: unknown[][] }> {
  const [first] = await listFiles(deps.store, request.location, shown ?? request.shown ?? request.location);
  const { key } = first!;
  const name = shown ?? baseName(key);
  const head = await readHead(deps.store, key, name);
  if (head.gzip && head.parquet)
    return withUnpacked(deps.store, key, name, (copy) =>
      previewFiles(deps, { ...request, location: copy, format: 'parquet' }, limit, name),
    );
  const answer = await inferFiles(deps, { ...request, location: key }, shown);
  // Only the beginning is read: there an unsound end does no harm, the import finds it.
  const files = { uris: [deps.store.engineUri(key)], gzip: head.gzip };
  const reader = readerText(files, answer.format, answer.options, answer.columns);
  const relation = selectNeeded(reader, {
    columns: answer.columns,
    needed: answer.columns.map((column) => column.name),
  });
  const rows: unknown[][] = [];
  try {
    await deps.engine.query(`SELECT * FROM ${relation} LIMIT ${Math.floor(limit)}`, answer.columns, {
      onBatch: (batch) => {
        rows.push(...batchRows(batch, answer.columns));
      },
    });
  } catch (error) {
    throw renameFile(error, baseName(key), name);
  }
  return { ...answer, rows };
}

async function withUnpacked<T>(
  store: ObjectStore,
  key: string,
  name: string,
  work: (copy: string) => Promise<T>,
): Promise<T> {
  const copy = await unpackedCopy(store, key, name);
  try {
    return await work(copy);
  } finally {
    await store.delete(copy);
  }
}

/** Puts the name that the person knows for the name under which a file is stored. */
export function renameFile(error: unknown, stored: string, shown: string): unknown {
  if (!(error instanceof BoathouseError) || stored === shown || !error.message.includes(stored)) return error;
  return BoathouseError.fromInfo({
    ...error.toInfo(),
    message: error.message.replaceAll(stored, shown),
    detail: error.detail?.replaceAll(stored, shown),
  });
}

function formatOf(name: string, head: FileHead): InferFilesAnswer['format'] {
  if (head.parquet) return 'parquet';
  const plain = name.toLowerCase().replace(/\.gz$/, '');
  if (/\.(csv|tsv|psv)$/.test(plain)) return 'csv';
  if (/\.(json|jsonl|ndjson)$/.test(plain)) return 'json';
  if (/\.parquet$/.test(plain)) return 'parquet';
  if (/\.(txt|log|md)$/.test(plain)) return 'text';
  return /^\s*[[{]/.test(textOf(head)) ? 'json' : 'csv';
}
