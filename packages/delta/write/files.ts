import { join } from 'node:path';
import type { EngineStage, ExpressionCompiler, ObjectStore, TableEngine } from '@boathouse/contracts';
import { invariant } from '@boathouse/contracts';
import { stringifyLossless } from '../actions/json.ts';
import type { AddFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { encodePath, fileKey } from '../log/paths.ts';
import { materializesPartitions } from '../protocol/compat.ts';
import type { DeltaRoom } from '../room.ts';
import { hasLeaf } from '../scan/projection.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { statsOf, type WrittenFile, writtenFile } from '../stats/collect.ts';
import { indexedColumns } from '../stats/indexed.ts';
import { type Check, checkError, checksOf } from './checks.ts';
import { advancedFields, compilerFor, filled } from './fill.ts';
import { partitionFolder, partitionText } from './partition-path.ts';
import { codecOf, copyStatement, type Layout, layoutOf } from './select.ts';
import type { TableShape } from './shape.ts';
import { ownTags, schemaFingerprint } from './tags.ts';

export interface FileWriter {
  store: ObjectStore;
  engine: TableEngine;
  clock: () => number;
  ids: () => string;
  compiler?: ExpressionCompiler;
}

/** The writer of a room; `engine` is the session's own connection, where the work is to be interruptible. */
export const writerOf = (room: DeltaRoom, engine?: TableEngine): FileWriter => ({
  store: room.reader.store,
  engine: engine ?? room.reader.engine,
  clock: room.clock,
  ids: room.ids,
  ...(room.compiler ? { compiler: room.compiler } : {}),
});

export interface WriteOptions {
  /** Folder inside of the table, ending in '/': `_change_data/` for change files, whose names begin with `cdc-`. */
  folder?: string;
  /** Columns of the relation outside of the table's schema, with engine types: materialised row ids, `_change_type`. */
  extraColumns?: readonly { name: string; type: string }[];
  /** False for rows that were checked when they were first written (rewrites). Default true. */
  check?: boolean;
  /**
   * Fill columns that the relation lacks: by default, generation expression or identity, else NULL. With false the relation
   * must have every column. Default: where the table has such columns.
   */
  fill?: boolean;
  /** Names of the relation's columns, where they are known. */
  given?: readonly string[];
  /** Rows bring values of GENERATED ALWAYS identity columns that were given out before (an update). Default false. */
  explicitIdentity?: boolean;
  /** Further rules of this write, over `target."a"`; also where `check` is false. */
  checks?: readonly Check[];
  /** Engine expressions over the table's columns (`"a"`): rows lie in this order. */
  orderBy?: readonly string[];
  /** Bytes; by default `delta.targetFileSize`, else 256 MB. */
  targetFileSize?: number;
}

/** The option of a request that may know its rows' columns. */
export const given = (request: { given?: readonly string[] }): Pick<WriteOptions, 'given'> =>
  request.given ? { given: request.given } : {};

export interface WrittenFiles {
  adds: AddFile[];
  /**
   * The schema with the new high-water marks of its identity columns, where values were generated: the commit must carry it
   * as metadata (`metadataWith(snapshot.metadata, fields)`), or the values will be given out again.
   */
  fields?: readonly DeltaField[];
}

const PUBLISHED_AT_ONCE = 16;

/**
 * Writes a relation (a SELECT, or a parenthesised relation, with the table's columns by their logical names) into new data
 * files of a table, statistics in the same pass. Nothing is visible before a commit. Throws
 * DELTA_NOT_NULL_CONSTRAINT_VIOLATED, DELTA_VIOLATE_CONSTRAINT_WITH_VALUES, DELTA_EXCEED_CHAR_VARCHAR_LIMIT; nothing stays.
 */
export async function writeFiles(
  writer: FileWriter,
  shape: TableShape,
  relationSql: string,
  options: WriteOptions = {},
): Promise<WrittenFiles> {
  const layout = layoutOf(shape);
  const compile = compilerFor(shape, writer.compiler);
  const rows = await filled(writer.engine, shape, relationSql, options, compile);
  const own = options.check === false ? [] : checksOf(shape, rows.generated, compile);
  const checks = [...own, ...(options.checks ?? [])];
  const stage = await writer.store.stage();
  try {
    const copied = await writer.engine
      .rows(copyStatement(join(stage.folder, 'data'), shape, layout, rows.sql, checks, options))
      .catch((error: unknown) => {
        throw checkError(error, checks) ?? error;
      });
    const written = copied.map(writtenFile).filter((file) => file.rows > 0);
    if (options.check !== false) checkNotNull(written, layout);
    const adds = await publishAll(writer, stage, shape, layout, written, options);
    const fields = advancedFields(shape, rows, written, layout.nameOf);
    return fields ? { adds, fields } : { adds };
  } finally {
    await stage.discard();
  }
}

function checkNotNull(written: readonly WrittenFile[], { stored, partitions, nameOf }: Layout): void {
  for (const field of [...stored, ...partitions]) {
    if (field.nullable || field.type.kind !== 'leaf') continue;
    const { type } = field;
    const name = nameOf(field);
    const holdsNull = partitions.includes(field)
      ? (file: WrittenFile) => partitionText(file.partitionKeys.get(name) ?? null, type.type) === null
      : (file: WrittenFile) => file.leaves.get(name)?.nullCount !== 0;
    if (written.some(holdsNull)) throw deltaErrors.notNull(field.name);
  }
}

async function publishAll(
  writer: FileWriter,
  stage: EngineStage,
  shape: TableShape,
  { stored, partitions, nameOf }: Layout,
  written: readonly WrittenFile[],
  options: WriteOptions,
): Promise<AddFile[]> {
  const mode = mappingMode(shape.configuration);
  const indexed = indexedColumns(shape);
  // Files that must be read by the schema, and not as they are, are our own too, but no fingerprint speaks for them.
  const isPlain =
    mode === 'none' &&
    !options.extraColumns?.length &&
    !materializesPartitions(shape.configuration, shape.protocol) &&
    !stored.some((field) => hasLeaf(field.type, 'variant'));
  const tags = ownTags(isPlain ? schemaFingerprint(stored) : '');
  const folder = options.folder ?? '';
  const prefix = folder.startsWith('_change_data/') ? 'cdc' : 'part';
  const publishOne = async (file: WrittenFile, index: number): Promise<AddFile> => {
    const values = partitions.map((field): [string, string | null] => {
      invariant(field.type.kind === 'leaf', 'a partition column is a leaf');
      return [nameOf(field), partitionText(file.partitionKeys.get(nameOf(field)) ?? null, field.type.type)];
    });
    const id = writer.ids();
    const name = `${prefix}-${String(index).padStart(5, '0')}-${id}.c000.${codecOf(shape)}.parquet`;
    const path = `${folder}${randomPrefix(shape, id) ?? partitionFolder(values)}${name}`;
    const isNew = await stage.publish(file.path, `${shape.location}/${path}`);
    invariant(isNew, 'a data file has a name of its own');
    return {
      path: encodePath(path),
      partitionValues: Object.fromEntries(values),
      size: file.sizeBytes,
      modificationTime: writer.clock(),
      dataChange: true,
      stats: stringifyLossless(statsOf(file, stored, indexed, (field) => physicalName(field, mode))),
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

/** `delta.randomizeFilePrefixes`: a folder by chance instead of the partition's, so that stores spread the files. */
function randomPrefix({ configuration }: TableShape, id: string): string | null {
  if (configuration['delta.randomizeFilePrefixes']?.toLowerCase() !== 'true') return null;
  return `${id.replaceAll('-', '').slice(0, Number(configuration['delta.randomPrefixLength'] ?? 2))}/`;
}

/** Removes files of a write that will not be committed. */
export async function discardFiles(
  store: ObjectStore,
  location: string,
  files: readonly { path: string }[],
): Promise<void> {
  const root = store.uri(location);
  for (const file of files) await store.delete(fileKey(location, file.path, root));
}
