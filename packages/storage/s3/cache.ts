import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isMissing } from '../local/durable.ts';
import type { S3CacheOptions } from './types.ts';

const MAX_BYTES = 10 * 1024 ** 3;
const IN_USE_MS = 30 * 60_000;
/** A copy that was looked at this short a time ago is there, and is marked as used. */
const FRESH_MS = 60_000;
const AT_ONCE = 8;
const MOST_SEEN = 200_000;
/** Eviction goes on to here, so that it does not happen at each new copy. */
const FULL_ENOUGH = 0.9;

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** Fills a new file. `etag`: of the copy that is there; null: it is still right. */
export type Fetch = (
  key: string,
  path: string,
  etag: string | undefined,
) => Promise<{ etag: string | undefined; sizeBytes: number } | null>;

/**
 * Copies of objects on disk, the least recently used going first where there are too many. Objects with a UUID in their name
 * (data files, deletion vectors, sidecars) never change: their copies are shared by all processes and outlive them. Others
 * (checkpoints; files of other writers) may be other ones when a table was made anew: theirs are this process's own, and are
 * asked for again by their tag.
 */
export class ObjectCache {
  private readonly shared: string;
  private readonly own: string;
  private readonly unfinished: () => string;
  private readonly maxBytes: number;
  private readonly inUseMs: number;
  private readonly store: string;
  private readonly fetch: Fetch;
  private readonly clock: () => number;
  private readonly tags = new Map<string, string>();
  private readonly seenMs = new Map<string, number>();
  private readonly underWay = new Map<string, Promise<void>>();
  /** Bytes of all copies; null until the folders were looked through. */
  private bytes: number | null = null;
  private evicting: Promise<void> | null = null;

  /** `store`: tells this store's keys from others' in the same folder. `unfinished`: names for files that are being written. */
  constructor(
    options: S3CacheOptions & { store: string; unfinished: () => string; fetch: Fetch; clock: () => number },
  ) {
    this.shared = join(options.folder, 'objects');
    this.unfinished = options.unfinished;
    this.own = options.unfinished();
    this.maxBytes = options.maxBytes ?? MAX_BYTES;
    this.inUseMs = options.inUseMs ?? IN_USE_MS;
    this.store = options.store;
    this.fetch = options.fetch;
    this.clock = options.clock;
  }

  /** Where the copy of a key lies, or will. Flat, for an object `a` may be beside an object `a/b`. */
  path(key: string): string {
    const hash = createHash('sha256').update(`${this.store}\0${key}`).digest('hex');
    const name = `${hash.slice(2, 34)}-${basename(key)
      .replace(/[^\w.-]/g, '_')
      .slice(-120)}`;
    return join(isImmutable(key) ? this.shared : this.own, hash.slice(0, 2), name);
  }

  /** Copies of all of the keys are there when this ends, and stay for the time that a query may take. */
  async fill(keys: readonly string[]): Promise<void> {
    const left = [...new Set(keys)].values();
    const take = async (): Promise<void> => {
      for (const key of left) await this.fillOne(key);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, keys.length) }, take));
    await this.evict();
  }

  /** A file that has become the object of a key serves as its copy. The file is gone afterwards. */
  async adopt(key: string, file: string): Promise<void> {
    if (!isImmutable(key)) return rm(file, { force: true });
    const { size } = await stat(file);
    await this.place(key, file, size);
    await this.evict();
  }

  async forget(key: string): Promise<void> {
    const path = this.path(key);
    this.seenMs.delete(path);
    this.tags.delete(path);
    await rm(path, { force: true });
  }

  private fillOne(key: string): Promise<void> {
    const path = this.path(key);
    const present = this.underWay.get(path);
    if (present) return present;
    const work = (isImmutable(key) ? this.ensure(key, path) : this.refresh(key, path)).finally(() =>
      this.underWay.delete(path),
    );
    this.underWay.set(path, work);
    return work;
  }

  private async ensure(key: string, path: string): Promise<void> {
    const nowMs = this.clock();
    if (nowMs - (this.seenMs.get(path) ?? Number.NEGATIVE_INFINITY) < Math.min(FRESH_MS, this.inUseMs)) return;
    try {
      await utimes(path, nowMs / 1000, nowMs / 1000);
      this.seenMs.set(path, nowMs);
      return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const file = this.unfinished();
    const fetched = await this.fetch(key, file, undefined);
    if (fetched) await this.place(key, file, fetched.sizeBytes);
  }

  private async refresh(key: string, path: string): Promise<void> {
    const file = this.unfinished();
    const fetched = await this.fetch(key, file, this.tags.get(path));
    if (!fetched) {
      await utimes(path, this.clock() / 1000, this.clock() / 1000);
      return;
    }
    await this.place(key, file, fetched.sizeBytes);
    if (fetched.etag) this.tags.set(path, fetched.etag);
  }

  private async place(key: string, file: string, sizeBytes: number): Promise<void> {
    const path = this.path(key);
    const nowMs = this.clock();
    await mkdir(dirname(path), { recursive: true });
    await utimes(file, nowMs / 1000, nowMs / 1000);
    await rename(file, path);
    if (this.seenMs.size > MOST_SEEN) this.seenMs.clear();
    this.seenMs.set(path, nowMs);
    if (this.bytes !== null) this.bytes += sizeBytes;
  }

  private async evict(): Promise<void> {
    if (this.bytes !== null && this.bytes <= this.maxBytes) return;
    this.evicting ??= this.evictNow().finally(() => {
      this.evicting = null;
    });
    await this.evicting;
  }

  /** Files are asked, not memory: other processes fill and empty the same folder. */
  private async evictNow(): Promise<void> {
    const copies = await this.copies();
    let bytes = copies.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    if (bytes > this.maxBytes) {
      const usedBefore = this.clock() - this.inUseMs;
      for (const { path, sizeBytes, usedMs } of copies.sort((left, right) => left.usedMs - right.usedMs)) {
        if (bytes <= this.maxBytes * FULL_ENOUGH || usedMs > usedBefore) break;
        this.seenMs.delete(path);
        this.tags.delete(path);
        await rm(path, { force: true });
        bytes -= sizeBytes;
      }
    }
    this.bytes = bytes;
  }

  private async copies(): Promise<{ path: string; sizeBytes: number; usedMs: number }[]> {
    const found: { path: string; sizeBytes: number; usedMs: number }[] = [];
    for (const root of [this.shared, this.own]) {
      for (const folder of await namesIn(root)) {
        for (const name of await namesIn(join(root, folder))) {
          const path = join(root, folder, name);
          try {
            const { size, mtimeMs } = await stat(path);
            found.push({ path, sizeBytes: size, usedMs: mtimeMs });
          } catch (error) {
            if (!isMissing(error)) throw error;
          }
        }
      }
    }
    return found;
  }
}

const isImmutable = (key: string): boolean => uuid.test(basename(key));

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
