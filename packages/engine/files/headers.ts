import { BoathouseError, type ObjectStore } from '@boathouse/contracts';
import { checkNames, csvRecords } from './dialect.ts';
import { checkTextEncoding, readHead, textOf } from './head.ts';
import type { CsvOptions } from './options.ts';

export interface HeaderGroup {
  /** Names of the columns in file order. */
  names: string[];
  keys: string[];
}

const HEADER_BYTES = 64 * 1024;
const AT_ONCE = 16;

/**
 * CSV files grouped by the columns that their headers name. Files of one folder may order their columns differently, or
 * lack some: read by position their values would land in wrong columns. Files without a byte are left out. Throws FILE_….
 */
export async function headerGroups(
  store: ObjectStore,
  keys: readonly string[],
  options: CsvOptions,
): Promise<HeaderGroup[]> {
  const groups = new Map<string, HeaderGroup>();
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE);
    const headers = await Promise.all(some.map((key) => headerOf(store, key, options)));
    headers.forEach((names, i) => {
      if (!names) return;
      const id = JSON.stringify(names);
      const group = groups.get(id) ?? { names, keys: [] };
      group.keys.push(some[i]!);
      groups.set(id, group);
    });
  }
  return [...groups.values()];
}

async function headerOf(store: ObjectStore, key: string, options: CsvOptions): Promise<string[] | null> {
  const name = key.slice(key.lastIndexOf('/') + 1);
  try {
    const head = await readHead(store, key, name, HEADER_BYTES);
    if (options.encoding === 'utf-8') checkTextEncoding(head, name);
    const names = csvRecords(textOf(head, options.encoding), options.delimiter, options.quote, 1)[0] ?? [];
    checkNames(names, name);
    return names;
  } catch (error) {
    if (error instanceof BoathouseError && error.code === 'FILE_EMPTY') return null;
    throw error;
  }
}
