import { join } from 'node:path';
import type { EngineStage, ObjectStore, TableEngine } from '@boathouse/contracts';
import { invariant } from '@boathouse/contracts';
import { stringifyLossless } from '../actions/json.ts';
import type { AddFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { encodePath, fileKey } from '../log/paths.ts';
import { fieldsOf, partitionColumnsOf } from '../schema/columns.ts';
import { engineType, identifier, literal } from '../schema/engine.ts';
import type { DeltaField } from '../schema/types.ts';
import { statsOf, type WrittenFile, writtenFile } from '../stats/collect.ts';
import type { WriteFilesTarget } from '../types.ts';
import { partitionFolder, partitionText } from './partition-path.ts';
import { ownTags, schemaFingerprint } from './tags.ts';

export interface FileWriter {
  store: ObjectStore;
  engine: TableEngine;
  clock: () => number;
  ids: () => string;
}

/** Large enough that a scan is not all footers, small enough that a rewrite is not all table. */
const TARGET_FILE_SIZE = '256MB';
/** Spark's default for `delta.dataSkippingNumIndexedCols`. */
const INDEXED_COLUMNS = 32;
const PUBLISHED_AT_ONCE = 16;
const NOT_NULL_MARK = 'boathouse not null: ';

/** Writes a relation into new data files of a table, statistics in the same pass. Nothing is visible before a commit. */
export async function writeFiles(
  writer: FileWriter,
  target: WriteFilesTarget,
  relationSql: string,
): Promise<AddFile[]> {
  const fields = fieldsOf(target.columns);
  const partitions = partitionColumnsOf(fields, target.partitionColumns).map(
    (name) => fields.find((field) => field.name === name)!,
  );
  const stage = await writer.store.stage();
  try {
    const rows = await writer.engine
      .rows(copyStatement(stage.folder, fields, partitions, relationSql))
      .catch((error: unknown) => {
        throw notNullError(error) ?? error;
      });
    const written = rows.map(writtenFile).filter((file) => file.rows > 0);
    checkNotNull(written, fields, partitions);
    return await publishAll(writer, stage, target, fields, partitions, written);
  } finally {
    await stage.discard();
  }
}

function copyStatement(
  folder: string,
  fields: readonly DeltaField[],
  partitions: readonly DeltaField[],
  relationSql: string,
): string {
  const selected = fields.map((field) => {
    const value = `CAST(${identifier(field.name)} AS ${engineType(field.type, field.name)})`;
    // What the engine counts of nested columns are their elements: only here is the column itself seen.
    const checked =
      field.nullable || field.type.kind === 'leaf'
        ? value
        : `CASE WHEN ${identifier(field.name)} IS NULL THEN error(${literal(NOT_NULL_MARK + field.name)}) ELSE ${value} END`;
    return `${checked} AS ${identifier(field.name)}`;
  });
  const options = ['FORMAT parquet', 'COMPRESSION zstd', 'RETURN_STATS', "FILENAME_PATTERN 'part-{uuid}'"];
  if (partitions.length)
    options.push(
      `PARTITION_BY (${partitions.map((field) => identifier(field.name)).join(', ')})`,
      'WRITE_PARTITION_COLUMNS false',
    );
  else options.push(`FILE_SIZE_BYTES '${TARGET_FILE_SIZE}'`);
  return `COPY (SELECT ${selected.join(', ')} FROM (${relationSql}) AS source) TO ${literal(join(folder, 'data'))} (${options.join(', ')})`;
}

function notNullError(error: unknown): Error | null {
  const found = error instanceof Error ? new RegExp(`${NOT_NULL_MARK}(.*)`).exec(error.message) : null;
  return found ? deltaErrors.notNull(found[1]!) : null;
}

function checkNotNull(
  written: readonly WrittenFile[],
  fields: readonly DeltaField[],
  partitions: readonly DeltaField[],
): void {
  for (const field of fields) {
    if (field.nullable || field.type.kind !== 'leaf') continue;
    const { name, type } = field;
    const holdsNull = partitions.includes(field)
      ? (file: WrittenFile) => partitionText(file.partitionKeys.get(name) ?? null, type.type) === null
      : (file: WrittenFile) => file.leaves.get(name)?.nullCount !== 0;
    if (written.some(holdsNull)) throw deltaErrors.notNull(name);
  }
}

async function publishAll(
  writer: FileWriter,
  stage: EngineStage,
  target: WriteFilesTarget,
  fields: readonly DeltaField[],
  partitions: readonly DeltaField[],
  written: readonly WrittenFile[],
): Promise<AddFile[]> {
  const indexed = Number(target.properties?.['delta.dataSkippingNumIndexedCols'] ?? INDEXED_COLUMNS);
  const inFile = fields.filter((field) => !partitions.includes(field));
  const tags = ownTags(schemaFingerprint(inFile));
  const publishOne = async (file: WrittenFile, index: number): Promise<AddFile> => {
    const values = partitions.map((field): [string, string | null] => {
      invariant(field.type.kind === 'leaf', 'a partition column is a leaf');
      return [field.name, partitionText(file.partitionKeys.get(field.name) ?? null, field.type.type)];
    });
    const path = `${partitionFolder(values)}part-${String(index).padStart(5, '0')}-${writer.ids()}.c000.zstd.parquet`;
    const isNew = await stage.publish(file.path, `${target.location}/${path}`);
    invariant(isNew, 'a data file has a name of its own');
    return {
      path: encodePath(path),
      partitionValues: Object.fromEntries(values),
      size: file.sizeBytes,
      modificationTime: writer.clock(),
      dataChange: true,
      stats: stringifyLossless(statsOf(file, inFile, indexed)),
      tags,
    };
  };
  // Most of publishing is waiting for the device: a few at a time, and in order.
  const adds: AddFile[] = [];
  for (let start = 0; start < written.length; start += PUBLISHED_AT_ONCE) {
    const group = written.slice(start, start + PUBLISHED_AT_ONCE);
    adds.push(...(await Promise.all(group.map((file, index) => publishOne(file, start + index)))));
  }
  return adds;
}

/** Removes files of a write that will not be committed. */
export async function discardFiles(store: ObjectStore, location: string, files: readonly AddFile[]): Promise<void> {
  const root = store.engineUri(location);
  for (const file of files) await store.delete(fileKey(location, file.path, root));
}
