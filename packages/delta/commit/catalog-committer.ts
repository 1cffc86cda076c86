import type { CommitCatalog, Committer, ObjectStore } from '@boathouse/contracts';
import { BoathouseError } from '@boathouse/contracts';
import { stagedPath, versionText } from '../log/names.ts';
import type { DeltaLogger } from '../types.ts';

export interface CatalogCommitterOptions {
  /** Fresh unique ids (UUID text). */
  ids: () => string;
  logger?: DeltaLogger;
}

/**
 * PROTOCOL.md "Catalog-managed tables": a commit is written under a name that nobody else has, the catalog gives it the
 * version, and then it is published under the version's name. It counts from the catalog's word on: what a dead writer left
 * unpublished is read from where it was staged, and published by whoever commits next. `logKey` ends in `_delta_log`.
 */
export function createCatalogCommitter(
  store: ObjectStore,
  catalog: CommitCatalog,
  { ids, logger }: CatalogCommitterOptions,
): Committer {
  return {
    async commit(logKey, version, body) {
      const path = stagedPath(version, ids());
      await store.put(`${logKey}/${path}`, body);
      // Where the answer is lost the catalog may have ratified it: the file stays.
      if (!(await catalog.ratify(logKey, version, path))) {
        await store.delete(`${logKey}/${path}`).catch(() => undefined);
        return false;
      }
      try {
        await publishAll(store, catalog, logKey);
      } catch (error) {
        logger?.warn({ log: logKey, version, error }, 'a ratified commit is not published yet');
      }
      return true;
    },
    unpublished: (logKey, afterVersion) => catalog.unpublished(logKey, afterVersion),
  };
}

/** Gives ratified commits the names of their versions, without a gap: the oldest first. */
async function publishAll(store: ObjectStore, catalog: CommitCatalog, logKey: string): Promise<void> {
  for (const { version, path } of await catalog.unpublished(logKey, -1)) {
    const [from, to] = [`${logKey}/${path}`, `${logKey}/${versionText(version)}.json`];
    const body = await bodyOf(store, from);
    if (body) await store.putIfAbsent(to, body);
    // Another publisher was first, and has taken the staged file away.
    else if (!(await store.head(to))) return;
    await catalog.published(logKey, version);
    await store.delete(from);
  }
}

async function bodyOf(store: ObjectStore, key: string): Promise<Uint8Array | null> {
  try {
    return await store.get(key);
  } catch (error) {
    if (error instanceof BoathouseError && error.code === 'OBJECT_NOT_FOUND') return null;
    throw error;
  }
}
