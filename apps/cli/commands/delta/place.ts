import { rmdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type ObjectStore, userError } from '@boathouse/contracts';
import { createLocalStore, openS3Store, parseS3Url } from '@boathouse/storage';
import { UsageError } from '../arguments.ts';

/** Where a table lies, and what its store needs on this machine. */
export interface Place {
  store: ObjectStore;
  /** Storage key of the table. */
  location: string;
  /** Folders that the engine may open. */
  folders: string[];
  /** Removes what was only for the time of the command. */
  leave(): void;
}

/**
 * A folder, or `s3://bucket/path` by the environment that AWS's own tools know. `temporary`: a folder of the command.
 * `writes`: unfinished files then lie on the table's own file system; reading leaves nothing there. Throws
 * DELTA_TABLE_NOT_FOUND where there is no log.
 */
export async function placeOf(
  path: string,
  writes: boolean,
  temporary: string,
  env: NodeJS.ProcessEnv,
): Promise<Place> {
  const url = parseS3Url(path);
  return url ? inBucket(url, env) : inFolder(resolve(path), writes, temporary);
}

const notFound = (name: string) =>
  userError('DELTA_TABLE_NOT_FOUND', `${name} is no Delta table: it has no _delta_log folder.`);

function inFolder(folder: string, writes: boolean, temporary: string): Place {
  if (!statSync(join(folder, '_delta_log'), { throwIfNoEntry: false })?.isDirectory()) throw notFound(folder);
  const unfinished = join(writes ? folder : temporary, '.boathouse-tmp');
  return {
    store: createLocalStore(dirname(folder), { temporary: unfinished }),
    location: basename(folder),
    folders: [folder],
    leave: () => {
      if (writes) removeIfEmpty(unfinished);
    },
  };
}

async function inBucket({ bucket, key }: { bucket: string; key: string }, env: NodeJS.ProcessEnv): Promise<Place> {
  const cut = key.lastIndexOf('/');
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  const folder = resolve(
    env.BOATHOUSE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'boathouse', 'objects'),
  );
  const store = await openS3Store({
    bucket,
    ...(cut > 0 ? { prefix: key.slice(0, cut) } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(region ? { region } : {}),
    cache: { folder, ...limitOf(env.BOATHOUSE_CACHE_BYTES) },
  });
  const location = key.slice(cut + 1);
  const name = `s3://${bucket}/${key}`;
  for await (const _ of store.list(`${location}/_delta_log/`))
    return { store, location, folders: [folder], leave: () => undefined };
  throw notFound(name);
}

function limitOf(text: string | undefined): { maxBytes?: number } {
  if (!text) return {};
  if (!/^[1-9]\d{0,15}$/.test(text))
    throw new UsageError(`BOATHOUSE_CACHE_BYTES must be a number of bytes; it is "${text}".`);
  return { maxBytes: Number(text) };
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else works on the same table, or it was never made.
  }
}
