import {
  BoathouseError,
  type Column,
  type PlanBody,
  type PlanQuery,
  parseType,
  systemError,
  type TableWrite,
  type WriteTarget,
} from '@boathouse/contracts';
import { type AddFile, type CommitResult, type Delta, liveRows, type TableDefinition } from '@boathouse/delta';
import { duckType, quoteName } from '../engine-duckdb/types.ts';
import { SchemaMoved } from './outcome.ts';
import { sameColumns } from './tables.ts';

/** Who commits: kept in the commit's provenance. */
export interface Author {
  runId: string;
  txnId: string;
  principal: string;
}

type CreateTable = Extract<PlanBody, { kind: 'createTable' }>;
type Insert = Extract<PlanBody, { kind: 'insert' }>;

/**
 * The rows of a query in the shape of a table: columns matched by name where every name is there, else by position, and
 * cast to the table's types.
 */
export function rowsForTarget(query: Pick<PlanQuery, 'columns'>, text: string, target: readonly Column[]): string {
  if (query.columns.length !== target.length)
    throw systemError(
      'PLAN_COLUMN_MISMATCH',
      `The plan writes ${query.columns.length} columns into a table of ${target.length}.`,
    );
  const lower = query.columns.map((column) => column.name.toLowerCase());
  const byName =
    new Set(lower).size === lower.length && target.every((column) => lower.includes(column.name.toLowerCase()));
  const select = target.map((column, i) => {
    const source = `c${byName ? lower.indexOf(column.name.toLowerCase()) : i}`;
    const type = parseType(column.type);
    return `${type.kind === 'void' ? source : `CAST(${source} AS ${duckType(type)})`} AS ${quoteName(column.name)}`;
  });
  return `SELECT ${select.join(', ')} FROM (${text}) AS r(${lower.map((_, i) => `c${i}`).join(', ')})`;
}

/** Rows of files just written: their own statistics count them. */
const rowsOf = (files: readonly AddFile[]): number => files.reduce((sum, file) => sum + (liveRows(file) ?? 0), 0);

/** Commits rows that lie in `files` (an INSERT, or an import). Files are removed again where the commit fails. */
export async function commitInsert(
  delta: Delta,
  insert: Pick<Insert, 'target' | 'mode'>,
  files: AddFile[],
  author: Author,
  readVersion?: number,
): Promise<TableWrite> {
  const { target, mode } = insert;
  return publish(delta, target, files, async () => {
    const done = await delta.commit(target.location, {
      mode,
      adds: files,
      operation: 'WRITE',
      operationParameters: {
        mode: mode === 'append' ? 'Append' : 'Overwrite',
        partitionBy: JSON.stringify(target.partitionColumns),
      },
      userName: author.principal,
      runId: author.runId,
      txnId: author.txnId,
      blindAppend: mode === 'append' && readVersion === undefined,
      readVersion,
    });
    return { done, operation: mode === 'append' ? 'INSERT' : 'INSERT OVERWRITE' };
  });
}

/** Version 0 of a table with its rows, or a new version with a new definition (CREATE OR REPLACE). */
export async function commitCreate(
  delta: Delta,
  plan: CreateTable,
  files: AddFile[],
  author: Author,
): Promise<TableWrite> {
  const { target } = plan;
  const definition: TableDefinition = {
    columns: target.columns,
    partitionColumns: target.partitionColumns,
    properties: plan.properties,
    comment: plan.comment,
  };
  const provenance = {
    operationParameters: {
      partitionBy: JSON.stringify(target.partitionColumns),
      clusterBy: '[]',
      properties: JSON.stringify(plan.properties),
      description: plan.comment ?? null,
      isManaged: 'true',
    },
    userName: author.principal,
    runId: author.runId,
    txnId: author.txnId,
  };
  const suffix = plan.query ? ' AS SELECT' : '';
  return publish(delta, target, files, async () => {
    if (plan.mode === 'replace' && (await delta.exists(target.location))) {
      const operation = `CREATE OR REPLACE TABLE${suffix}`;
      return {
        done: await delta.commit(target.location, {
          ...provenance,
          operation,
          mode: 'replace',
          adds: files,
          definition,
        }),
        operation,
      };
    }
    const operation = `CREATE TABLE${suffix}`;
    return { done: await delta.create(target.location, { ...definition, ...provenance, operation, files }), operation };
  });
}

async function publish(
  delta: Delta,
  target: WriteTarget,
  files: AddFile[],
  commit: () => Promise<{ done: CommitResult; operation: string }>,
): Promise<TableWrite> {
  let committed: { done: CommitResult; operation: string };
  try {
    committed = await commit();
  } catch (error) {
    // After a typed refusal nothing was committed. Any other failure may have committed: files that a log might name are
    // never removed, and orphans are left to VACUUM.
    if (error instanceof BoathouseError && error.code.startsWith('DELTA_'))
      await delta.discardFiles(target.location, files);
    throw error;
  }
  return tableWrite(delta, target, committed.done.version, committed.operation, rowsOf(files));
}

/** What the catalog hears of a commit. */
export async function tableWrite(
  delta: Delta,
  target: Pick<WriteTarget, 'tableId' | 'fullName' | 'location'>,
  version: number,
  operation: string,
  rows: number,
): Promise<TableWrite> {
  const after = await delta.snapshot(target.location, { version });
  const totals = await after.totals();
  const { configuration, partitionColumns, description } = after.metadata;
  return {
    tableId: target.tableId,
    fullName: target.fullName,
    version,
    operation,
    rows,
    columns: after.columns,
    sizeBytes: totals.sizeBytes,
    fileCount: totals.numFiles,
    definition: {
      properties: { ...configuration },
      partitionColumns: [...partitionColumns],
      comment: description ?? null,
    },
  };
}

/** Checks the table to write against the plan before any file is written. Throws SchemaMoved. */
export async function checkTarget(delta: Delta, target: WriteTarget): Promise<number> {
  const snapshot = await delta.snapshot(target.location);
  if (!sameColumns(target.columns, snapshot.columns))
    throw new SchemaMoved({
      tableId: target.tableId,
      fullName: target.fullName,
      version: snapshot.version,
      columns: snapshot.columns,
    });
  return snapshot.version;
}
