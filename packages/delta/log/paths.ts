import type { ObjectStore } from '@boathouse/contracts';
import { deltaErrors } from '../errors.ts';

/**
 * PROTOCOL.md "Add File and Remove File": `path` is a URI reference, relative to the table's root or absolute. Everything
 * inside the root has one name here: relative and decoded.
 */
export function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Some writers do not encode: a stray '%' is then part of the name.
    return path;
  }
}

/** `root`: the table's folder as `ObjectStore.uri` names it. Paths outside of it keep their absolute form. */
export function canonicalPath(path: string, root: string): string {
  const decoded = decodePath(path);
  // Hadoop has three names for one scheme.
  const absolute = decoded.replace(/^file:\/*/, '/').replace(/^s3[an]:\/\//, 's3://');
  if (absolute.startsWith(root + '/')) return absolute.slice(root.length + 1);
  return absolute;
}

/** A store that says which files outside of a table's folder may be read for it: a shallow clone's lie in another table. */
export interface TableStore extends ObjectStore {
  /** Asked with the file's absolute path or URL, as `ObjectStore.uri` names it. */
  allowOutside?(uri: string): boolean;
}

/**
 * Storage key of a data file. Throws DELTA_UNSUPPORTED_FILE_PATH for one outside of the table, unless it lies in the same
 * store, which `reading` is, and that allows it.
 */
export function fileKey(location: string, path: string, root: string, reading?: TableStore): string {
  const canonical = canonicalPath(path, root);
  const isAbsolute = canonical.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:\//.test(canonical);
  if (!isAbsolute) return `${location}/${canonical}`;
  const storeRoot = root.slice(0, -location.length);
  if (canonical.startsWith(storeRoot) && reading?.allowOutside?.(canonical)) return canonical.slice(storeRoot.length);
  throw deltaErrors.absolutePath(path);
}

/** Where the engine opens data files of a table, in their order; they are brought there where the store is not a folder. */
export async function engineUris(
  store: TableStore,
  location: string,
  files: readonly { path: string }[],
): Promise<string[]> {
  const root = store.uri(location);
  const keys = files.map((file) => fileKey(location, file.path, root, store));
  await store.localise(keys);
  return keys.map((key) => store.engineUri(key));
}

/** The same store with the caller's word on files outside of tables. */
export function tableStore(store: ObjectStore, allowOutside: ((uri: string) => boolean) | undefined): TableStore {
  if (!allowOutside) return store;
  return {
    get: (key) => store.get(key),
    getRange: (key, offset, length) => store.getRange(key, offset, length),
    head: (key) => store.head(key),
    put: (key, body, options) => store.put(key, body, options),
    putIfAbsent: (key, body) => store.putIfAbsent(key, body),
    delete: (key) => store.delete(key),
    deletePrefix: (prefix) => store.deletePrefix(prefix),
    list: (prefix, options) => store.list(prefix, options),
    uri: (key) => store.uri(key),
    engineUri: (key) => store.engineUri(key),
    localise: (keys) => store.localise(keys),
    writer: (key) => store.writer(key),
    stage: () => store.stage(),
    allowOutside,
  };
}

/** A relative key as the URI of `add.path`: every segment percent-encoded, slashes kept. */
export const encodePath = (path: string): string =>
  path
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (sign) => '%' + sign.charCodeAt(0).toString(16).toUpperCase()),
    )
    .join('/')
    .replaceAll('%3D', '=');
