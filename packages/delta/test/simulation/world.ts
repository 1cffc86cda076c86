import type { EngineStage, ObjectInfo, ObjectStore, TableEngine } from '@boathouse/contracts';
import { systemError } from '@boathouse/contracts';

/** Seeded numbers: mulberry32. */
export function random(seed: number): { below(n: number): number; chance(part: number): boolean; uuid(): string } {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const hex = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('');
  return {
    below: (n) => Math.floor(next() * n),
    chance: (part) => next() < part,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`,
  };
}

/** A process that died: nothing that it still does has an effect. */
export class Crashed extends Error {}

export interface Faults {
  /** Parts of all store calls: fail before the effect, fail after it, die before it, die after it. */
  before: number;
  after: number;
  crash: number;
}

interface Waiting {
  go(): void;
}

/**
 * Runs processes one step at a time: every store call waits at a gate, and when nothing is in motion a seeded choice opens
 * one gate. Between two gates a process computes (also in the engine) alone, so that a seed always gives the same run.
 */
export class World {
  readonly random: ReturnType<typeof random>;
  readonly faults: Faults;
  /** Milliseconds. Every opened gate takes some. */
  nowMs = 1_700_000_000_000;
  /** What happened, to be printed for a seed that fails. */
  readonly story: string[] = [];
  /** Modification times by this world's clock. */
  readonly modified = new Map<string, number>();
  private readonly waiting: Waiting[] = [];
  private moving = 0;
  /** Tells the scheduler, which does not look while something moves, that nothing does. */
  private stopped: (() => void) | null = null;

  constructor(seed: number, faults: Faults) {
    this.random = random(seed);
    this.faults = faults;
  }

  /** Something that runs without passing a gate: the scheduler waits for its end. */
  async move<T>(work: () => Promise<T>): Promise<T> {
    this.moving++;
    try {
      return await work();
    } finally {
      if (--this.moving === 0) this.stopped?.();
    }
  }

  gate(): Promise<void> {
    return new Promise((go) => this.waiting.push({ go }));
  }

  /** Runs until all processes have ended. */
  async run(processes: readonly Promise<unknown>[]): Promise<void> {
    let ended = false;
    const all = Promise.allSettled(processes).then(() => {
      ended = true;
    });
    while (!ended) {
      await settled();
      if (this.moving > 0) {
        await new Promise<void>((done) => (this.stopped = done));
        this.stopped = null;
        continue;
      }
      if (this.waiting.length === 0) continue;
      const [chosen] = this.waiting.splice(this.random.below(this.waiting.length), 1);
      this.nowMs += 1 + this.random.below(20);
      chosen!.go();
    }
    await all;
  }
}

/** Lets everything go on that can, without waiting for time to pass. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((done) => setImmediate(done));
}

/** The store as one process sees it: late, failing at times before or after the effect, and dead after a crash. */
export class UnreliableStore implements ObjectStore {
  private readonly world: World;
  private readonly inner: ObjectStore;
  private readonly name: string;
  private dead = false;

  constructor(world: World, inner: ObjectStore, name: string) {
    this.world = world;
    this.inner = inner;
    this.name = name;
  }

  private async call<T>(what: string, key: string, effect: () => Promise<T>): Promise<T> {
    const { world } = this;
    if (this.dead) throw new Crashed(`${this.name} is dead`);
    await world.gate();
    if (this.dead) throw new Crashed(`${this.name} is dead`);
    const { before, after, crash } = world.faults;
    const dies = world.random.chance(crash);
    const late = world.random.chance(0.5);
    const told = `${this.name} ${what} ${key}`;
    if (dies && !late) return this.die(told);
    if (world.random.chance(before)) return this.fail(`${told}: failed before`);
    const value = await world.move(effect);
    world.story.push(told);
    if (dies) return this.die(`${told}, after`);
    if (world.random.chance(after)) return this.fail(`${told}: failed after`);
    return value;
  }

  private die(told: string): never {
    this.dead = true;
    this.world.story.push(`${told}: CRASH`);
    throw new Crashed(told);
  }

  private fail(told: string): never {
    this.world.story.push(told);
    throw systemError('STORAGE_UNAVAILABLE', told);
  }

  private touch(key: string): void {
    this.world.modified.set(key, this.world.nowMs);
  }

  private timed(info: ObjectInfo): ObjectInfo {
    return { ...info, modifiedMs: this.world.modified.get(info.key) ?? info.modifiedMs };
  }

  get = (key: string) => this.call('get', key, () => this.inner.get(key));
  getRange = (key: string, offset: number, length: number) =>
    this.call('getRange', key, () => this.inner.getRange(key, offset, length));
  head = (key: string) =>
    this.call('head', key, async () => {
      const info = await this.inner.head(key);
      return info && this.timed(info);
    });
  put: ObjectStore['put'] = (key, body, options) =>
    this.call('put', key, async () => {
      await this.inner.put(key, body, options);
      this.touch(key);
    });
  putIfAbsent = (key: string, body: Uint8Array) =>
    this.call('putIfAbsent', key, async () => {
      const isNew = await this.inner.putIfAbsent(key, body);
      if (isNew) this.touch(key);
      return isNew;
    });
  delete = (key: string) => this.call('delete', key, () => this.inner.delete(key));
  deletePrefix = (prefix: string) => this.call('deletePrefix', prefix, () => this.inner.deletePrefix(prefix));
  uri = (key: string) => this.inner.uri(key);
  engineUri = (key: string) => this.inner.engineUri(key);
  localise = (keys: readonly string[]) => this.inner.localise(keys);
  writer: ObjectStore['writer'] = () => {
    throw new Error('The simulation streams no bodies.');
  };

  async *list(prefix: string, options?: { startAfter?: string }): AsyncIterable<ObjectInfo> {
    const found = await this.call('list', prefix, async () => {
      const all: ObjectInfo[] = [];
      for await (const info of this.inner.list(prefix, options)) all.push(this.timed(info));
      return all;
    });
    yield* found;
  }

  async stage(): Promise<EngineStage> {
    const stage = await this.call('stage', '', () => this.inner.stage());
    return {
      folder: stage.folder,
      publish: (file, key) =>
        this.call('publish', key, async () => {
          const isNew = await stage.publish(file, key);
          if (isNew) this.touch(key);
          return isNew;
        }),
      // The folder of a dead process is no part of the table.
      discard: () => this.world.move(() => stage.discard()),
    };
  }
}

/** One engine for all processes, a statement at a time. */
export const countedEngine = (world: World, engine: TableEngine): TableEngine => ({
  rows: (sql) => world.move(() => engine.rows(sql)),
});
