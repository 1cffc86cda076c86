import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EngineStage, ObjectStore } from '@boathouse/contracts';

/**
 * Large deletion vectors as files for the engine: a text of SQL is no place for a million rows. Vectors never change, so a
 * file is written once and serves every later scan of the same data files. The files lie in a stage of the store, which is
 * swept when its process has ended.
 */
export interface VectorFiles {
  /** Path of the file with this content's name; `lines` gives the content where there is none yet. */
  file(name: string, lines: () => AsyncIterable<string>): Promise<string>;
}

/** Files are kept up to here, and beyond it as long as a query may still read them. */
const KEPT_BYTES = 1024 ** 3;
const IN_USE_MS = 30 * 60_000;

interface Kept {
  path: Promise<string>;
  bytes: number;
  usedMs: number;
}

export function createVectorFiles(store: ObjectStore, clock: () => number): VectorFiles {
  const kept = new Map<string, Kept>();
  let stages: Promise<EngineStage> | null = null;

  const sweep = async (): Promise<void> => {
    let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const [name, entry] of [...kept].sort(([, left], [, right]) => left.usedMs - right.usedMs)) {
      if (total <= KEPT_BYTES || clock() - entry.usedMs < IN_USE_MS) return;
      kept.delete(name);
      total -= entry.bytes;
      await rm(await entry.path, { force: true });
    }
  };

  const write = async (name: string, entry: Kept, lines: () => AsyncIterable<string>): Promise<string> => {
    stages ??= store.stage();
    const path = join((await stages).folder, createHash('sha256').update(name).digest('hex'));
    const counted = async function* () {
      for await (const line of lines()) {
        entry.bytes += line.length;
        yield line;
      }
    };
    await pipeline(Readable.from(counted()), createWriteStream(path));
    await sweep();
    return path;
  };

  return {
    async file(name, lines) {
      const found = kept.get(name);
      if (found) {
        found.usedMs = clock();
        return found.path;
      }
      const entry: Kept = { path: Promise.resolve(''), bytes: 0, usedMs: clock() };
      entry.path = write(name, entry, lines);
      kept.set(name, entry);
      entry.path.catch(() => kept.delete(name));
      return entry.path;
    },
  };
}
