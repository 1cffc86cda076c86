import { type DirectoryEntry, type ObjectStore, userError } from '@boathouse/contracts';
import { directoryMarks, volumePath } from './keys.ts';

export interface ListOptions {
  store: ObjectStore;
  volume: readonly string[];
  location: string;
  segments: readonly string[];
  pageSize: number;
  pageToken?: string;
}

/** One child of a folder: files sort by their name, folders by their name and a slash, as their keys do. */
interface Child {
  order: string;
  name: string;
  folder: boolean;
  sizeBytes?: number;
  modifiedMs?: number;
}

// After every key of a folder: no name reaches this character.
const last = '\u{10FFFF}';

/** Direct children of a key prefix after a place in their order. A folder's content is skipped, however long it is. */
async function* children(store: ObjectStore, prefix: string, after: string): AsyncIterable<Child> {
  let startAfter = after === '' ? '' : prefix + after + (after.endsWith('/') ? last : '');
  for (;;) {
    let folder: string | null = null;
    for await (const info of store.list(prefix, startAfter === '' ? {} : { startAfter })) {
      const rest = info.key.slice(prefix.length);
      const slash = rest.indexOf('/');
      if (slash < 0) {
        yield { order: rest, name: rest, folder: false, sizeBytes: info.sizeBytes, modifiedMs: info.modifiedMs };
        continue;
      }
      folder = rest.slice(0, slash);
      break;
    }
    if (folder === null) return;
    yield { order: `${folder}/`, name: folder, folder: true };
    startAfter = `${prefix}${folder}/${last}`;
  }
}

/** A page of a folder: its files and folders, also those that hold nothing. Null where there is no such folder. */
export async function listFolder(
  options: ListOptions,
): Promise<{ contents: DirectoryEntry[]; next_page_token?: string } | null> {
  const { store, location, segments, pageSize } = options;
  const after = options.pageToken === undefined ? '' : readToken(options.pageToken);
  const found = new Map<string, Child>();
  let any = segments.length === 0;
  const take = async (list: AsyncIterable<Child>) => {
    let count = 0;
    for await (const child of list) {
      any = true;
      if (!found.has(child.order)) found.set(child.order, child);
      if (++count > pageSize) break;
    }
  };
  await take(children(store, location + segments.map((it) => `${it}/`).join(''), after));
  await take(marked(store, directoryMarks(location, segments), after));
  if (!any && !(await folderExists(store, location, segments))) return null;
  const sorted = [...found.values()].sort((left, right) => (left.order < right.order ? -1 : 1));
  const shown = sorted.slice(0, pageSize);
  const contents = shown.map(
    (child): DirectoryEntry => ({
      path: volumePath(options.volume, [...segments, child.name]) + (child.folder ? '/' : ''),
      name: child.name,
      is_directory: child.folder,
      ...(child.sizeBytes === undefined ? {} : { file_size: child.sizeBytes }),
      ...(child.modifiedMs === undefined ? {} : { last_modified: Math.floor(child.modifiedMs) }),
    }),
  );
  const end = shown.at(-1);
  return sorted.length > pageSize && end
    ? { contents, next_page_token: Buffer.from(end.order).toString('base64url') }
    : { contents };
}

async function* marked(store: ObjectStore, prefix: string, after: string): AsyncIterable<Child> {
  // Files cannot be passed by in the order of marks: a file's place is before every folder that sorts after it.
  for await (const child of children(store, prefix, '')) {
    if (!child.folder) continue;
    const name = child.name.slice('d='.length);
    if (`${name}/` > after) yield { order: `${name}/`, name, folder: true };
  }
}

/** True for the volume's root, for a folder with something in it, and for one that was made. */
export async function folderExists(
  store: ObjectStore,
  location: string,
  segments: readonly string[],
): Promise<boolean> {
  if (segments.length === 0) return true;
  for await (const _ of store.list(location + segments.map((it) => `${it}/`).join(''))) return true;
  for await (const _ of store.list(directoryMarks(location, segments))) return true;
  return false;
}

/** True where a folder holds a file or another folder. */
export async function folderHolds(store: ObjectStore, location: string, segments: readonly string[]): Promise<boolean> {
  for await (const _ of store.list(location + segments.map((it) => `${it}/`).join(''))) return true;
  const own = `${directoryMarks(location, segments)}mark`;
  for await (const info of store.list(directoryMarks(location, segments))) if (info.key !== own) return true;
  return false;
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text === '')
    throw userError('INVALID_PARAMETER_VALUE', 'The field "page_token" of the query is not a token of this API.');
  return text;
}
