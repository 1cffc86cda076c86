import { BoathouseError, type Column, type RowChanges, userError } from '@boathouse/contracts';
import { batchRows, quoteName } from '@boathouse/engine';
import type { Runtime } from '../runtime.ts';
import { bothVersions, changedFiles } from './compare-versions.ts';

/** A page waits for the answer: what takes longer is a query's work. */
const TIME_LIMIT_MS = 45_000;
/** Characters of a value that are shown. */
const VALUE_LIMIT = 500;

interface Question {
  location: string;
  from: number;
  to: number;
  limit: number;
}
type Row = RowChanges['rows'][number];
type Read = (sql: string, columns: readonly Column[]) => Promise<(string | null)[][]>;

/**
 * Some rows that differ between two versions: from the change feed where it was on all the time, else by comparing the rows
 * of the files that only one version has. Throws COMPARISON_TOO_LARGE where that takes longer than a page can wait.
 */
export async function compareRows({ engine, delta }: Runtime, question: Question): Promise<RowChanges> {
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const read: Read = async (sql, columns) => {
    const rows: (string | null)[][] = [];
    await engine.query(sql, columns, {
      signal,
      onBatch: (batch) => {
        for (const row of batchRows(batch, columns)) rows.push(row.map(textOf));
      },
    });
    return rows;
  };
  try {
    return (await byFeed(delta, question, read)) ?? (await byFiles(delta, question, read));
  } catch (error) {
    if (signal.aborted)
      throw userError(
        'COMPARISON_TOO_LARGE',
        `The rows of versions ${question.from} and ${question.to} could not be compared within ${TIME_LIMIT_MS / 1000} s. Compare versions that lie closer together, or query both with VERSION AS OF in a notebook.`,
      );
    if (isMissingFile(error))
      throw userError(
        'VERSION_FILES_REMOVED',
        `Files that version ${question.from} or a version since needs were removed by VACUUM, so that its rows cannot be read any more. Compare newer versions.`,
      );
    throw error;
  }
}

/** The engine has one word for every trouble with a file; its own message tells that one is gone. */
const isMissingFile = (error: unknown): boolean =>
  error instanceof BoathouseError && /No files found that match/.test(error.detail ?? '');

/** Null where the table did not record its changes all the time, or records them in another form now. */
async function byFeed(
  delta: Runtime['delta'],
  { location, from, to, limit }: Question,
  read: Read,
): Promise<RowChanges | null> {
  const latest = await delta.snapshot(location, { version: to });
  if (latest.metadata.configuration['delta.enableChangeDataFeed'] !== 'true') return null;
  let feed: Awaited<ReturnType<Runtime['delta']['changes']>>;
  try {
    feed = await delta.changes(location, { fromVersion: from + 1, toVersion: to });
  } catch (error) {
    if (error instanceof BoathouseError && notFed.has(error.code)) return null;
    throw error;
  }
  const columns = feed.columns.filter(({ name }) => !feedColumns.includes(name));
  const shown = [
    ...columns,
    ...feed.columns.filter(({ name }) => name === '_change_type' || name === '_commit_version'),
  ];
  const rows = await read(
    `SELECT ${shown.map(({ name }) => quoteName(name)).join(', ')} FROM ${feed.relation} ORDER BY _commit_version DESC LIMIT ${limit + 1}`,
    shown,
  );
  return {
    source: 'changeFeed',
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: rows.slice(0, limit).map((values) => ({
      change: changeOf(values[columns.length] ?? ''),
      version: Number(values[columns.length + 1]),
      values: values.slice(0, columns.length),
    })),
    truncated: rows.length > limit,
    columnsLeftOut: [],
  };
}

const feedColumns = ['_change_type', '_commit_version', '_commit_timestamp'];
const notFed: ReadonlySet<string> = new Set([
  'DELTA_MISSING_CHANGE_DATA',
  'DELTA_CHANGE_DATA_FEED_INCOMPATIBLE_SCHEMA_CHANGE',
]);

function changeOf(text: string): Row['change'] {
  if (text === 'delete' || text === 'update_preimage' || text === 'update_postimage') return text;
  return 'insert';
}

async function byFiles(
  delta: Runtime['delta'],
  { location, from, to, limit }: Question,
  read: Read,
): Promise<RowChanges> {
  const [older, newer] = await bothVersions(delta, location, from, to);
  const files = await changedFiles(older, newer);
  const has = (columns: readonly Column[], { name }: Column) =>
    columns.some((other) => other.name.toLowerCase() === name.toLowerCase());
  const columns = newer.columns.filter((column) => has(older.columns, column));
  const columnsLeftOut = [
    ...newer.columns.filter((column) => !has(older.columns, column)),
    ...older.columns.filter((column) => !has(newer.columns, column)),
  ].map(({ name }) => name);
  const shape = {
    source: 'files' as const,
    columns: columns.map(({ name, type }) => ({ name, type })),
    columnsLeftOut,
  };
  if (!columns.length) return { ...shape, rows: [], truncated: false };

  const names = columns.map(({ name }) => name);
  const before = await delta.relation(older, files.removed, names);
  const after = await delta.relation(newer, files.added, names);
  const list = names.map(quoteName).join(', ');
  const only = (here: string, there: string) =>
    read(`SELECT ${list} FROM ${here} EXCEPT ALL SELECT ${list} FROM ${there} LIMIT ${limit + 1}`, columns);
  // Only one side has other files where rows were but appended, or whole files removed: nothing is to be compared there.
  const removed = files.removed.length ? await only(before, after) : [];
  const added = files.added.length ? await only(after, before) : [];
  // Of many removed and many added rows, half of the page each.
  const half = Math.floor(limit / 2);
  const removedShown = Math.min(removed.length, Math.max(half, limit - added.length));
  const addedShown = Math.min(added.length, limit - removedShown);
  const as = (change: Row['change']) => (values: (string | null)[]) => ({ change, version: null, values });
  return {
    ...shape,
    rows: [...removed.slice(0, removedShown).map(as('delete')), ...added.slice(0, addedShown).map(as('insert'))].sort(
      byValues,
    ),
    truncated: removed.length > removedShown || added.length > addedShown,
  };
}

/** A row before and after its change lie together where its first columns say which one it is. */
function byValues(left: Row, right: Row): number {
  for (const [index, value] of left.values.entries()) {
    const order = (value ?? '').localeCompare(right.values[index] ?? '', 'en', { numeric: true });
    if (order !== 0) return order;
  }
  return left.change.localeCompare(right.change);
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT)}…` : text;
}
