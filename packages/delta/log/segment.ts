import { deltaErrors } from '../errors.ts';
import { type LogFile, parseLogName } from './names.ts';

/** A file of `_delta_log` as listed. */
export interface ListedFile {
  key: string;
  modifiedMs: number;
  file: LogFile;
}

export interface Checkpoint {
  version: number;
  kind: 'classic' | 'v2';
  /** One key, or all parts in order. */
  keys: string[];
}

/** A commit, or several in one file (from `from` on). */
export interface SegmentCommit {
  version: number;
  key: string;
  modifiedMs: number;
  from?: number;
}

/** What gives a version's state: a checkpoint (or none) and the commits after it, in order and without a gap. */
export interface LogSegment {
  version: number;
  checkpoint: Checkpoint | null;
  commits: SegmentCommit[];
  /** Key of the version's checksum, where it has one. */
  checksum: string | null;
}

/** Folder listing → known files. Sidecars and other folders are left out. */
export function knownFiles(folder: string, listed: readonly { key: string; modifiedMs: number }[]): ListedFile[] {
  return listed.flatMap(({ key, modifiedMs }) => {
    const name = key.slice(folder.length);
    const file = parseLogName(name);
    return file ? [{ key, modifiedMs, file }] : [];
  });
}

/** Complete checkpoints, oldest first. A multi-part one that lacks a part does not count. */
export function completeCheckpoints(files: readonly ListedFile[]): Checkpoint[] {
  const found: Checkpoint[] = [];
  const parts = new Map<string, { version: number; parts: number; keys: Map<number, string> }>();
  for (const { key, file } of files) {
    if (file.kind === 'classic') found.push({ version: file.version, kind: 'classic', keys: [key] });
    if (file.kind === 'v2') found.push({ version: file.version, kind: 'v2', keys: [key] });
    if (file.kind === 'part') {
      const group = `${file.version}/${file.parts}`;
      const entry = parts.get(group) ?? { version: file.version, parts: file.parts, keys: new Map() };
      entry.keys.set(file.part, key);
      parts.set(group, entry);
    }
  }
  for (const { version, parts: count, keys } of parts.values()) {
    if (keys.size !== count) continue;
    found.push({
      version,
      kind: 'classic',
      keys: [...keys].sort(([left], [right]) => left - right).map(([, key]) => key),
    });
  }
  return found.sort((left, right) => left.version - right.version);
}

/**
 * The segment of a version (null: the latest). `without` names checkpoints and compacted commits that turned out to be
 * unreadable.
 * Throws DELTA_TABLE_NOT_FOUND, DELTA_VERSION_NOT_FOUND, DELTA_VERSIONS_NOT_CONTIGUOUS.
 */
export function segmentOf(
  location: string,
  files: readonly ListedFile[],
  wanted: number | null,
  without: ReadonlySet<string>,
): LogSegment {
  const commits = files
    .flatMap(({ key, modifiedMs, file }) =>
      file.kind === 'commit' ? [{ version: file.version, key, modifiedMs }] : [],
    )
    .sort((left, right) => left.version - right.version);
  const checkpoints = completeCheckpoints(files).filter(({ keys }) => !keys.some((key) => without.has(key)));
  const latest = Math.max(commits.at(-1)?.version ?? -1, checkpoints.at(-1)?.version ?? -1);
  if (latest < 0) throw deltaErrors.tableNotFound(location);
  const version = wanted ?? latest;
  const checkpoint = checkpoints.findLast((candidate) => candidate.version <= version) ?? null;
  const first = checkpoint ? checkpoint.version + 1 : 0;
  const after = commits.filter((commit) => commit.version >= first && commit.version <= version);
  if (
    version < 0 ||
    version > latest ||
    (!checkpoint && commits[0]?.version !== 0 && commits.every((commit) => commit.version > version))
  ) {
    throw deltaErrors.versionNotFound(location, version, checkpoints[0]?.version ?? commits[0]?.version ?? 0, latest);
  }
  for (let index = 0; index < version - first + 1; index++) {
    if (after[index]?.version !== first + index) throw deltaErrors.notContiguous(location, first + index);
  }
  const checksum = files.find(({ file }) => file.kind === 'checksum' && file.version === version)?.key ?? null;
  return { version, checkpoint, commits: shortened(after, files, without), checksum };
}

/**
 * PROTOCOL.md "Log Compaction Files": runs of commits by the file that has them all, the longest first. The last commit
 * stays itself: only it says its time.
 */
function shortened(
  commits: readonly SegmentCommit[],
  files: readonly ListedFile[],
  without: ReadonlySet<string>,
): SegmentCommit[] {
  const last = commits.at(-1)?.version ?? -1;
  const runs = new Map<number, SegmentCommit>();
  for (const { key, modifiedMs, file } of files) {
    if (file.kind !== 'compacted' || file.version >= last || without.has(key)) continue;
    if ((runs.get(file.from)?.version ?? -1) < file.version)
      runs.set(file.from, { version: file.version, key, modifiedMs, from: file.from });
  }
  const chosen: SegmentCommit[] = [];
  for (const commit of commits) {
    if (commit.version <= (chosen.at(-1)?.version ?? -1)) continue;
    chosen.push(runs.get(commit.version) ?? commit);
  }
  return chosen;
}
