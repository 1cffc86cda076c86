import type { CatalogTable, Column, TableMaintenance } from '@boathouse/contracts';
import { fail, quotedName, unsupported } from '../analyse/errors.ts';
import { holdsSubquery } from '../analyse/inspect.ts';
import type { PlanState } from '../analyse/state.ts';
import { pointInTime } from '../analyse/table.ts';
import type { Analyze, Expression, Name, Optimize, Reorg, Restore, Vacuum } from '../ast/index.ts';
import { walk } from '../ast/index.ts';
import { planned, shared, whereText } from './modify.ts';
import { partsOf } from './names.ts';
import type { Planned } from './planned.ts';
import { changedTable, contextOf, targetOf, writeTarget } from './target.ts';

const column = (name: string, type: string): Column => ({ name, type, nullable: true });
const counted = 'struct<num:bigint,size:bigint>';
const counts = 'struct<numFiles:bigint,size:bigint>';
const sizes = 'struct<min:bigint,max:bigint,avg:double,totalFiles:bigint,totalSize:bigint>';
const numbers = (...names: string[]): string => names.map((name) => `${name}:bigint`).join(',');

/** The answer of OPTIMIZE and REORG, as Delta Lake names and types it. */
const optimizeColumns = [
  column('path', 'string'),
  column(
    'metrics',
    `struct<${[
      numbers('numFilesAdded', 'numFilesRemoved'),
      `filesAdded:${sizes},filesRemoved:${sizes}`,
      numbers('partitionsOptimized'),
      `zOrderStats:struct<strategyName:string,inputCubeFiles:${counted},inputOtherFiles:${counted},inputNumCubes:bigint,mergedFiles:${counted},numOutputCubes:bigint,mergedNumCubes:bigint>`,
      `clusteringStats:struct<inputZCubeFiles:${counts},inputOtherFiles:${counts},inputNumZCubes:bigint,mergedFiles:${counts},numOutputZCubes:bigint>`,
      numbers('numBins', 'numBatches', 'totalConsideredFiles', 'totalFilesSkipped'),
      'preserveInsertionOrder:boolean',
      numbers('numFilesSkippedToReduceWriteAmplification', 'numBytesSkippedToReduceWriteAmplification'),
      numbers('startTimeMs', 'endTimeMs', 'totalClusterParallelism', 'totalScheduledTasks'),
      `autoCompactParallelismStats:struct<${numbers('maxClusterActiveParallelism', 'minClusterActiveParallelism', 'maxSessionActiveParallelism', 'minSessionActiveParallelism')}>`,
      `deletionVectorStats:struct<${numbers('numDeletionVectorsRemoved', 'numDeletionVectorRowsRemoved')}>`,
      numbers('numTableColumns', 'numTableColumnsWithStats'),
    ].join(',')}>`,
  ),
];

const restoreColumns = [
  'table_size_after_restore',
  'num_of_files_after_restore',
  'num_removed_files',
  'num_restored_files',
  'removed_files_size',
  'restored_files_size',
].map((name) => column(name, 'bigint'));

const maintenance = (table: CatalogTable, operation: TableMaintenance, columns: Column[], state: PlanState): Planned =>
  planned(state, { kind: 'maintain', target: writeTarget(table), operation, columns });

/** OPTIMIZE t …: compaction, Z-order, or clustering where the table is clustered. */
export function planOptimize(node: Optimize, state: PlanState, text: string): Planned {
  const { table, where } = partitionsOf(node.table, node.where, 'OPTIMIZE', state, text);
  const operation: TableMaintenance = {
    kind: 'optimize',
    full: node.full,
    zorderBy: node.zorderBy.map((name) => zorderColumn(name, table)),
    ...(where ? { where } : {}),
  };
  return maintenance(table, operation, optimizeColumns, state);
}

function zorderColumn(name: Name, table: CatalogTable): string {
  const path = partsOf(name);
  const found = table.columns.find((candidate) => candidate.name.toLowerCase() === path[0]!.toLowerCase());
  if (!found || path.length > 1)
    throw fail(
      'DELTA_ZORDERING_COLUMN_DOES_NOT_EXIST',
      `ZORDER BY ${quotedName(path)}: the table has no such column.`,
      name.range,
    );
  if (table.partitionColumns.includes(found.name))
    throw fail(
      'DELTA_ZORDERING_ON_PARTITION_COLUMN',
      `${quotedName(path)} is a partition column, and its files are apart already. ZORDER BY takes other columns.`,
      name.range,
    );
  return found.name;
}

type Partitions = Extract<TableMaintenance, { kind: 'optimize' }>['where'];

/** The condition of OPTIMIZE and REORG chooses whole partitions: it may name partition columns only. */
function partitionsOf(
  name: Name,
  where: Expression | undefined,
  word: string,
  state: PlanState,
  text: string,
): { table: CatalogTable; where?: Partitions } {
  if (!where) return { table: changedTable(name, word, state) };
  const target = targetOf(name, undefined, word, state);
  const { table } = target;
  if (holdsSubquery(where)) throw unsupported(`A subquery in the condition of ${word}`, where.range);
  walk(where, (node) => {
    if (node.kind !== 'column') return undefined;
    const part = (node as Extract<Expression, { kind: 'column' }>).parts.at(-1);
    if (part && !table.partitionColumns.some((known) => known.toLowerCase() === part.name.toLowerCase()))
      throw fail(
        'DELTA_NON_PARTITION_COLUMN_REFERENCE',
        `${quotedName([part.name])} is no partition column. The condition of ${word} takes partition columns only: ${table.partitionColumns.join(', ') || 'this table has none'}.`,
        where.range,
      );
    return undefined;
  });
  const condition = whereText(where, contextOf(state, target.columns, word)) ?? [];
  const { predicates } = shared(target, state);
  return {
    table,
    where: { condition: condition.join(''), predicates, text: text.slice(where.range.start, where.range.end) },
  };
}

/** VACUUM t …. */
export function planVacuum(node: Vacuum, state: PlanState): Planned {
  const table = changedTable(node.table, 'VACUUM', state);
  const operation: TableMaintenance = {
    kind: 'vacuum',
    mode: node.mode,
    dryRun: node.dryRun,
    ...(node.retainHours === undefined ? {} : { retainHours: Number(node.retainHours) }),
  };
  return maintenance(table, operation, [column('path', 'string')], state);
}

/** RESTORE t TO …. */
export function planRestore(node: Restore, state: PlanState): Planned {
  const table = changedTable(node.table, 'RESTORE', state);
  const to = pointInTime(node.to, contextOf(state, [], 'AS OF'));
  const operation: TableMaintenance = {
    kind: 'restore',
    to:
      to.versionAsOf === undefined
        ? { at: 'timestamp', timestampMs: to.timestampAsOfMs ?? 0 }
        : { at: 'version', version: to.versionAsOf },
  };
  return maintenance(table, operation, restoreColumns, state);
}

/** REORG TABLE t [WHERE …] APPLY (PURGE). */
export function planReorg(node: Reorg, state: PlanState, text: string): Planned {
  const { table, where } = partitionsOf(node.table, node.where, 'REORG TABLE', state, text);
  return maintenance(table, { kind: 'reorg', ...(where ? { where } : {}) }, optimizeColumns, state);
}

/** ANALYZE TABLE t COMPUTE [DELTA] STATISTICS. */
export function planAnalyze(node: Analyze, state: PlanState): Planned {
  return maintenance(changedTable(node.table, 'ANALYZE TABLE', state), { kind: 'analyze' }, [], state);
}
