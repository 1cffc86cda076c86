import {
  BoathouseError,
  type Column,
  type PlanBody,
  type PlanQuery,
  type PrunePredicate,
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

/** Rows of a plan's query under the names of the columns that they fill. */
export function namedRows(query: Pick<PlanQuery, 'columns'>, text: string): string {
  const select = query.columns.map((column, i) => `c${i} AS ${quoteName(column.name)}`);
  return `SELECT ${select.join(', ')} FROM (${text}) AS r(${query.columns.map((_, i) => `c${i}`).join(', ')})`;
}

/** Writes rows into a table that is there, in one commit: INSERT in its forms, or an import. Null: there were none. */
export async function insertRows(
  delta: Delta,
  insert: Pick<Insert, 'target' | 'mode' | 'addColumns'> & { replaceWhere?: ReplacedRows },
  rows: string,
  author: Author,
  { readVersion, given }: { readVersion?: number /** Names of the rows' columns. */; given?: readonly string[] } = {},
): Promise<TableWrite | null> {
  const { target, mode, replaceWhere, addColumns } = insert;
  const done = await delta.insert(target.location, {
    mode: replaceWhere ? 'replaceWhere' : mode,
    rows,
    ...(given ? { given } : {}),
    ...(replaceWhere ? { replaceWhere } : {}),
    ...(addColumns?.length ? { addColumns } : {}),
    ...(readVersion === undefined ? {} : { readVersion }),
    userName: author.principal,
    runId: author.runId,
    txnId: author.txnId,
  });
  if (done.unchanged) return null;
  const operation = mode === 'append' && !replaceWhere ? 'INSERT' : 'INSERT OVERWRITE';
  return tableWrite(delta, target, done.version, operation, done.metrics.numOutputRows ?? 0);
}

/** Which rows go first: engine text over `target."c"`. */
export interface ReplacedRows {
  condition: string;
  prune: readonly PrunePredicate[];
  text: string;
}

/** Makes or replaces a table of the rows of a query, in one version. */
export async function createRows(delta: Delta, plan: CreateTable, rows: string, author: Author): Promise<TableWrite> {
  const { target, mode } = plan;
  const operation = `${operationOf(mode === 'replace' && (await delta.exists(target.location)))} AS SELECT`;
  const done = await delta.createAs(target.location, {
    ...definitionOf(plan),
    ...provenanceOf(plan, author),
    mode,
    rows,
    operation,
  });
  return tableWrite(delta, target, done.version, operation, done.metrics.numOutputRows ?? 0);
}

const operationOf = (replaces: boolean): string => (replaces ? 'CREATE OR REPLACE TABLE' : 'CREATE TABLE');

const clusteringNames = (plan: CreateTable): string[] => (plan.clusterBy ?? []).map((path) => path.join('.'));

const definitionOf = (plan: CreateTable): TableDefinition => ({
  columns: plan.target.columns,
  partitionColumns: plan.target.partitionColumns,
  properties: plan.properties,
  comment: plan.comment,
  ...(plan.clusterBy ? { clusterBy: clusteringNames(plan) } : {}),
});

const provenanceOf = (plan: CreateTable, author: Author) => ({
  operationParameters: {
    partitionBy: JSON.stringify(plan.target.partitionColumns),
    clusterBy: JSON.stringify(clusteringNames(plan)),
    // A new table's log names what it got beside these too.
    ...(plan.mode === 'create' ? {} : { properties: JSON.stringify(plan.properties) }),
    description: plan.comment ?? null,
    isManaged: 'true',
  },
  userName: author.principal,
  runId: author.runId,
  txnId: author.txnId,
});

/** Version 0 of a table with its rows, or a new version with a new definition (CREATE OR REPLACE). */
export async function commitCreate(
  delta: Delta,
  plan: CreateTable,
  files: AddFile[],
  author: Author,
): Promise<TableWrite> {
  const { target } = plan;
  const replaces = plan.mode === 'replace' && (await delta.exists(target.location));
  const operation = files.length ? `${operationOf(replaces)} AS SELECT` : operationOf(replaces);
  const definition = definitionOf(plan);
  const provenance = provenanceOf(plan, author);
  return publish(delta, target, files, operation, () =>
    replaces
      ? delta.commit(target.location, { ...provenance, operation, mode: 'replace', adds: files, definition })
      : delta.create(target.location, { ...definition, ...provenance, operation, files }),
  );
}

async function publish(
  delta: Delta,
  target: WriteTarget,
  files: AddFile[],
  operation: string,
  commit: () => Promise<CommitResult>,
): Promise<TableWrite> {
  let committed: CommitResult;
  try {
    committed = await commit();
  } catch (error) {
    // After a typed refusal nothing was committed. Any other failure may have committed: files that a log might name are
    // never removed, and orphans are left to VACUUM.
    if (error instanceof BoathouseError && error.code.startsWith('DELTA_'))
      await delta.discardFiles(target.location, files);
    throw error;
  }
  return tableWrite(delta, target, committed.version, operation, rowsOf(files));
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
