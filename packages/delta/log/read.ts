import { BoathouseError, type Committer, type ObjectStore, type TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import { parseCommit } from '../actions/schemas.ts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import type { DeltaLogger } from '../types.ts';
import type { ManagedTables } from './managed.ts';
import { commitKey, lastCheckpointKey, logFolder, versionText } from './names.ts';
import { completeCheckpoints, knownFiles, type ListedFile, type LogSegment, segmentOf } from './segment.ts';

export interface LogReader {
  store: ObjectStore;
  engine: TableEngine;
  /** A checkpoint of more files than this stays in the engine. Default 5,000. */
  filesInMemory?: number;
  logger?: DeltaLogger;
  /** Tells of commits that lie elsewhere than under their versions' names. */
  committer?: Pick<Committer, 'unpublished'>;
  /** Where commits of some tables go through a catalog: which ones. */
  managed?: ManagedTables;
}

const decoder = new TextDecoder();
const LastCheckpoint = z.object({ version: z.int() });

/** PROTOCOL.md "Last Checkpoint File": only a hint, so anything wrong with it means none. */
async function lastCheckpointVersion(reader: LogReader, location: string): Promise<number | null> {
  try {
    const body = decoder.decode(await reader.store.get(lastCheckpointKey(location)));
    return LastCheckpoint.parse(JSON.parse(body)).version;
  } catch (error) {
    // Most tables without a hint are young; a hint that cannot be read is worth a word.
    if (!(error instanceof BoathouseError && error.code === 'OBJECT_NOT_FOUND'))
      reader.logger?.warn({ location, error }, 'the hint to the last checkpoint cannot be read');
    return null;
  }
}

/** Known log files from a version on. */
export async function listLog(reader: LogReader, location: string, fromVersion: number): Promise<ListedFile[]> {
  const folder = logFolder(location);
  // Asked before the folder is listed: what is published between the two is in the list.
  const ratified = (await reader.committer?.unpublished?.(folder.slice(0, -1), fromVersion - 1)) ?? [];
  const listed: { key: string; modifiedMs: number }[] = [];
  // '-' sorts before '.': everything of the version itself is listed.
  const startAfter = fromVersion > 0 ? `${folder}${versionText(fromVersion)}-` : undefined;
  for await (const { key, modifiedMs } of reader.store.list(folder, { startAfter }))
    listed.push({ key, modifiedMs: Math.floor(modifiedMs) });
  const files = knownFiles(folder, listed);
  return [...files, ...(await stagedCommits(reader, folder, ratified, files))];
}

const stagedKey = /^(.*_delta_log\/)_staged_commits\/(\d{20})\./;
const staged = /^_staged_commits\/\d{20}\.[0-9a-fA-F-]{36}\.json$/;

/** PROTOCOL.md "Catalog-managed tables": ratified commits that have no file of their version's name yet. */
async function stagedCommits(
  reader: LogReader,
  folder: string,
  ratified: readonly { version: number; path: string }[],
  published: readonly ListedFile[],
): Promise<ListedFile[]> {
  const known = new Set(published.flatMap(({ file }) => (file.kind === 'commit' ? [file.version] : [])));
  const files: ListedFile[] = [];
  for (const { version, path } of ratified) {
    if (known.has(version)) continue;
    const key = `${folder}${path}`;
    if (!staged.test(path)) throw deltaErrors.corrupt(key, 'the catalog names it as a commit, which its name is not');
    // Somebody may publish it at this moment.
    const found = (await reader.store.head(key)) ?? (await reader.store.head(`${folder}${versionText(version)}.json`));
    if (!found) throw deltaErrors.corrupt(key, 'the catalog has ratified it as a commit, but it is not there');
    files.push({ key: found.key, modifiedMs: Math.floor(found.modifiedMs), file: { kind: 'commit', version } });
  }
  return files;
}

/** The segment of a version (null: latest), by the hint of `_last_checkpoint` where it helps. */
export async function findSegment(
  reader: LogReader,
  location: string,
  wanted: number | null,
  without: ReadonlySet<string>,
): Promise<LogSegment> {
  const hint = without.size ? null : await lastCheckpointVersion(reader, location);
  if (hint !== null && hint > 0 && (wanted === null || wanted >= hint)) {
    const files = await listLog(reader, location, hint);
    if (completeCheckpoints(files).length) return segmentOf(location, files, wanted, without);
    reader.logger?.warn({ location, checkpoint: hint }, 'the hint to the last checkpoint names one that is not there');
  }
  return segmentOf(location, await listLog(reader, location, 0), wanted, without);
}

/** A staged commit may be published, and be gone from where it was, between its listing and its reading. */
export async function readCommit(reader: LogReader, key: string): Promise<Action[]> {
  const [, folder, version] = stagedKey.exec(key) ?? [];
  if (folder === undefined) return parseCommit(decoder.decode(await reader.store.get(key)), key);
  const isThere = (await reader.store.head(key)) !== null;
  const body = await reader.store.get(isThere ? key : `${folder}${version}.json`);
  return parseCommit(decoder.decode(body), key);
}

/** Keys of commits by their versions: those that are not published lie where the catalog says. */
export async function commitKeys(
  reader: LogReader,
  location: string,
  versions: readonly number[],
): Promise<{ version: number; key: string }[]> {
  const first = versions[0];
  if (first === undefined) return [];
  const folder = logFolder(location);
  const ratified = await reader.committer?.unpublished?.(folder.slice(0, -1), first - 1);
  const paths = new Map((ratified ?? []).map(({ version, path }) => [version, path]));
  return versions.map((version) => {
    const path = paths.get(version);
    return {
      version,
      key: path !== undefined && staged.test(path) ? `${folder}${path}` : commitKey(location, version),
    };
  });
}

/** Commits in order; a few files at a time, because most are small and waiting costs more than reading. */
export async function* readCommits<T extends { key: string }>(
  reader: LogReader,
  commits: readonly T[],
): AsyncIterable<T & { actions: Action[] }> {
  const ahead = 16;
  const pending: Promise<Action[]>[] = [];
  for (const [index, commit] of commits.entries()) {
    while (pending.length < commits.length && pending.length < index + ahead) {
      const next = readCommit(reader, commits[pending.length]!.key);
      next.catch(() => undefined);
      pending.push(next);
    }
    yield { ...commit, actions: await pending[index]! };
  }
}
