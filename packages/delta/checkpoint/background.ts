import type { ObjectStore, TableEngine } from '@boathouse/contracts';
import type { SnapshotCache } from '../snapshot/cache.ts';
import type { DeltaLogger } from '../types.ts';
import { mayCheckpoint, writeCheckpoint } from './write.ts';

/** Spark's default of `delta.checkpointInterval`. */
const INTERVAL = 10;

/** Checkpoints behind the back of commits: they make reading fast and never make a commit fail or wait. */
export class Checkpointer {
  private readonly room: { store: ObjectStore; engine: TableEngine; clock: () => number };
  private readonly cache: SnapshotCache;
  private readonly logger: DeltaLogger | undefined;
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    room: { store: ObjectStore; engine: TableEngine; clock: () => number },
    cache: SnapshotCache,
    logger: DeltaLogger | undefined,
  ) {
    this.room = room;
    this.cache = cache;
    this.logger = logger;
  }

  /** To be told of every version committed here, with the table's configuration. */
  committed(location: string, version: number, configuration: Readonly<Record<string, string>>): void {
    const interval = Number(configuration['delta.checkpointInterval'] ?? INTERVAL);
    if (version === 0 || version % interval !== 0 || this.running.has(location)) return;
    const work = this.write(location)
      .catch((error: unknown) => this.logger?.warn({ location, version, error }, 'a checkpoint could not be written'))
      .finally(() => this.running.delete(location));
    this.running.set(location, work);
  }

  private async write(location: string): Promise<void> {
    const snapshot = await this.cache.current(location);
    if (mayCheckpoint(snapshot)) await writeCheckpoint(this.room, snapshot);
  }

  /** Resolves when no checkpoint is being written. */
  async idle(): Promise<void> {
    while (this.running.size) await Promise.all(this.running.values());
  }
}
