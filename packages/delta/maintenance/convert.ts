import { type Column, parseType, type TableEngine } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { defineTable } from '../alter/define.ts';
import { encodePath } from '../log/paths.ts';
import type { DeltaRoom } from '../room.ts';
import { partitionLiteral } from '../scan/partition-value.ts';
import { columnsOf, fieldsOf } from '../schema/columns.ts';
import { engineType } from '../schema/engine.ts';
import type { Snapshot } from '../types.ts';
import { maintenanceErrors } from './errors.ts';
import { commitFirst, tableAt } from './first.ts';
import { columnsOfParquet } from './parquet-schema.ts';
import { computeStatistics } from './statistics.ts';
import type { ConvertRequest, ConvertResult } from './types.ts';

const NULL_FOLDER = '__HIVE_DEFAULT_PARTITION__';
const VALUES_AT_ONCE = 5000;

interface Found {
  /** Relative to the table, decoded. */
  path: string;
  sizeBytes: number;
  modifiedMs: number;
  /** From its folders, in their order. */
  partition: [name: string, value: string | null][];
}

/**
 * Makes a Delta table of a folder of Parquet files, which stay where they are. Partition columns are those given, or those that
 * the folders show: then with the narrowest of int, bigint, date and string that takes all values.
 */
export async function convert(room: DeltaRoom, location: string, request: ConvertRequest): Promise<ConvertResult> {
  if (await tableAt(room, location)) return { version: null, metrics: { numConvertedFiles: 0 } };
  const engine = request.engine ?? room.reader.engine;
  const files = await listFiles(room, location);
  const first = files[0];
  if (!first) throw maintenanceErrors.noParquet(location);
  const partitions = request.partitionSchema ?? inferred(files, first);
  const names = partitions.map(({ name }) => name);
  for (const file of files) {
    const own = file.partition.map(([name]) => name.toLowerCase());
    if (own.length !== names.length || names.some((name, index) => own[index] !== name.toLowerCase()))
      throw maintenanceErrors.convertPartition(file.path, names);
  }
  await checkValues(engine, files, partitions);
  const keys = files.map(({ path }) => `${location}/${path}`);
  await room.reader.store.localise(keys);
  const uris = keys.map((key) => room.reader.store.engineUri(key));
  const stored = (await columnsOfParquet(engine, uris)).filter(
    ({ name }) => !names.some((partition) => partition.toLowerCase() === name.toLowerCase()),
  );
  const columns: Column[] = [...stored, ...partitions.map(({ name, type }) => ({ name, type, nullable: true }))];
  const timestamp = room.clock();
  const { metadata, protocol, fields, domains } = defineTable(
    { columns, partitionColumns: names, ...(request.properties ? { properties: { ...request.properties } } : {}) },
    { id: room.ids(), createdTime: timestamp, ids: room.ids, hasFiles: true },
  );
  const adds = files.map(
    (file): AddFile => ({
      path: encodePath(file.path),
      partitionValues: Object.fromEntries(file.partition.map(([, value], index) => [names[index]!, value])),
      size: file.sizeBytes,
      modificationTime: Math.floor(file.modifiedMs),
      dataChange: true,
    }),
  );
  const collects = request.collectStatistics !== false;
  const table: Snapshot = {
    location,
    version: 0,
    timestampMs: timestamp,
    protocol,
    metadata,
    columns: columnsOf(fields),
    fields,
    files: async () => adds,
    totals: async () => ({ numFiles: adds.length, sizeBytes: 0, numRows: null }),
    txnVersion: () => null,
    domain: () => null,
  };
  const stats = collects ? await computeStatistics(room, engine, table, adds) : [];
  await commitFirst(
    room,
    location,
    {
      operation: 'CONVERT',
      operationParameters: {
        numFiles: files.length,
        partitionedBy: names,
        collectStats: collects,
        sourceFormat: 'parquet',
        ...(request.name === undefined ? {} : { catalogTable: request.name }),
      },
      operationMetrics: { numConvertedFiles: files.length },
      reads: { kind: 'table' },
      adds: adds.map((add, index) => (collects ? { ...add, stats: stats[index]! } : add)),
      metadata,
      protocol,
      domains,
    },
    request,
  );
  return { version: 0, metrics: { numConvertedFiles: files.length } };
}

async function listFiles(room: DeltaRoom, location: string): Promise<Found[]> {
  const prefix = `${location}/`;
  const found: Found[] = [];
  for await (const { key, sizeBytes, modifiedMs } of room.reader.store.list(prefix)) {
    const path = key.slice(prefix.length);
    const segments = path.split('/');
    // As Spark: hidden names belong to others, but a folder `_p=1` is a partition.
    if (segments.some((segment) => /^[_.]/.test(segment) && !segment.includes('='))) continue;
    const partition = segments.slice(0, -1).map((segment): [string, string | null] => {
      const cut = segment.indexOf('=');
      if (cut <= 0) throw maintenanceErrors.convertPartition(path, []);
      const value = unescapeHive(segment.slice(cut + 1));
      return [unescapeHive(segment.slice(0, cut)), value === NULL_FOLDER || value === '' ? null : value];
    });
    found.push({ path, sizeBytes, modifiedMs, partition });
  }
  return found;
}

const unescapeHive = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function inferred(files: readonly Found[], first: Found): { name: string; type: string }[] {
  return first.partition.map(([name], index) => {
    const values = files.flatMap(({ partition }) => partition[index]?.[1] ?? []);
    const all = (pattern: RegExp) => values.length > 0 && values.every((value) => pattern.test(value));
    if (all(/^(0|-?[1-9]\d{0,8})$/)) return { name, type: 'int' };
    if (all(/^(0|-?[1-9]\d{0,17})$/)) return { name, type: 'bigint' };
    return { name, type: all(/^\d{4}-\d{2}-\d{2}$/) ? 'date' : 'string' };
  });
}

/** Throws DELTA_FAILED_CAST_PARTITION_VALUE for the first value that its column's type does not take. */
async function checkValues(
  engine: TableEngine,
  files: readonly Found[],
  partitions: readonly { name: string; type: string }[],
): Promise<void> {
  const fields = fieldsOf(partitions.map(({ name, type }) => ({ name, type, nullable: true })));
  for (const [position, { name, type }] of partitions.entries()) {
    const leaf = parseType(type);
    const target = engineType(fields[position]!.type, name);
    const firstOf = new Map<string, string>();
    for (const { path, partition } of files) {
      const value = partition[position]?.[1] ?? null;
      if (value !== null && !firstOf.has(value)) firstOf.set(value, path);
    }
    const values = [...firstOf];
    for (let start = 0; start < values.length; start += VALUES_AT_ONCE) {
      const some = values.slice(start, start + VALUES_AT_ONCE);
      const rows = some.map(([value], index) => `(${index}, ${partitionLiteral(value, leaf, 'UTC')})`);
      const [bad] = await engine.rows(
        `SELECT i FROM (VALUES ${rows.join(', ')}) AS given(i, v) WHERE TRY_CAST(v AS ${target}) IS NULL LIMIT 1`,
      );
      if (bad) throw maintenanceErrors.convertValue(some[Number(bad.i)]?.[1] ?? '', name, type);
    }
  }
}
