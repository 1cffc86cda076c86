import { isManaged } from '../log/managed.ts';
import { commitKey } from '../log/names.ts';
import type { SnapshotCache } from '../snapshot/cache.ts';
import type { DeltaLogger } from '../types.ts';
import { cleanLog } from './cleanup.ts';
import { type CheckpointResult, type CheckpointRoom, writeCheckpoint } from './write.ts';

/** Spark's default of `delta.checkpointInterval`. */
const INTERVAL = 10;

/** Checkpoints behind the back of commits: they make reading fast and never make a commit fail or wait. */
export class Checkpointer {
  private readonly room: CheckpointRoom;
  private readonly cache: SnapshotCache;
  private readonly logger: DeltaLogger | undefined;
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(room: CheckpointRoom, cache: SnapshotCache, logger: DeltaLogger | undefined) {
    this.room = room;
    this.cache = cache;
    this.logger = logger;
  }

  /** To be told of every version committed here, with the table's configuration. */
  committed(location: string, version: number, configuration: Readonly<Record<string, string>>): void {
    const interval = Number(configuration['delta.checkpointInterval'] ?? INTERVAL);
    if (version === 0 || version % interval !== 0 || this.running.has(location)) return;
    const work = this.checkpoint(location)
      .catch((error: unknown) => this.logger?.warn({ location, version, error }, 'a checkpoint could not be written'))
      .finally(() => this.running.delete(location));
    this.running.set(location, work);
  }

  /** A checkpoint of the latest version, then what it makes expendable goes. Null: the version has one. */
  async checkpoint(location: string): Promise<CheckpointResult | null> {
    const snapshot = await this.cache.current(location);
    // PROTOCOL.md "Catalog-managed tables": only of what is published.
    if (isManaged(snapshot.protocol) && !(await this.room.store.head(commitKey(location, snapshot.version))))
      return null;
    const written = await writeCheckpoint(this.room, snapshot);
    if (!written) return null;
    try {
      await cleanLog(this.room, snapshot);
    } catch (error) {
      this.logger?.warn({ location, version: snapshot.version, error }, 'old files of a log could not be removed');
    }
    return written;
  }

  /** Resolves when no checkpoint is being written. */
  async idle(): Promise<void> {
    while (this.running.size) await Promise.all(this.running.values());
  }
}
