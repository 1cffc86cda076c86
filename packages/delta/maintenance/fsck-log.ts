import { BoathouseError } from '@boathouse/contracts';
import { z } from 'zod';
import { readCheckpoint } from '../checkpoint/read.ts';
import { lastCheckpointKey } from '../log/names.ts';
import { type LogReader, listLog, readCommit } from '../log/read.ts';
import { type Checkpoint, completeCheckpoints, type ListedFile, segmentOf } from '../log/segment.ts';
import type { FsckProblem } from './fsck-types.ts';

export interface LogFindings {
  problems: FsckProblem[];
  /** Keys of checkpoints that may go: every version that they would serve can be built without them. */
  expendable: string[];
  /** Whether `_last_checkpoint` has to be written anew. */
  hintIsWrong: boolean;
  /** The newest checkpoint that can be read. */
  newest: Checkpoint | null;
}

const Hint = z.object({ version: z.int() });
const decoder = new TextDecoder();

/** Looks at every file of the log: commits one after another, checkpoints by reading them. */
export async function checkLog(reader: LogReader, location: string): Promise<LogFindings> {
  const files = await listLog(reader, location, 0);
  const complete = completeCheckpoints(files);
  const damaged = new Map<Checkpoint, string>();
  for (const checkpoint of complete) {
    const why = await failure(() => readCheckpoint(reader, location, checkpoint));
    if (why !== null) damaged.set(checkpoint, why);
  }
  const good = complete.filter((checkpoint) => !damaged.has(checkpoint));
  const commits = await checkCommits(reader, location, files, good);
  const incomplete = incompleteParts(files, complete);
  const bad = new Set([...damaged.keys()].flatMap(({ keys }) => keys));
  const without = new Set([...bad, ...incomplete]);
  const canGo = isServed(location, files, without);
  const problems = [...commits];
  for (const [{ version, keys }, why] of damaged)
    for (const key of keys)
      problems.push({
        kind: 'damaged checkpoint',
        path: relative(location, key),
        version,
        rowsLost: canGo ? 0 : null,
        what: canGo
          ? `It cannot be read (${why}). Nothing is lost: the log gives the same without it. Repairing removes it.`
          : `It cannot be read (${why}), and the commits that it stands for are not there. Restore it from a backup.`,
        repairable: canGo,
        repaired: false,
      });
  for (const key of incomplete)
    problems.push({
      kind: 'incomplete checkpoint',
      path: relative(location, key),
      version: files.find((file) => file.key === key)?.file.version ?? null,
      rowsLost: 0,
      what: 'Other parts of it are not there, so no reader uses it. Repairing removes it.',
      repairable: canGo,
      repaired: false,
    });
  const hint = await checkHint(reader, location, complete, good);
  if (hint) problems.push(hint);
  return { problems, expendable: canGo ? [...without] : [], hintIsWrong: hint !== null, newest: good.at(-1) ?? null };
}

/** Commits that are broken or not there, with the versions that cannot be built for that. */
async function checkCommits(
  reader: LogReader,
  location: string,
  files: readonly ListedFile[],
  checkpoints: readonly Checkpoint[],
): Promise<FsckProblem[]> {
  const commits = files
    .flatMap(({ key, file }) => (file.kind === 'commit' ? [{ version: file.version, key }] : []))
    .sort((left, right) => left.version - right.version);
  const latest = Math.max(commits.at(-1)?.version ?? -1, checkpoints.at(-1)?.version ?? -1);
  const lost = (version: number): string => {
    const next = checkpoints.find((checkpoint) => checkpoint.version >= version)?.version;
    if (next === version) return `What it did can no longer be told, but no version is lost.`;
    const last = next === undefined ? latest : next - 1;
    const versions = last === version ? `Version ${version}` : `Versions ${version} to ${last}`;
    return `${versions} cannot be read${next === undefined ? '' : `; from version ${next} on there is a checkpoint`}.`;
  };
  const problem = (kind: FsckProblem['kind'], version: number, path: string, why: string): FsckProblem => ({
    kind,
    path,
    version,
    rowsLost: null,
    what: `${why}${lost(version)} Restore the file from a backup or another copy of the table${version > 0 ? `; version ${version - 1} can still be saved (rows --version ${version - 1})` : ''}.`,
    repairable: false,
    repaired: false,
  });
  const problems: FsckProblem[] = [];
  let expected = commits[0]?.version ?? 0;
  // Before the first commit only what a checkpoint stands for may be missing.
  if (!checkpoints.some(({ version }) => version >= expected - 1)) expected = 0;
  const nameOf = (version: number) => `_delta_log/${String(version).padStart(20, '0')}.json`;
  for (const { version, key } of commits) {
    for (; expected < version; expected++) problems.push(problem('missing commit', expected, nameOf(expected), ''));
    expected = version + 1;
    const why = await failure(() => readCommit(reader, key));
    if (why !== null) problems.push(problem('damaged commit', version, relative(location, key), `${why}. `));
  }
  return problems;
}

/** Parts of checkpoints that lack others. */
function incompleteParts(files: readonly ListedFile[], complete: readonly Checkpoint[]): string[] {
  const used = new Set(complete.flatMap(({ keys }) => keys));
  return files.filter(({ key, file }) => file.kind === 'part' && !used.has(key)).map(({ key }) => key);
}

/** Whether the latest version can be built without some checkpoints. */
function isServed(location: string, files: readonly ListedFile[], without: ReadonlySet<string>): boolean {
  try {
    segmentOf(location, files, null, without);
    return true;
  } catch {
    return false;
  }
}

async function checkHint(
  reader: LogReader,
  location: string,
  /** Checkpoints as they were listed, and those of them that can be read. */
  known: readonly Checkpoint[],
  checkpoints: readonly Checkpoint[],
): Promise<FsckProblem | null> {
  const key = lastCheckpointKey(location);
  if (!(await reader.store.head(key))) return null;
  const told = (what: string): FsckProblem => ({
    kind: 'wrong checkpoint hint',
    path: relative(location, key),
    version: null,
    rowsLost: 0,
    what: `${what} Readers then have to list the whole log, and some fail. Repairing writes it anew.`,
    repairable: true,
    repaired: false,
  });
  let version: number;
  try {
    version = Hint.parse(JSON.parse(decoder.decode(await reader.store.get(key)))).version;
  } catch {
    return told('It is not JSON with a version.');
  }
  if (checkpoints.some((checkpoint) => checkpoint.version === version)) return null;
  // Somebody may have written a checkpoint since the log was listed.
  const now = completeCheckpoints(await listLog(reader, location, version));
  const isNew = now.some((found) => found.version === version && !known.some((old) => old.version === version));
  return isNew ? null : told(`It names version ${version}, of which there is no checkpoint that can be read.`);
}

/** What is wrong, or null. Failures of the store itself are not what is looked for. */
async function failure(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof BoathouseError) return error.message.replace(/\. Restore it from a backup\.$/, '');
    throw error;
  }
}

const relative = (location: string, key: string): string => key.slice(location.length + 1);
