import { BoathouseError } from '@boathouse/contracts';
import type { Action } from '../actions/types.ts';
import { FILES_IN_MEMORY, readCheckpoint } from '../checkpoint/read.ts';
import { readChecksum, verify } from '../checksum/verify.ts';
import { deltaErrors } from '../errors.ts';
import { identityOf } from '../log/identity.ts';
import { commitKey, logFolder } from '../log/names.ts';
import { findSegment, type LogReader, listLog, readCommit, readCommits } from '../log/read.ts';
import { applyActions, copyState, emptyState, type LogState } from '../log/replay.ts';
import type { DeltaLogger } from '../types.ts';
import { foldState } from './fold.ts';
import { ReplayedSnapshot } from './snapshot.ts';

const LOCATIONS_KEPT = 256;
const OLD_VERSIONS_KEPT = 16;
/** Commits whose actions are at hand, and how many actions one of them may have. */
const COMMITS_KEPT = 64;
const ACTIONS_KEPT = 1000;
/** A log that is read from its beginning is folded when memory holds this many times the files that it may. */
const FOLD_WHILE_READING = 5;

interface Cached {
  snapshot: ReplayedSnapshot;
  /** The version's own file: its commit, or its checkpoint where the commit was cleaned up. */
  key: string;
  /** Modification time of that file: tells a table that was dropped and made again. */
  modifiedMs: number;
}

/**
 * Latest snapshots by location, and a few older versions. A refresh asks for two files, the version's own and the next:
 * no listing and no replay where nothing is new; what is new is replayed on top.
 */
export class SnapshotCache {
  private readonly reader: LogReader;
  private readonly logger: DeltaLogger | undefined;
  private readonly most: number;
  private readonly latest = new Map<string, Cached>();
  private readonly older = new Map<string, Cached>();
  private readonly commits = new Map<string, readonly Action[]>();
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(reader: LogReader, logger: DeltaLogger | undefined) {
    this.reader = reader;
    this.logger = logger;
    this.most = reader.filesInMemory ?? FILES_IN_MEMORY;
  }

  /** The latest version as of a moment after the call. Calls for one location take turns: each looks for itself. */
  current(location: string): Promise<ReplayedSnapshot> {
    const before = this.queues.get(location) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.refresh(location));
    this.queues.set(location, mine);
    const leave = () => {
      if (this.queues.get(location) === mine) this.queues.delete(location);
    };
    mine.then(leave, leave);
    return mine;
  }

  async atVersion(location: string, version: number): Promise<ReplayedSnapshot> {
    const cached = this.latest.get(location);
    if (cached?.snapshot.version === version && (await this.isSame(cached))) return cached.snapshot;
    const key = `${version} ${location}`;
    const old = this.older.get(key);
    if (old && (await this.isSame(old))) return old.snapshot;
    // Its commits may lie with a catalog, which only the table itself tells.
    const { managed } = this.reader;
    if (managed && !managed.isKnown(logFolder(location).slice(0, -1))) await this.current(location);
    const loaded = await this.load(location, version);
    keep(this.older, key, loaded, OLD_VERSIONS_KEPT);
    return loaded.snapshot;
  }

  /**
   * Actions of a commit that lately brought a snapshot of `current` up to date: who lost a race need not read them again. Null
   * where they are not at hand.
   */
  commitOf(location: string, version: number): readonly Action[] | null {
    return this.commits.get(`${version} ${location}`) ?? null;
  }

  forget(location: string): void {
    this.latest.delete(location);
    for (const key of this.commits.keys()) if (key.endsWith(` ${location}`)) this.commits.delete(key);
    for (const key of this.older.keys()) if (key.endsWith(` ${location}`)) this.older.delete(key);
  }

  /** Whether the file that gave the snapshot is the same still, and what the snapshot rests on is there. */
  private async isSame({ key, modifiedMs, snapshot }: Cached): Promise<boolean> {
    const [head, isThere] = await Promise.all([
      this.reader.store.head(key),
      snapshot.state.base?.isThere(this.reader.store) ?? true,
    ]);
    return head !== null && Math.floor(head.modifiedMs) === modifiedMs && isThere;
  }

  private async hasNext(location: string, version: number): Promise<boolean> {
    if (await this.reader.store.head(commitKey(location, version + 1))) return true;
    const ratified = await this.reader.committer?.unpublished?.(logFolder(location).slice(0, -1), version);
    return ratified?.some((commit) => commit.version > version) ?? false;
  }

  private async refresh(location: string): Promise<ReplayedSnapshot> {
    const cached = this.latest.get(location);
    if (cached) {
      const [same, next] = await Promise.all([this.isSame(cached), this.hasNext(location, cached.snapshot.version)]);
      if (same) {
        if (!next) return cached.snapshot;
        return this.remember(location, await this.newest(location, await this.advance(cached.snapshot)));
      }
      this.forget(location);
    }
    return this.remember(location, await this.newest(location, await this.load(location, null)));
  }

  /** With the commits that only the catalog knows, where the published ones say that there may be some. */
  private async newest(location: string, loaded: Cached): Promise<Cached> {
    const { snapshot } = loaded;
    const isNew = this.reader.managed?.learn(logFolder(location).slice(0, -1), snapshot.protocol) ?? false;
    const more = isNew && (await this.hasNext(location, snapshot.version));
    return this.lighten(location, more ? await this.advance(snapshot) : loaded);
  }

  private remember(location: string, loaded: Cached): ReplayedSnapshot {
    keep(this.latest, location, loaded, LOCATIONS_KEPT);
    return loaded.snapshot;
  }

  /** Replays the commits after a snapshot on a copy of its state: snapshots that others hold do not change. */
  private async advance(from: ReplayedSnapshot): Promise<Cached> {
    const files = await listLog(this.reader, from.location, from.version + 1);
    const commits = files
      .flatMap(({ key, modifiedMs, file }) =>
        file.kind === 'commit' && file.version > from.version ? [{ version: file.version, key, modifiedMs }] : [],
      )
      .sort((left, right) => left.version - right.version);
    for (const [index, commit] of commits.entries()) {
      if (commit.version !== from.version + 1 + index)
        throw deltaErrors.notContiguous(from.location, from.version + 1 + index);
    }
    return this.replay(from.location, copyState(from.state), commits, (version, actions) => {
      if (actions.length <= ACTIONS_KEPT) keep(this.commits, `${version} ${from.location}`, actions, COMMITS_KEPT);
    });
  }

  /** Where memory holds too many files, they go to the engine: by a newer checkpoint if there is one, else by a fold. */
  private async lighten(location: string, grown: Cached): Promise<Cached> {
    const { state, version } = grown.snapshot;
    if (state.files.size + state.tombstones.size <= this.most * 2) return grown;
    const { checkpoint } = await findSegment(this.reader, location, version, new Set());
    if (checkpoint && checkpoint.version > (state.base?.version ?? -1)) {
      const loaded = await this.load(location, version);
      const { files, tombstones } = loaded.snapshot.state;
      if (files.size + tombstones.size <= this.most * 2) return loaded;
    }
    return { ...grown, snapshot: await this.fold(grown.snapshot) };
  }

  private async fold(snapshot: ReplayedSnapshot): Promise<ReplayedSnapshot> {
    const { location, version, timestampMs } = snapshot;
    try {
      return new ReplayedSnapshot(location, version, timestampMs, await foldState(this.reader, snapshot));
    } catch (error) {
      // No room for a file of our own: memory will have to do.
      this.logger?.warn({ location, version, error }, 'the files of a table could not be given to the engine');
      return snapshot;
    }
  }

  private async load(location: string, wanted: number | null): Promise<Cached> {
    const { cached, checksum } = await this.loadSegment(location, wanted);
    const told = checksum === null ? null : await readChecksum(this.reader, checksum);
    if (told) verify(this.reader, cached.snapshot, told);
    return cached;
  }

  private async loadSegment(
    location: string,
    wanted: number | null,
  ): Promise<{ cached: Cached; checksum: string | null }> {
    // A checkpoint that cannot be read is passed over: an older one, or the whole log, gives the same state.
    const without = new Set<string>();
    for (;;) {
      const segment = await findSegment(this.reader, location, wanted, without);
      const state = emptyState();
      if (segment.checkpoint) {
        try {
          const { actions, base } = await readCheckpoint(this.reader, location, segment.checkpoint);
          this.apply(location, state, actions);
          state.base = base;
        } catch (error) {
          this.logger?.warn({ location, checkpoint: segment.checkpoint.version, error }, 'a checkpoint cannot be read');
          for (const key of segment.checkpoint.keys) without.add(key);
          try {
            await findSegment(this.reader, location, segment.version, without);
          } catch (fallback) {
            // Without the checkpoint the version is gone: what is wrong with it is the better message.
            throw fallback instanceof BoathouseError ? error : fallback;
          }
          continue;
        }
      }
      if (!segment.commits.length) {
        const key = segment.checkpoint?.keys[0] ?? '';
        const cached = await this.fromCheckpoint(location, segment.version, key, state);
        return { cached, checksum: segment.checksum };
      }
      const compacted = segment.commits.filter(({ from }) => from !== undefined);
      try {
        const cached = await this.replay(location, state, segment.commits);
        return { cached, checksum: segment.checksum };
      } catch (error) {
        if (!compacted.length) throw error;
        // The commits themselves say the same; where they are wrong too, theirs is the message.
        this.logger?.warn({ location, error }, 'a compacted log file cannot be read');
        for (const { key } of compacted) without.add(key);
      }
    }
  }

  /** The version's commit file may be cleaned up, or be there beside its checkpoint: then it says the time. */
  private async fromCheckpoint(
    location: string,
    version: number,
    checkpoint: string,
    state: LogState,
  ): Promise<Cached> {
    const commit = commitKey(location, version);
    const own = await this.reader.store.head(commit);
    const key = own ? commit : checkpoint;
    const modifiedMs = Math.floor((own ?? (await this.reader.store.head(checkpoint)))?.modifiedMs ?? 0);
    const hasOwnTime = own && state.metadata?.configuration['delta.enableInCommitTimestamps'] === 'true';
    const ownMs = hasOwnTime ? inCommitTimestamp(await readCommit(this.reader, commit)) : null;
    const snapshot = new ReplayedSnapshot(location, version, ownMs ?? modifiedMs, state);
    return { snapshot, key, modifiedMs };
  }

  private async replay(
    location: string,
    state: LogState,
    commits: readonly { version: number; key: string; modifiedMs: number }[],
    seen?: (version: number, actions: readonly Action[]) => void,
  ): Promise<Cached> {
    let timestampMs = 0;
    let at = state;
    for await (const { actions, modifiedMs, version } of readCommits(this.reader, commits)) {
      this.apply(location, at, actions);
      seen?.(version, actions);
      timestampMs = inCommitTimestamp(actions) ?? modifiedMs;
      // A fold writes every file, so it waits until there are many new ones for each old one.
      const many = Math.max(this.most * FOLD_WHILE_READING, (at.base?.numFiles ?? 0) / 2);
      if (at.files.size + at.tombstones.size > many && at.protocol && at.metadata)
        at = (await this.fold(new ReplayedSnapshot(location, version, timestampMs, at))).state;
    }
    const last = commits.at(-1)!;
    const snapshot = new ReplayedSnapshot(location, last.version, timestampMs, at);
    return { snapshot, key: last.key, modifiedMs: last.modifiedMs };
  }

  private apply(location: string, state: LogState, actions: readonly Action[]): void {
    const root = this.reader.store.uri(location);
    applyActions(state, actions, (file) => identityOf(file, root));
  }
}

/** PROTOCOL.md "In-Commit Timestamps": the time that the commit itself says, where it does. */
export function inCommitTimestamp(actions: readonly Action[]): number | null {
  const first = actions[0];
  return first && 'commitInfo' in first ? (first.commitInfo.inCommitTimestamp ?? null) : null;
}

function keep<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) return;
    map.delete(oldest);
  }
}
