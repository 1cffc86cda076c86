import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { stringifyLossless } from '../actions/json.ts';
import { retentionMs } from '../protocol/properties.ts';
import { literal } from '../schema/engine.ts';
import { rowId } from '../snapshot/bounds.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { countOf } from './source.ts';
import { castStruct, partitionStruct, statsJson, statsStruct, structLeaves } from './stats-struct.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;
const ROWS_IN_TEXT = 20_000;
const LINES_A_WRITE = 2000;
const LEAST_LINE = 1024 * 1024;

const map = 'MAP(VARCHAR, VARCHAR)';
const vector =
  'STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, "offset" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)';
/** PROTOCOL.md "Checkpoint Schema". Other readers are picky about these types: integers of log and DV have their widths. */
const smallTypes = {
  protocol:
    'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  metaData: `STRUCT(id VARCHAR, "name" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, "options" ${map}), schemaString VARCHAR, partitionColumns VARCHAR[], "configuration" ${map}, createdTime BIGINT)`,
  txn: 'STRUCT(appId VARCHAR, "version" BIGINT, lastUpdated BIGINT)',
  domainMetadata: 'STRUCT("domain" VARCHAR, "configuration" VARCHAR, removed BOOLEAN)',
  checkpointMetadata: `STRUCT("version" BIGINT, tags ${map})`,
  sidecar: `STRUCT(path VARCHAR, sizeInBytes BIGINT, modificationTime BIGINT, tags ${map})`,
} as const;
const addFields = {
  path: 'VARCHAR',
  partitionValues: map,
  size: 'BIGINT',
  modificationTime: 'BIGINT',
  dataChange: 'BOOLEAN',
  tags: map,
  deletionVector: vector,
  baseRowId: 'BIGINT',
  defaultRowCommitVersion: 'BIGINT',
  clusteringProvider: 'VARCHAR',
  stats: 'VARCHAR',
};
const removeFields = {
  path: 'VARCHAR',
  deletionTimestamp: 'BIGINT',
  dataChange: 'BOOLEAN',
  extendedFileMetadata: 'BOOLEAN',
  partitionValues: map,
  size: 'BIGINT',
  deletionVector: vector,
  baseRowId: 'BIGINT',
  defaultRowCommitVersion: 'BIGINT',
};
const quoted = (name: string) => `"${name}"`;
const structType = (fields: Record<string, string>): string =>
  `STRUCT(${Object.entries(fields)
    .map(([name, type]) => `${quoted(name)} ${type}`)
    .join(', ')})`;

export interface CheckpointRows {
  /** SELECT of protocol, metaData, txn, domainMetadata (and checkpointMetadata, sidecar): few rows. */
  small(extra?: readonly object[]): Promise<string>;
  /** SELECT of add and remove: every file. */
  files: string;
}

/** In which forms statistics are written. */
export interface StatsForms {
  asJson: boolean;
  asStruct: boolean;
}

const formsOf = ({ metadata: { configuration } }: ReplayedSnapshot): StatsForms => ({
  asJson: configuration['delta.checkpoint.writeStatsAsJson'] !== 'false',
  asStruct: configuration['delta.checkpoint.writeStatsAsStruct'] !== 'false',
});

type SmallKind = keyof typeof smallTypes;

/**
 * What a checkpoint of a snapshot holds, as SELECTs of the engine: the files of the last large checkpoint come straight from
 * it, and only what came after goes through JSON lines in `folder`. PROTOCOL.md "Action Reconciliation", "Checkpoints".
 */
export async function checkpointRows(
  snapshot: ReplayedSnapshot,
  folder: string,
  nowMs: number,
  forms: StatsForms = formsOf(snapshot),
): Promise<CheckpointRows> {
  const { state, metadata } = snapshot;
  const branches: string[] = [];
  const expired = nowMs - retentionMs(metadata.configuration, 'delta.deletedFileRetentionDuration', WEEK_MS);
  const tail = join(folder, 'files.json');
  const longest = await writeLines(tail, tailActions(snapshot, expired));
  const tailColumns = { add: structType(addFields), remove: structType(removeFields) };
  branches.push(
    selectOf(
      snapshot,
      forms,
      readJson(tail, tailColumns, longest),
      { add: '"add"', parsed: null, remove: 'remove' },
      '',
    ),
  );
  if (state.base) branches.push(...(await baseSelects(snapshot, state.base, folder, expired, forms)));
  return {
    async small(extra = []) {
      const path = join(folder, `small-${extra.length ? 'v2' : 'v1'}.json`);
      const length = await writeLines(path, [...smallActions(snapshot, nowMs), ...extra]);
      const kinds: SmallKind[] = ['txn', 'metaData', 'protocol', 'domainMetadata'];
      if (extra.length) kinds.push('checkpointMetadata', 'sidecar');
      return `SELECT * FROM ${readJson(path, Object.fromEntries(kinds.map((kind) => [kind, smallTypes[kind]])), length)}`;
    },
    files: branches.join(' UNION ALL BY NAME '),
  };
}

/** The files of the base that nothing later spoke of, and its tombstones that still count. */
async function baseSelects(
  snapshot: ReplayedSnapshot,
  base: NonNullable<ReplayedSnapshot['state']['base']>,
  folder: string,
  expired: number,
  forms: StatsForms,
): Promise<string[]> {
  const { source } = base;
  const { files, tombstones } = snapshot.state;
  const overlay = [...files.keys(), ...tombstones.keys()];
  const path = join(folder, 'overlay.json');
  const length = overlay.length
    ? await writeLines(
        path,
        overlay.map((key) => ({ key })),
      )
    : 0;
  const anti = (kind: 'add' | 'remove') =>
    overlay.length
      ? ` AND NOT EXISTS (SELECT 1 FROM ${readJson(path, { key: 'VARCHAR' }, length)} AS overlay WHERE overlay.key = ${base.identity(kind)})`
      : '';
  // A join would carry whole files along; the numbers of the few rows to leave out need none.
  const rids = overlay.length ? await base.rowsOf(readJson(path, { key: 'VARCHAR' }, length)) : [];
  const hidden =
    rids.length > ROWS_IN_TEXT ? anti('add') : rids.length ? ` AND ${rowId} NOT IN (${rids.join(', ')})` : '';
  const packed = (kind: 'add' | 'remove', fields: Record<string, string>, known: ReadonlySet<string>) =>
    `{${Object.entries(fields)
      .map(
        ([name, type]) => `'${name}': CAST(${known.has(name) ? `scan."${kind}".${quoted(name)}` : 'NULL'} AS ${type})`,
      )
      .join(', ')}}`;
  const from = `${source.relation} AS scan`;
  const parsed = 'scan."add".stats_parsed';
  /** Whether the struct has the leaves for every file: it then serves as it is, and no JSON is parsed. */
  const binds = async (leaves: string[]): Promise<boolean> => {
    if (countOf(source, 'add, stats_parsed, numRecords') !== base.numFiles) return false;
    try {
      await source.engine.rows(`DESCRIBE SELECT ${leaves.join(', ')} FROM ${from}`);
      return true;
    } catch {
      return false;
    }
  };
  const selects = [
    selectOf(
      snapshot,
      forms,
      from,
      {
        add: packed('add', addFields, source.addFields),
        parsed: source.addFields.has('stats_parsed') ? parsed : null,
        remove: null,
        isWhole: await binds(structLeaves(snapshot, parsed)),
        hasTightBounds: await binds([`${parsed}.tightBounds`]),
      },
      `WHERE scan."add"."size" IS NOT NULL${hidden}`,
    ),
  ];
  if (source.kinds.has('remove')) {
    selects.push(
      `SELECT ${packed('remove', removeFields, source.removeFields)} AS remove FROM ${from}
       WHERE scan.remove.path IS NOT NULL AND ${source.removeFields.has('deletionTimestamp') ? 'coalesce(scan.remove.deletionTimestamp, 0)' : '0'} > ${expired}${anti('remove')}`,
    );
  }
  return selects;
}

/** Adds with their statistics in the forms that the table asks for. */
function selectOf(
  snapshot: ReplayedSnapshot,
  { asJson, asStruct }: StatsForms,
  from: string,
  columns: { add: string; parsed: string | null; remove: string | null; isWhole?: boolean; hasTightBounds?: boolean },
  where: string,
): string {
  const struct = 'struct_stats';
  const text = columns.parsed ? `coalesce(a.stats, to_json(p)::VARCHAR)` : 'a.stats';
  const members = Object.keys(addFields)
    .filter((name) => name !== 'stats')
    .map((name) => `'${name}': ${name === 'dataChange' ? 'false' : `a.${quoted(name)}`}`);
  if (asJson)
    members.push(`'stats': ${columns.parsed ? `coalesce(a.stats, ${statsJson(snapshot, struct)})` : 'a.stats'}`);
  if (asStruct) {
    members.push(`'stats_parsed': ${struct}`);
    const partitions = partitionStruct(snapshot, 'a.partitionValues');
    if (partitions) members.push(`'partitionValues_parsed': ${partitions}`);
  }
  const inner = `SELECT ${columns.add} AS a${columns.parsed ? `, ${columns.parsed} AS p` : ''}${columns.remove ? `, ${columns.remove} AS r` : ''} FROM ${from} ${where}`;
  const add = `CASE WHEN a.path IS NULL THEN NULL ELSE {${members.join(', ')}} END`;
  const needsStruct = asStruct || columns.parsed !== null;
  const value = columns.isWhole
    ? castStruct(snapshot, 'p', columns.hasTightBounds ?? false)
    : statsStruct(snapshot, text);
  return `SELECT ${add} AS "add"${columns.remove ? ', r AS remove' : ''}
    FROM (SELECT *${needsStruct ? `, ${value} AS ${struct}` : ''} FROM (${inner}))`;
}

/** `longest`: bytes of the longest line. The engine takes buffers of twice that, so it is told no more than is true. */
const readJson = (path: string, columns: Record<string, string>, longest: number): string => {
  const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `read_json(${literal(path)}, format = 'newline_delimited', columns = {${types.join(', ')}}, maximum_object_size = ${Math.max(longest + 1024, LEAST_LINE)})`;
};

function* smallActions(snapshot: ReplayedSnapshot, nowMs: number): Iterable<object> {
  const { state, protocol, metadata } = snapshot;
  yield { protocol };
  yield { metaData: metadata };
  const retention = retentionMs(
    metadata.configuration,
    'delta.setTransactionRetentionDuration',
    Number.POSITIVE_INFINITY,
  );
  for (const txn of state.txns.values()) {
    if (txn.lastUpdated === undefined || txn.lastUpdated > nowMs - retention) yield { txn };
  }
  for (const domainMetadata of state.domains.values()) yield { domainMetadata };
}

function* tailActions({ state }: ReplayedSnapshot, expired: number): Iterable<object> {
  for (const { tags: _, ...remove } of state.tombstones.values()) {
    if ((remove.deletionTimestamp ?? 0) > expired) yield { remove: { ...remove, dataChange: false } };
  }
  for (const add of state.files.values()) yield { add };
}

/** Newline-delimited JSON, a bounded part of it in memory at a time. Gives the bytes of the longest line. */
async function writeLines(path: string, values: Iterable<object>): Promise<number> {
  await using file = await open(path, 'wx');
  let lines: string[] = [];
  let longest = 0;
  for (const value of values) {
    const line = stringifyLossless(value) + '\n';
    lines.push(line);
    longest = Math.max(longest, Buffer.byteLength(line));
    if (lines.length < LINES_A_WRITE) continue;
    await file.writeFile(lines.join(''));
    lines = [];
  }
  await file.writeFile(lines.join(''));
  return longest;
}
