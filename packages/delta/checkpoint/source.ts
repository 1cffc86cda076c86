import type { TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import { deltaErrors } from '../errors.ts';
import type { LogReader } from '../log/read.ts';
import { escapeGlob, identifier, literal } from '../schema/engine.ts';

/** Kinds of PROTOCOL.md "Checkpoint Schema" with the leaf that every action of the kind has: NULL where a row is another. */
export const kindLeaves = {
  protocol: 'minReaderVersion',
  metaData: 'id',
  txn: 'appId',
  domainMetadata: 'domain',
  sidecar: 'path',
  add: 'path',
  remove: 'path',
} as const;
export type CheckpointKind = keyof typeof kindLeaves;

/** A row group of one of the files: rows from `first` on, with how many actions of each kind (null: not told). */
interface RowGroup {
  file: number;
  first: number;
  rows: number;
  counts: Map<string, number | null>;
}

/** Parquet files of a checkpoint (all parts, or all sidecars) as one relation with `file_index` and `file_row_number`. */
export interface CheckpointSource {
  readonly engine: TableEngine;
  readonly keys: readonly string[];
  readonly uris: readonly string[];
  readonly relation: string;
  readonly kinds: ReadonlySet<string>;
  /** Fields of `add`. */
  readonly addFields: ReadonlySet<string>;
  readonly removeFields: ReadonlySet<string>;
  readonly groups: readonly RowGroup[];
  readonly rows: number;
}

const Described = z.array(z.object({ column_name: z.string() }));
const wide = z.union([z.bigint(), z.number()]).transform(Number);
const Footer = z.array(
  z.object({
    file_name: z.string(),
    row_group_id: wide,
    row_group_num_rows: wide,
    path_in_schema: z.string(),
    num_values: wide,
    stats_null_count: wide.nullable(),
  }),
);

const relationOf = (uris: readonly string[]): string =>
  `read_parquet([${uris.map((uri) => literal(escapeGlob(uri))).join(', ')}], hive_partitioning = false, file_row_number = true${uris.length > 1 ? ', union_by_name = true' : ''})`;

/** Looks at the footers only. Throws DELTA_LOG_CORRUPT naming the first file. */
export async function openSource({ store, engine }: LogReader, keys: readonly string[]): Promise<CheckpointSource> {
  await store.localise(keys);
  return openFiles(
    engine,
    keys.map((key) => store.engineUri(key)),
    keys,
  );
}

/** `keys`: what the files are called in errors. */
export async function openFiles(
  engine: TableEngine,
  uris: readonly string[],
  keys: readonly string[],
): Promise<CheckpointSource> {
  const relation = relationOf(uris);
  return reading(keys[0] ?? '', async () => {
    const names = await described(engine, `SELECT * FROM ${relation}`);
    const kinds = new Set(Object.keys(kindLeaves).filter((kind) => names.has(kind)));
    const fieldsOf = async (kind: string) =>
      kinds.has(kind) ? described(engine, `SELECT ${identifier(kind)}.* FROM ${relation}`) : new Set<string>();
    const [addFields, removeFields] = [await fieldsOf('add'), await fieldsOf('remove')];
    const groups = await footers(engine, uris);
    return {
      engine,
      keys,
      uris,
      relation,
      kinds,
      addFields,
      removeFields,
      groups,
      rows: groups.reduce((sum, { rows }) => sum + rows, 0),
    };
  });
}

/** What the engine says of a file that it cannot read, as an error of the log. */
export async function reading<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : 'unknown error';
    throw deltaErrors.corrupt(key, `the engine cannot read it (${why})`);
  }
}

async function described(engine: TableEngine, select: string): Promise<Set<string>> {
  return new Set(Described.parse(await engine.rows(`DESCRIBE ${select}`)).map(({ column_name }) => column_name));
}

/** Paths of leaves whose NULLs the footers count. */
const counted = [
  ...Object.entries(kindLeaves).map(([kind, leaf]) => `${kind}, ${leaf}`),
  'add, stats',
  'add, stats_parsed, numRecords',
];

async function footers(engine: TableEngine, uris: readonly string[]): Promise<RowGroup[]> {
  const rows = Footer.parse(
    await engine.rows(
      `SELECT file_name, row_group_id, row_group_num_rows, path_in_schema, num_values, stats_null_count
       FROM parquet_metadata([${uris.map((uri) => literal(escapeGlob(uri))).join(', ')}])
       WHERE path_in_schema IN (${counted.map(literal).join(', ')}) ORDER BY file_name, row_group_id`,
    ),
  );
  const files = new Map(uris.map((uri, index) => [uri, index]));
  const groups = new Map<string, RowGroup>();
  const next = new Map<number, number>();
  for (const row of rows) {
    const file = files.get(row.file_name) ?? 0;
    const id = `${file}/${row.row_group_id}`;
    let group = groups.get(id);
    if (!group) {
      const first = next.get(file) ?? 0;
      group = { file, first, rows: row.row_group_num_rows, counts: new Map() };
      next.set(file, first + row.row_group_num_rows);
      groups.set(id, group);
    }
    group.counts.set(
      row.path_in_schema,
      row.stats_null_count === null ? null : Math.max(0, row.num_values - row.stats_null_count),
    );
  }
  return [...groups.values()];
}

/** Rows whose leaf (`add, path`) is not NULL, by the footers; null where they do not say. */
export function countOf(source: CheckpointSource, leaf: string): number | null {
  let sum = 0;
  for (const { counts } of source.groups) {
    const count = counts.get(leaf);
    if (count === null) return null;
    sum += count ?? 0;
  }
  return sum;
}

/** JSON text of all actions of a kind: only the row groups that hold some are read. */
export async function kindTexts(source: CheckpointSource, kind: CheckpointKind): Promise<string[]> {
  if (!source.kinds.has(kind)) return [];
  const leaf = `${kind}, ${kindLeaves[kind]}`;
  const holding = source.groups.filter(({ counts }) => counts.get(leaf) !== 0);
  if (!holding.length) return [];
  const everywhere = holding.length === source.groups.length;
  const ranges = holding.map(
    ({ file, first, rows }) =>
      `(scan.file_index = ${file} AND scan.file_row_number BETWEEN ${first} AND ${first + rows - 1})`,
  );
  const column = `scan.${identifier(kind)}`;
  const value = kind === 'add' ? addText(source) : `to_json(${column})::VARCHAR`;
  const rows = await reading(source.keys[0] ?? '', () =>
    source.engine.rows(
      `SELECT ${value} AS "text" FROM ${source.relation} AS scan
       WHERE ${column}.${identifier(kindLeaves[kind])} IS NOT NULL${everywhere ? '' : ` AND (${ranges.join(' OR ')})`}`,
    ),
  );
  return rows.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
}

const plainAddFields = [
  'path',
  'partitionValues',
  'size',
  'modificationTime',
  'dataChange',
  'tags',
  'deletionVector',
  'baseRowId',
  'defaultRowCommitVersion',
  'clusteringProvider',
  'stats',
];

/** Whether some files have their statistics as a struct only. */
export function needsStructStats(source: CheckpointSource): boolean {
  if (!source.addFields.has('stats_parsed')) return false;
  if (!source.addFields.has('stats')) return true;
  const [files, texts] = [countOf(source, 'add, path'), countOf(source, 'add, stats')];
  return files === null || texts === null || texts < files;
}

/** Engine expression: an `add` as JSON text. Struct statistics come along only where JSON ones are missing: they are wide. */
export function addText(source: CheckpointSource): string {
  const fields = plainAddFields.filter((name) => source.addFields.has(name));
  const members = fields.map((name) => `${literal(name)}: scan."add".${identifier(name)}`);
  if (needsStructStats(source)) {
    const parsed = 'scan."add".stats_parsed';
    members.push(
      `'stats_parsed': ${source.addFields.has('stats') ? `CASE WHEN scan."add".stats IS NULL THEN ${parsed} END` : parsed}`,
    );
  }
  return `to_json({${members.join(', ')}})::VARCHAR`;
}
