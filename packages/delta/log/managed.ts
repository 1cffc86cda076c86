import type { CommitCatalog, Committer } from '@boathouse/contracts';
import type { Protocol } from '../actions/types.ts';

/** Features by which a table's commits belong to a catalog. */
export const MANAGED = ['catalogManaged', 'catalogOwned', 'catalogOwned-preview'];
export const isManaged = ({ writerFeatures }: Protocol): boolean =>
  writerFeatures?.some((name) => MANAGED.includes(name)) ?? false;

/**
 * Which tables are known to be catalog-managed, so that the catalog is asked of no other. The commit that makes a table so
 * is always published: whoever has read the published log knows.
 */
export class ManagedTables {
  private readonly catalog: CommitCatalog;
  private readonly known = new Map<string, boolean>();

  constructor(catalog: CommitCatalog) {
    this.catalog = catalog;
  }

  /** To be told of each snapshot. True where the table turns out to be managed, which was not known before. */
  learn(logKey: string, protocol: Protocol): boolean {
    const [before, now] = [this.known.get(logKey), isManaged(protocol)];
    this.known.set(logKey, now);
    return now && before !== true;
  }

  isKnown(logKey: string): boolean {
    return this.known.has(logKey);
  }

  /** `Committer.unpublished` for the tables that are managed. */
  readonly unpublished: NonNullable<Committer['unpublished']> = async (logKey, afterVersion) =>
    this.known.get(logKey) ? this.catalog.unpublished(logKey, afterVersion) : [];
}
