import { invariant, type ObjectStore } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { engineUris } from '../log/paths.ts';
import type { DeltaRoom } from '../room.ts';
import { findField } from '../schema/columns.ts';
import { engineType, escapeGlob, identifier, literal } from '../schema/engine.ts';
import { fieldId, type MappingMode, mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { liveRows } from '../stats/file-stats.ts';
import type { RelationOptions, Snapshot } from '../types.ts';
import { hasFingerprint, schemaFingerprint } from '../write/tags.ts';
import { type Deleted, deletedOf } from './deleted.ts';
import type { FooterReader } from './footers.ts';
import { partitionLiteral } from './partition-value.ts';
import { hasLeaf, projection, scanType } from './projection.ts';
import { hasRowIds, metadataColumns, metadataType, type RowMetadata } from './row-metadata.ts';
import type { VectorFiles } from './vector-files.ts';

/** What scans need of a room. */
export interface ScanRoom {
  store: ObjectStore;
  footers: FooterReader;
  vectors: VectorFiles;
}

export const scanOf = (room: DeltaRoom): ScanRoom => ({
  store: room.reader.store,
  footers: room.footers,
  vectors: room.vectors,
});

/** A needed column: what it is called outside, and what it is inside. */
interface Needed {
  as: string;
  field: DeltaField;
  isPartition: boolean;
}

/**
 * DuckDB text of a relation over data files. The Delta schema rules, not the files': columns are found by physical name (or
 * field id), cast to the schema's types, NULL where a file lacks them; partition columns come from the log alone.
 */
export async function relation(
  scan: ScanRoom,
  snapshot: Snapshot,
  files: readonly AddFile[],
  needed: readonly string[],
  options: RelationOptions = {},
): Promise<string> {
  const { store, footers } = scan;
  const mode = mappingMode(snapshot.metadata.configuration);
  const columns = needed.map((name): Needed => {
    const field = findField(snapshot.fields, name);
    if (!field)
      throw deltaErrors.unknownColumn(
        name,
        snapshot.fields.map((known) => known.name),
      );
    return { as: name, field, isPartition: snapshot.metadata.partitionColumns.includes(field.name) };
  });
  const metadata = options.metadata ?? {};
  if (files.length === 0) return emptyRelation(columns, metadata);

  const uris = await engineUris(store, snapshot.location, files);
  const byFile = new Map(files.map((file, index) => [file, uris[index] ?? '']));
  const uri = (file: AddFile) => byFile.get(file) ?? '';
  const readsTime =
    options.timeZone !== 'UTC' &&
    columns.some(({ field, isPartition }) => !isPartition && hasLeaf(field.type, 'timestamp'));
  const naive = readsTime
    ? await footers.naiveTimestamps(
        files,
        uri,
        snapshot.fields.some(({ type }) => hasLeaf(type, 'timestamp_ntz')),
      )
    : new Set<AddFile>();
  const branches: string[] = [];
  const numbers = new Map(files.map((file, index) => [file, options.fileNumbers?.[index] ?? index]));
  for (const isNaive of [false, true]) {
    for (const hasVector of [false, true]) {
      const group = files.filter(
        (file) => naive.has(file) === isNaive && (file.deletionVector !== undefined) === hasVector,
      );
      if (!group.length) continue;
      branches.push(
        branch({
          snapshot,
          files: group,
          numbers: group.map((file) => numbers.get(file) ?? 0),
          uris: group.map(uri),
          columns,
          metadata,
          mode,
          isNaive,
          deleted: hasVector ? await deletedOf(scan, snapshot.location, group) : null,
          zone: options.timeZone ?? 'UTC',
        }),
      );
    }
  }
  return `(${branches.join(' UNION ALL ')})`;
}

function emptyRelation(columns: Needed[], metadata: RowMetadata): string {
  const values = [
    ...columns.map(({ as, field }) => `CAST(NULL AS ${engineType(field.type, field.name)}) AS ${identifier(as)}`),
    ...Object.values(metadata).map((as) => `CAST(NULL AS ${metadataType}) AS ${identifier(as)}`),
  ];
  return `(SELECT ${values.join(', ') || '0 AS "rows"'} WHERE false)`;
}

interface Branch {
  snapshot: Snapshot;
  files: readonly AddFile[];
  /** What the relation calls each of the files. */
  numbers: readonly number[];
  uris: readonly string[];
  columns: readonly Needed[];
  metadata: RowMetadata;
  mode: MappingMode;
  isNaive: boolean;
  deleted: Deleted | null;
  zone: string;
}

/** One scan of files that are alike. Inside, columns are c0, c1, …: a table may have a column called `file_index`. */
function branch(given: Branch): string {
  const { snapshot, files, columns, metadata, isNaive, deleted } = given;
  const { configuration } = snapshot.metadata;
  // Materialised row ids have a name and no field id; files of mode `id` written for the table bear both.
  const mode = given.mode === 'id' && hasRowIds(metadata) ? 'name' : given.mode;
  const scanned = columns.filter(({ field, isPartition }) => !isPartition && !isVoid(field));
  const columnsOfFile = scanned.length ? scanned.map(({ field }) => field) : anyDataField(snapshot);
  const plain = !hasRowIds(metadata) && isPlain(snapshot, files, mode);
  const nameOf = (field: DeltaField) => (plain ? identifier(field.name) : `c${columnsOfFile.indexOf(field)}`);
  const extra = metadataColumns(metadata, files, given.numbers, configuration);
  const rows = files.map(liveRows).reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0);
  const settings = [
    'hive_partitioning = false',
    ...(plain ? [] : schemaSetting(columnsOfFile, extra.scanned, mode, isNaive)),
    // The order of joins hangs on it; what the footers say is not asked where a schema is given.
    ...(rows ? [`explicit_cardinality = ${rows}`] : []),
  ];
  const source = `read_parquet([${given.uris.map((uri) => literal(escapeGlob(uri))).join(', ')}], ${settings.join(', ')})`;
  const selected = columns.map(({ as, field, isPartition }) => {
    const type = engineType(field.type, field.name);
    if (isPartition)
      return `${partitionColumn(files, field, physicalName(field, mode), type, given.zone)} AS ${identifier(as)}`;
    if (isVoid(field)) return `NULL AS ${identifier(as)}`;
    // The engine leaves out casts to the type that a value has: they only tell files that somebody put in the place of ours.
    if (plain) return `CAST(${nameOf(field)} AS ${type}) AS ${identifier(as)}`;
    return `${projection(nameOf(field), field.type, mode, isNaive)} AS ${identifier(as)}`;
  });
  const filter = deleted?.condition ? ` WHERE ${deleted.condition}` : '';
  const values = [...selected, ...extra.selected].join(', ') || '0 AS "rows"';
  return `SELECT ${values} FROM ${source} AS scan${deleted?.join ?? ''}${filter}`;
}

/** Columns by physical name (or field id) with the table's types, under names that cannot meet the engine's own. */
function schemaSetting(
  fields: readonly DeltaField[],
  more: readonly string[],
  mode: MappingMode,
  isNaive: boolean,
): string[] {
  if (!fields.length && !more.length) return [];
  const byId = mode === 'id' && fields.every((field) => fieldId(field) !== null);
  const entries = fields.map((field, index) => {
    const key = byId ? String(fieldId(field)) : literal(physicalName(field, mode));
    return `${key}: {name: 'c${index}', type: ${literal(scanType(field, mode, isNaive))}, default_value: NULL}`;
  });
  return [`schema = MAP {${[...entries, ...more].join(', ')}}`];
}

/** Columns of a scan that the engine adds itself. */
const engineColumns = new Set(['filename', 'file_index', 'file_row_number']);

/** Whether we wrote all of the files with the table's present columns: they can be read as they are. */
function isPlain(snapshot: Snapshot, files: readonly AddFile[], mode: MappingMode): boolean {
  if (mode !== 'none' || snapshot.fields.some(({ name }) => engineColumns.has(name.toLowerCase()))) return false;
  const fingerprint = schemaFingerprint(
    snapshot.fields.filter(({ name }) => !snapshot.metadata.partitionColumns.includes(name)),
  );
  return files.every((file) => hasFingerprint(file, fingerprint));
}

const isVoid = (field: DeltaField): boolean => field.type.kind === 'leaf' && field.type.type.kind === 'void';

/** Where only rows count, one column stands for the schema: files that lack it still give their rows. */
function anyDataField(snapshot: Snapshot): DeltaField[] {
  const field = snapshot.fields.find(
    (candidate) => !snapshot.metadata.partitionColumns.includes(candidate.name) && !isVoid(candidate),
  );
  return field ? [field] : [];
}

function partitionColumn(
  files: readonly AddFile[],
  field: DeltaField,
  name: string,
  type: string,
  zone: string,
): string {
  invariant(field.type.kind === 'leaf', 'a partition column is a leaf');
  const leaf = field.type.type;
  const values = files.map((file) => partitionLiteral(file.partitionValues[name], leaf, zone));
  const first = values[0]!;
  if (values.every((value) => value === first)) return `CAST(${first} AS ${type})`;
  return `(CAST([${values.join(', ')}] AS ${type}[]))[scan.file_index::BIGINT + 1]`;
}
