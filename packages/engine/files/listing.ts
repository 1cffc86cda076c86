import { type ObjectInfo, type ObjectStore, userError } from '@boathouse/contracts';
import { globMatcher } from './glob.ts';

/** Files whose name, or a folder of whose path, begins with `_` or `.` belong to tools, not to the data. */
const hidden = (relative: string): boolean =>
  relative.split('/').some((part) => part.startsWith('_') || part.startsWith('.'));

/**
 * The files of a location in byte order: one object, everything under a prefix that ends with '/', or a glob (`*`, `?`,
 * `[ab]`, `{a,b}`; a star stays within one folder). Throws PATH_NOT_FOUND naming what the person wrote.
 */
export async function listFiles(store: ObjectStore, location: string, shown: string): Promise<ObjectInfo[]> {
  const star = location.search(/[*?[{]/);
  if (star < 0 && !location.endsWith('/')) {
    const info = await store.head(location);
    if (info) return [info];
  }
  const prefix =
    star < 0
      ? location.endsWith('/')
        ? location
        : `${location}/`
      : location.slice(0, location.lastIndexOf('/', star) + 1);
  const matches = star < 0 ? () => true : globMatcher(location);
  const files: ObjectInfo[] = [];
  for await (const info of store.list(prefix))
    if (!hidden(info.key.slice(prefix.length)) && matches(info.key)) files.push(info);
  if (!files.length) {
    // A name may hold a pattern's characters itself: `report[1].csv`.
    const named = star < 0 || location.endsWith('/') ? null : await store.head(location);
    if (named) return [named];
    throw userError('PATH_NOT_FOUND', `There are no files at ${shown}.`, { status: 404, sqlState: '42K03' });
  }
  return files;
}
