import { type ObjectStore, type PlanEngine, userError } from '@boathouse/contracts';
import type { DeltaTable, RelationWriter } from '../execute/tables.ts';
import { sparkName, sparkString } from './text.ts';

/** What Spark calls an object of our storage. Paths are taken as they are: Hadoop does not decode them. */
export function sparkUrl(engine: PlanEngine, store: Pick<ObjectStore, 'uri'>, key: string): string {
  if (engine.storageUrl) return `${engine.storageUrl.replace(/\/+$/, '')}/${key}`;
  const uri = store.uri(key);
  return uri.startsWith('/') ? `file://${uri}` : uri.replace(/^s3:/, 's3a:');
}

const delta = (url: string): string => `delta.${sparkName(url)}`;

/** Relations of Spark's text: our tables by their folders, at pinned versions, with exactly the columns of the plan. */
export const sparkRelations = (engine: PlanEngine, store: Pick<ObjectStore, 'uri'>): RelationWriter => ({
  rows: (table, version) =>
    `(SELECT ${columns(table)} FROM ${delta(sparkUrl(engine, store, table.location))} VERSION AS OF ${version})`,
  changes(table, { fromVersion, toVersion }) {
    const url = sparkUrl(engine, store, table.location);
    // Spark refuses a range that ends before it begins; our feed of it has no rows.
    return fromVersion > toVersion
      ? `(SELECT ${columns(table)} FROM table_changes_by_path(${sparkString(url)}, 0, 0) WHERE false)`
      : `(SELECT ${columns(table)} FROM table_changes_by_path(${sparkString(url)}, ${fromVersion}, ${toVersion}))`;
  },
});

const columns = (table: DeltaTable): string =>
  // A table without columns has no rows either.
  table.columns.map(({ name }) => sparkName(name)).join(', ') || 'NULL';

/** `read_files` and uploads: their rules of reading are ours, and Spark has others. */
export const filesRefused = (path: string) =>
  userError(
    'UNSUPPORTED_ON_SPARK',
    `Files under ${path} are read by the embedded engine only. Run it there, or load them into a table first.`,
    { sqlState: '0A000' },
  );
