import type { CommitCatalog, ObjectStore } from '@boathouse/contracts';

/** A catalog of commits in a folder of the store, for processes that share it: one object a version, put where none is. */
export function fileCatalog(store: ObjectStore): CommitCatalog {
  const keyOf = (logKey: string, version: number) => `catalog/${logKey}/${String(version).padStart(20, '0')}`;
  return {
    async ratify(logKey, version, path) {
      if (await store.putIfAbsent(keyOf(logKey, version), Buffer.from(path))) return true;
      return Buffer.from(await store.get(keyOf(logKey, version))).toString() === path;
    },
    async unpublished(logKey, afterVersion) {
      const found: { version: number; path: string }[] = [];
      for await (const { key } of store.list(`catalog/${logKey}/`)) {
        const version = Number(key.slice(-20));
        if (version <= afterVersion || (await store.head(`published/${key}`))) continue;
        found.push({ version, path: Buffer.from(await store.get(key)).toString() });
      }
      return found;
    },
    published: (logKey, version) => store.put(`published/${keyOf(logKey, version)}`, Buffer.from('')),
  };
}
