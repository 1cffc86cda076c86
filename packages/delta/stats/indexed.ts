import { splitPath } from '../schema/path.ts';

/**
 * Which columns have statistics (table properties of PROTOCOL.md "Per-file Statistics"): the first
 * `delta.dataSkippingNumIndexedCols` leaves of the data schema (-1: all), or those that `delta.dataSkippingStatsColumns`
 * names, which wins.
 */
export interface IndexedColumns {
  /** How many leaves, counted in schema order. */
  count: number;
  /** Column paths in lower case; null: no list. A named struct means all of its leaves. */
  named: ReadonlySet<string> | null;
}

/** Spark's default for `delta.dataSkippingNumIndexedCols`. */
const INDEXED_COLUMNS = 32;

export function indexedColumns({ configuration }: { configuration: Readonly<Record<string, string>> }): IndexedColumns {
  const columns = configuration['delta.dataSkippingStatsColumns'];
  if (columns !== undefined) {
    const paths = columns.split(/,(?=(?:[^`]*`[^`]*`)*[^`]*$)/).filter((path) => path.trim() !== '');
    return { count: Number.POSITIVE_INFINITY, named: new Set(paths.map((path) => pathKey(splitPath(path.trim())))) };
  }
  const count = Number(configuration['delta.dataSkippingNumIndexedCols'] ?? INDEXED_COLUMNS);
  return { count: count < 0 ? Number.POSITIVE_INFINITY : count, named: null };
}

export const pathKey = (path: readonly string[]): string => path.join('\0').toLowerCase();

/** Whether a list of columns names the path or a struct that it lies in. */
export function isIndexed({ named }: IndexedColumns, path: readonly string[]): boolean {
  return named === null || path.some((_, index) => named.has(pathKey(path.slice(0, index + 1))));
}
