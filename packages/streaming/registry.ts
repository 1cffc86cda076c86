import type { ObjectInfo, ObjectStore } from '@boathouse/contracts';
import { z } from 'zod';
import { streamErrors } from './errors.ts';

/** A file of a stream. `seq` counts from 1 in the order of discovery and is the stream's offset. */
export interface RegisteredFile {
  seq: number;
  /** Storage key. */
  key: string;
  sizeBytes: number;
  modifiedMs: number;
}

/**
 * The files that a file source has seen, in the checkpoint: offsets stay one number however many files there are. It is kept
 * as segments of JSON lines; every so often all of them become one.
 */
export class FileRegistry {
  private readonly store: ObjectStore;
  private readonly folder: string;
  private readonly byKey = new Map<string, RegisteredFile>();
  private readonly files: RegisteredFile[] = [];
  private segments: string[] = [];

  private constructor(store: ObjectStore, folder: string) {
    this.store = store;
    this.folder = folder;
  }

  static async open(store: ObjectStore, folder: string): Promise<FileRegistry> {
    const registry = new FileRegistry(store, folder);
    await registry.load();
    return registry;
  }

  /** The highest `seq`: 0 before the first file. */
  get end(): number {
    return this.files.length;
  }

  /** Files with `after < seq <= end`. */
  range(after: number, end: number): RegisteredFile[] {
    return this.files.slice(after, end);
  }

  /**
   * Adds what is not there yet, durably. Answers files that are known by their name and have other contents than when they
   * were found: each path is read once, so these are not read again, and the caller says so.
   */
  async add(found: readonly ObjectInfo[]): Promise<{ added: number; changed: RegisteredFile[] }> {
    const changed: RegisteredFile[] = [];
    const fresh: RegisteredFile[] = [];
    for (const { key, sizeBytes, modifiedMs } of found) {
      const known = this.byKey.get(key);
      if (!known) fresh.push({ seq: this.end + fresh.length + 1, key, sizeBytes, modifiedMs });
      else if (known.sizeBytes !== sizeBytes || known.modifiedMs !== modifiedMs) changed.push(known);
    }
    if (fresh.length) {
      const name = segmentName(this.end + 1);
      const first = await this.store.putIfAbsent(`${this.folder}/${name}`, encode(fresh));
      if (!first) throw streamErrors.fenced(this.folder, name);
      this.take(fresh);
      this.segments.push(name);
      if (this.segments.length > COMPACT_ABOVE) await this.compact();
    }
    return { added: fresh.length, changed };
  }

  private take(files: readonly RegisteredFile[]): void {
    for (const file of files) {
      this.files.push(file);
      this.byKey.set(file.key, file);
    }
  }

  private async load(): Promise<void> {
    const segments: { name: string; first: number }[] = [];
    let compacted: { name: string; last: number } | null = null;
    for await (const { key } of this.store.list(`${this.folder}/`)) {
      const name = key.slice(this.folder.length + 1);
      const first = /^files-(\d+)$/.exec(name)?.[1];
      const last = /^compact-(\d+)$/.exec(name)?.[1];
      if (first) segments.push({ name, first: Number(first) });
      else if (last && Number(last) > (compacted?.last ?? 0)) compacted = { name, last: Number(last) };
    }
    if (compacted) this.take(await this.read(compacted.name));
    segments.sort((a, b) => a.first - b.first);
    for (const { name, first } of segments) {
      this.segments.push(name);
      // Within the compacted part: not removed yet, or written by a driver that had been overtaken.
      if (first <= (compacted?.last ?? 0)) continue;
      const files = await this.read(name);
      if (first !== this.end + 1) throw streamErrors.corrupt(`${this.folder}/${name}`, `expected file ${this.end + 1}`);
      this.take(files);
    }
  }

  private async read(name: string): Promise<RegisteredFile[]> {
    const key = `${this.folder}/${name}`;
    return decode(key, await this.store.get(key));
  }

  private async compact(): Promise<void> {
    await this.store.putIfAbsent(`${this.folder}/compact-${pad(this.end)}`, encode(this.files));
    for (const segment of this.segments) await this.store.delete(`${this.folder}/${segment}`);
    this.segments = [];
  }
}

const COMPACT_ABOVE = 20;

/** Named by its first `seq`, so that two drivers that find files at once meet at one name and only one goes on. */
const segmentName = (first: number): string => `files-${pad(first)}`;
const pad = (seq: number): string => String(seq).padStart(12, '0');

const Line = z.object({
  seq: z.number().int().positive(),
  key: z.string().min(1),
  sizeBytes: z.number(),
  modifiedMs: z.number(),
});

const encode = (files: readonly RegisteredFile[]): Uint8Array =>
  new TextEncoder().encode(files.map((file) => `${JSON.stringify(file)}\n`).join(''));

function decode(key: string, body: Uint8Array): RegisteredFile[] {
  const lines = new TextDecoder().decode(body).split('\n');
  lines.pop();
  return lines.map((line) => {
    try {
      return Line.parse(JSON.parse(line));
    } catch (error) {
      throw streamErrors.corrupt(key, String(error));
    }
  });
}
