import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectInfo } from '@boathouse/contracts';
import { compareKeys, prefixParts, TEMPORARY } from '../keys.ts';
import { isMissing } from './durable.ts';

/**
 * Keys under a prefix in byte order. Folders sort as `name/`, which is what makes a depth-first walk give that order.
 * Whole folders and names up to `startAfter` are left out before anything is asked about them: a poll of a long Delta log
 * costs one directory read. Links are not followed, so that a listing never leaves the root.
 */
export async function* listFolder(root: string, prefix: string, startAfter: string): AsyncIterable<ObjectInfo> {
  const { folder, nameStart } = prefixParts(prefix);
  yield* walk(root, folder.length ? folder.join('/') + '/' : '', nameStart, startAfter);
}

async function* walk(
  root: string,
  keyPrefix: string,
  nameStart: string,
  startAfter: string,
): AsyncIterable<ObjectInfo> {
  for (const { key, isFolder } of await entries(root, keyPrefix, nameStart)) {
    if (isFolder) {
      // Every key below begins with `key`: all of them are passed unless startAfter lies before or inside.
      if (compareKeys(key, startAfter) > 0 || startAfter.startsWith(key)) yield* walk(root, key, '', startAfter);
      continue;
    }
    if (compareKeys(key, startAfter) <= 0) continue;
    try {
      const info = await stat(join(root, key));
      yield { key, sizeBytes: info.size, modifiedMs: info.mtimeMs };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}

async function entries(
  root: string,
  keyPrefix: string,
  nameStart: string,
): Promise<{ key: string; isFolder: boolean }[]> {
  let found: Dirent[];
  try {
    found = await readdir(join(root, keyPrefix), { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  return found
    .filter((entry) => (entry.isFile() || entry.isDirectory()) && entry.name.startsWith(nameStart))
    .filter((entry) => keyPrefix !== '' || entry.name !== TEMPORARY)
    .map((entry) => ({ key: keyPrefix + entry.name + (entry.isDirectory() ? '/' : ''), isFolder: entry.isDirectory() }))
    .sort((left, right) => compareKeys(left.key, right.key));
}
