import { invariant, type PrunePredicate, type TableEngine } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { partitionLiteral } from '../scan/partition-value.ts';
import { prune } from '../scan/prune.ts';
import { engineType, identifier } from '../schema/engine.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { byPartition } from './bins.ts';
import { maintenanceErrors } from './errors.ts';

/** Partitions whose condition is asked in one statement: its text stays short. */
const ASKED_AT_ONCE = 2000;

/** Physical names of the partition columns. */
export function partitionNames(snapshot: ReplayedSnapshot): string[] {
  const mode = mappingMode(snapshot.metadata.configuration);
  return snapshot.metadata.partitionColumns.map((name) => {
    const field = snapshot.fields.find((candidate) => candidate.name === name);
    invariant(field, 'a partition column is in the schema');
    return physicalName(field, mode);
  });
}

/**
 * Files of the partitions where a condition over partition columns (`target."p"`) is TRUE. Throws
 * DELTA_NON_PARTITION_COLUMN_REFERENCE where it asks for anything else.
 */
export async function filesWhere(
  engine: TableEngine,
  snapshot: ReplayedSnapshot,
  request: { where?: string | null; prune?: readonly PrunePredicate[]; predicates?: readonly string[] },
): Promise<AddFile[]> {
  const partitions = snapshot.metadata.partitionColumns;
  // Only what is decided by whole partitions may leave files out here: statistics would leave some of a partition.
  const decisive = (request.prune ?? []).filter(({ column }) =>
    partitions.some((name) => name.toLowerCase() === column.toLowerCase()),
  );
  const { files } = await prune(snapshot, decisive);
  if (request.where === undefined || request.where === null) return files;
  const shown = request.predicates?.join(' AND ') ?? request.where;
  if (!partitions.length) throw maintenanceErrors.notPartitionColumn(shown, partitions);
  const groups = byPartition(files, partitionNames(snapshot));
  const chosen: AddFile[] = [];
  for (let start = 0; start < groups.length || start === 0; start += ASKED_AT_ONCE) {
    const some = groups.slice(start, start + ASKED_AT_ONCE);
    const found = await engine.rows(question(snapshot, some, request.where)).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('Binder Error'))
        throw maintenanceErrors.notPartitionColumn(shown, partitions);
      throw error;
    });
    const wanted = new Set(found.map((row) => Number(row.i)));
    for (const [index, group] of some.entries()) if (wanted.has(index)) chosen.push(...group);
  }
  return chosen;
}

function question(snapshot: ReplayedSnapshot, groups: readonly AddFile[][], where: string): string {
  const mode = mappingMode(snapshot.metadata.configuration);
  const fields = snapshot.metadata.partitionColumns.flatMap((name) =>
    snapshot.fields.filter((field) => field.name === name),
  );
  const rows = groups.map((group, index) => {
    const values = fields.map((field) => {
      invariant(field.type.kind === 'leaf', 'a partition column is a leaf');
      return partitionLiteral(group[0]?.partitionValues[physicalName(field, mode)], field.type.type, 'UTC');
    });
    return `(${[index, ...values].join(', ')})`;
  });
  const typed = fields.map(
    (field, index) => `CAST(c${index} AS ${engineType(field.type, field.name)}) AS ${identifier(field.name)}`,
  );
  const none = `(${[0, ...fields.map(() => 'NULL')].join(', ')})`;
  const names = fields.map((_, index) => `c${index}`).join(', ');
  return `SELECT i FROM (SELECT i, ${typed.join(', ')} FROM (VALUES ${rows.join(', ') || none}) AS given(i, ${names})) AS target WHERE (${where}) IS TRUE`;
}

/** Texts that a value of the type has and no other text means: written anew, they are the same. */
const plainTexts: Record<string, RegExp> = {
  tinyint: /^(0|-?[1-9]\d*)$/,
  smallint: /^(0|-?[1-9]\d*)$/,
  int: /^(0|-?[1-9]\d*)$/,
  bigint: /^(0|-?[1-9]\d*)$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  boolean: /^(true|false)$/,
  string: /./s,
};

/** Whether a file's partition values come back as the same texts when their rows are partitioned anew. */
export function plainPartitionTest(snapshot: ReplayedSnapshot): (file: AddFile) => boolean {
  const mode = mappingMode(snapshot.metadata.configuration);
  const columns = snapshot.metadata.partitionColumns.flatMap((name) => {
    const field = snapshot.fields.find((candidate) => candidate.name === name);
    if (field?.type.kind !== 'leaf') return [];
    return [{ name: physicalName(field, mode), pattern: plainTexts[field.type.type.kind] }];
  });
  return ({ partitionValues }) =>
    columns.every(({ name, pattern }) => {
      const text = partitionValues[name] ?? null;
      return pattern !== undefined && (text === null || pattern.test(text));
    });
}
