import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Column, type DataType, parseType, userError } from '@boathouse/contracts';
import { batchRows, END_OF_STREAM, quoteText, streamEncoder } from '@boathouse/engine';
import type { RecordBatch } from 'apache-arrow';
import { UsageError } from '../arguments.ts';
import { csvField, formatRows } from '../format.ts';
import { jsonRow, plainText } from './json.ts';
import type { OpenTable } from './open.ts';

export const rowFormats = ['table', 'json', 'csv', 'parquet', 'arrow'] as const;
export type RowFormat = (typeof rowFormats)[number];

/** A query's rows on their way out. */
export interface Output {
  sql: string;
  columns: readonly Column[];
  format: RowFormat;
  /** A file; by default standard output. */
  out?: string;
}

const numeric = /^(tinyint|smallint|int|bigint|float|double|decimal)/;

/** Takes text or bytes for standard output; what it returns is awaited before more comes. */
export type Print = (text: string | Uint8Array) => unknown;

/** Writes all rows of a query, batch by batch: a table's rows are never all in memory, except those of a printed table. */
export async function writeRows(table: OpenTable, output: Output, print: Print): Promise<void> {
  const { format, out } = output;
  const isBinary = format === 'parquet' || format === 'arrow';
  if (isBinary && out === undefined && process.stdout.isTTY)
    throw new UsageError(`A terminal cannot show ${format}. Add --out FILE, or send the output elsewhere.`);
  const pieces = format === 'parquet' ? await parquetPieces(table, output) : piecesOf(table, output);
  if (out !== undefined) return toFile(out, pieces);
  for await (const piece of pieces) await print(piece);
}

/** Bytes or texts of the output. Batches come from the engine while the ones before are written. */
async function* piecesOf({ engine }: OpenTable, { sql, columns, format }: Output): AsyncGenerator<string | Uint8Array> {
  const types = columns.map(({ type }) => parseType(type));
  switch (format) {
    case 'json': {
      let first = true;
      for await (const batch of batches(engine, sql, columns)) {
        for (const row of batchRows(batch, columns)) {
          yield `${first ? '[\n' : ',\n'}  ${jsonRow(row, columns, types)}`;
          first = false;
        }
      }
      yield first ? '[]\n' : '\n]\n';
      return;
    }
    case 'csv':
      yield `${columns.map(({ name }) => csvField(name)).join(',')}\n`;
      for await (const batch of batches(engine, sql, columns))
        yield batchRows(batch, columns)
          .map((row) => `${row.map((value, index) => csvText(value, types[index])).join(',')}\n`)
          .join('');
      return;
    case 'arrow': {
      const encoder = streamEncoder(columns);
      yield encoder.schemaBytes;
      for await (const batch of batches(engine, sql, columns)) yield encoder.batch(batch);
      yield END_OF_STREAM;
      return;
    }
    default: {
      const rows: (string | null)[][] = [];
      for await (const batch of batches(engine, sql, columns)) {
        for (const row of batchRows(batch, columns))
          rows.push(row.map((value, index) => plainText(value, types[index] ?? { kind: 'string' })));
      }
      const shown = columns.map(({ name, type }) => ({ name, numeric: numeric.test(type) }));
      yield formatRows({ columns: shown, rows }, 'table');
    }
  }
}

/** NULL is nothing, an empty text is quoted. */
function csvText(value: unknown, type: DataType = { kind: 'string' }): string {
  const text = plainText(value, type);
  return text === null ? '' : text === '' ? '""' : csvField(text);
}

/** The engine hands batches over by a callback that it awaits; here they come when they are asked for. */
async function* batches(
  engine: OpenTable['engine'],
  sql: string,
  columns: readonly Column[],
): AsyncGenerator<RecordBatch> {
  const stream = new Readable({ objectMode: true, highWaterMark: 1, read: () => resume?.() });
  let resume: (() => void) | null = null;
  const done = engine
    .query(sql, columns, {
      onBatch: (batch) =>
        new Promise<boolean>((accept) => {
          if (stream.destroyed) return accept(false);
          resume = () => {
            resume = null;
            accept(!stream.destroyed);
          };
          stream.once('close', () => accept(false));
          if (stream.push(batch)) resume?.();
        }),
    })
    .then(
      () => stream.push(null),
      (error: Error) => stream.destroy(error),
    );
  yield* stream;
  await done;
}

/** The engine writes Parquet itself, to a file of its own. */
async function parquetPieces({ engine, temporary }: OpenTable, { sql }: Output): Promise<AsyncIterable<Uint8Array>> {
  const file = join(temporary, 'rows.parquet');
  await engine.rows(`COPY (${sql}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`);
  return createReadStream(file);
}

/** A file that could not be written wholly is not left behind. */
async function toFile(out: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const path = resolve(out);
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await pipeline(pieces, createWriteStream(unfinished));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw unwritable(error, out) ?? error;
  }
}

/** Why a file cannot be written, for what a person can do something about. */
function unwritable(error: unknown, out: string): Error | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const why: Record<string, string> = {
    ENOENT: 'its folder is not there. Make the folder, or name another file.',
    ENOTDIR: 'its folder is a file. Name another file.',
    EISDIR: 'it is a folder. Name a file.',
    EACCES: 'you may not write there. Name another file, or ask for the right.',
    EROFS: 'the disk is read-only. Name another file.',
    ENOSPC: 'the disk is full. Free some space, or name another file.',
  };
  const found = typeof code === 'string' ? why[code] : undefined;
  return found ? userError('OUTPUT_NOT_WRITTEN', `${out} cannot be written: ${found}`) : null;
}
