import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type Column,
  type DataType,
  invariant,
  type ObjectInfo,
  type ObjectStore,
  type ObjectWriter,
  parseType,
} from '@boathouse/contracts';
import { type RecordBatch, RecordBatchReader } from 'apache-arrow';
import { batchRows } from '../arrow/decode.ts';
import { columnsOf } from '../arrow/schema.ts';
import type { Engine } from '../engine.ts';
import { duckType, quoteName, quoteText } from '../engine-duckdb/types.ts';
import { STAGING_PREFIX } from '../files/gzip.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/** Writes a stored result as one file to the key `target`. Rows keep their order. Throws OBJECT_NOT_FOUND (expired). */
export async function exportResult(
  deps: { engine: Engine; store: ObjectStore },
  key: string,
  format: 'csv' | 'parquet',
  target: string,
): Promise<{ sizeBytes: number }> {
  const info = format === 'csv' ? await exportCsv(deps.store, key, target) : await exportParquet(deps, key, target);
  return { sizeBytes: info.sizeBytes };
}

async function* pieces(store: ObjectStore, key: string): AsyncGenerator<Uint8Array> {
  const size = (await store.head(key))?.sizeBytes ?? PIECE_BYTES;
  for (let at = 0; at < size; at += PIECE_BYTES) yield await store.getRange(key, at, Math.min(PIECE_BYTES, size - at));
}

/** Opens a stored result batch by batch. */
async function openResult(
  store: ObjectStore,
  key: string,
): Promise<{ columns: Column[]; batches: AsyncIterable<RecordBatch> }> {
  const reader = await RecordBatchReader.from(pieces(store, key));
  await reader.open();
  return { columns: columnsOf(reader.schema), batches: reader as AsyncIterable<RecordBatch> };
}

async function written(
  store: ObjectStore,
  key: string,
  work: (writer: ObjectWriter) => Promise<void>,
): Promise<ObjectInfo> {
  const writer = await store.writer(key);
  try {
    await work(writer);
    return await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

async function exportCsv(store: ObjectStore, key: string, target: string): Promise<ObjectInfo> {
  const { columns, batches } = await openResult(store, key);
  return written(store, target, async (writer) => {
    const encoder = new TextEncoder();
    await writer.write(encoder.encode(`${columns.map((column) => csvField(column.name)).join(',')}\r\n`));
    for await (const batch of batches) {
      const lines = batchRows(batch, columns).map((row) => row.map(csvField).join(','));
      await writer.write(encoder.encode(`${lines.join('\r\n')}\r\n`));
    }
  });
}

/** RFC 4180. NULL is nothing, an empty text is `""`; nested values are JSON. */
function csvField(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : Object.is(value, -0) ? '-0.0' : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows go to the engine as JSON lines whose leaves are text: every Spark type has an exact cast from its wire text. */
async function exportParquet(
  { engine, store }: { engine: Engine; store: ObjectStore },
  key: string,
  target: string,
): Promise<ObjectInfo> {
  const staging = `${STAGING_PREFIX}${randomUUID()}`;
  const stage = await store.stage();
  try {
    const { columns, batches } = await openResult(store, key);
    const types = columns.map((column) => parseType(column.type));
    await written(store, staging, async (writer) => {
      for await (const batch of batches) {
        const lines = batchRows(batch, columns).map((row) =>
          JSON.stringify(Object.fromEntries(row.map((value, i) => [`c${i}`, leaves(value, types[i]!)]))),
        );
        await writer.write(new TextEncoder().encode(`${lines.join('\n')}\n`));
      }
    });
    const names = distinctNames(columns);
    const select = types.map((type, i) => `${fromText(`c${i}`, type)} AS ${quoteName(names[i]!)}`);
    const read = `read_json(${quoteText(store.engineUri(staging))}, format = 'newline_delimited', columns = {${types.map((type, i) => `c${i}: ${quoteText(textType(type))}`).join(', ')}})`;
    const file = join(stage.folder, 'result.parquet');
    await engine.rows(
      `COPY (SELECT ${select.join(', ')} FROM ${read}) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await store.delete(target);
    await stage.publish(file, target);
    const info = await store.head(target);
    invariant(info, 'a published object exists');
    return info;
  } finally {
    await store.delete(staging);
    await stage.discard();
  }
}

/** Parquet's columns must differ by more than case: later ones get a number. */
function distinctNames(columns: readonly Column[]): string[] {
  const seen = new Set<string>();
  return columns.map(({ name }) => {
    let unique = name;
    for (let n = 2; seen.has(unique.toLowerCase()); n++) unique = `${name}_${n}`;
    seen.add(unique.toLowerCase());
    return unique;
  });
}

/** A wire value with every leaf as text; maps as lists of {k, v}, structs as objects by field number. */
function leaves(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (!Array.isArray(value)) return Object.is(value, -0) ? '-0.0' : String(value);
  switch (type.kind) {
    case 'array':
      return value.map((item) => leaves(item, type.element));
    case 'map':
      return value.map((pair: unknown[]) => ({ k: leaves(pair[0], type.key), v: leaves(pair[1], type.value) }));
    case 'struct':
      return Object.fromEntries(type.fields.map((field, i) => [`f${i}`, leaves(value[i], field.type)]));
    default:
      return String(value);
  }
}

function textType(type: DataType): string {
  switch (type.kind) {
    case 'array':
      return `${textType(type.element)}[]`;
    case 'map':
      return `STRUCT(k ${textType(type.key)}, v ${textType(type.value)})[]`;
    case 'struct':
      return `STRUCT(${type.fields.map((field, i) => `f${i} ${textType(field.type)}`).join(', ')})`;
    default:
      return 'VARCHAR';
  }
}

/** Engine text that turns the text form back into the type. */
function fromText(text: string, type: DataType, depth = 0): string {
  const x = `x${depth}`;
  switch (type.kind) {
    case 'array':
      return `list_transform(${text}, lambda ${x}: ${fromText(x, type.element, depth + 1)})`;
    case 'map':
      return `map_from_entries(list_transform(${text}, lambda ${x}: {'k': ${fromText(`${x}.k`, type.key, depth + 1)}, 'v': ${fromText(`${x}.v`, type.value, depth + 1)}}))`;
    case 'struct':
      return `CASE WHEN ${text} IS NOT NULL THEN {${type.fields.map((field, i) => `${quoteText(field.name)}: ${fromText(`${text}.f${i}`, field.type, depth)}`).join(', ')}} END`;
    case 'binary':
      return `from_hex(${text})`;
    case 'interval':
    case 'calendar_interval':
    case 'variant':
    case 'void':
      return text;
    default:
      return `CAST(${text} AS ${duckType(type)})`;
  }
}
