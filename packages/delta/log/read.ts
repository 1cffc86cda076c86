import { BoathouseError, type Committer, type ObjectStore, type TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import { parseCommit } from '../actions/schemas.ts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import type { DeltaLogger } from '../types.ts';
import { lastCheckpointKey, logFolder, versionText } from './names.ts';
import { completeCheckpoints, knownFiles, type ListedFile, type LogSegment, segmentOf } from './segment.ts';

export interface LogReader {
  store: ObjectStore;
  engine: TableEngine;
  /** A checkpoint of more files than this stays in the engine. Default 5,000. */
  filesInMemory?: number;
  logger?: DeltaLogger;
  /** Tells of commits that lie elsewhere than under their versions' names. */
  committer?: Committer;
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
  const listed: { key: string; modifiedMs: number }[] = [];
  // '-' sorts before '.': everything of the version itself is listed.
  const startAfter = fromVersion > 0 ? `${folder}${versionText(fromVersion)}-` : undefined;
  for await (const { key, modifiedMs } of reader.store.list(folder, { startAfter }))
    listed.push({ key, modifiedMs: Math.floor(modifiedMs) });
  const files = knownFiles(folder, listed);
  return [...files, ...(await stagedCommits(reader, location, fromVersion, files))];
}

const staged = /^_staged_commits\/\d{20}\.[0-9a-fA-F-]{36}\.json$/;

/** PROTOCOL.md "Catalog-managed tables": ratified commits that have no file of their version's name yet. */
async function stagedCommits(
  reader: LogReader,
  location: string,
  fromVersion: number,
  published: readonly ListedFile[],
): Promise<ListedFile[]> {
  const folder = logFolder(location);
  const ratified = await reader.committer?.unpublished?.(folder.slice(0, -1), fromVersion - 1);
  const known = new Set(published.flatMap(({ file }) => (file.kind === 'commit' ? [file.version] : [])));
  const files: ListedFile[] = [];
  for (const { version, path } of ratified ?? []) {
    if (known.has(version)) continue;
    const key = `${folder}${path}`;
    if (!staged.test(path)) throw deltaErrors.corrupt(key, 'the catalog names it as a commit, which its name is not');
    const head = await reader.store.head(key);
    if (!head) throw deltaErrors.corrupt(key, 'the catalog has ratified it as a commit, but it is not there');
    files.push({ key, modifiedMs: Math.floor(head.modifiedMs), file: { kind: 'commit', version } });
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

export async function readCommit(reader: LogReader, key: string): Promise<Action[]> {
  return parseCommit(decoder.decode(await reader.store.get(key)), key);
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
