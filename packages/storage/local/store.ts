import { link, open, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BoathouseError, invariant, type ObjectStore, userError } from '@boathouse/contracts';
import { keySegments, TEMPORARY } from '../keys.ts';
import { ensureFolder, errorCode, isMissing, syncFolder, writeDurably } from './durable.ts';
import { guarded, storageError } from './failure.ts';
import { listFolder } from './list.ts';
import { openStage } from './stage.ts';
import { TemporaryFolder } from './temporary.ts';
import { openWriter } from './writer.ts';

const notFound = (key: string): BoathouseError =>
  userError('OBJECT_NOT_FOUND', `There is no object "${key}". It may have been deleted or moved.`, { status: 404 });

export interface LocalStoreOptions {
  /**
   * Absolute folder for unfinished writes; on the same file system as the root, unless nothing is written. By default a
   * hidden one in the root.
   */
  temporary?: string;
}

/**
 * An object store in a local folder; several processes may share it. Unfinished writes live in a folder of their own, so no
 * listing shows them, and what dead processes left there is swept now. Throws STORAGE_FULL,
 * STORAGE_PERMISSION_DENIED, OBJECT_NOT_FOUND, INVALID_OBJECT_KEY, and what else the file system throws.
 */
export function createLocalStore(root: string, options: LocalStoreOptions = {}): ObjectStore {
  const base = resolve(root);
  try {
    return withRefusals(openStore(base, options));
  } catch (error) {
    throw storageError(error, base);
  }
}

/** The same store whose refusals by the file system are typed errors. */
function withRefusals(store: ObjectStore): ObjectStore {
  return {
    ...store,
    get: (key) => guarded(key, () => store.get(key)),
    getRange: (key, offset, length) => guarded(key, () => store.getRange(key, offset, length)),
    head: (key) => guarded(key, () => store.head(key)),
    put: (key, body, options) => guarded(key, () => store.put(key, body, options)),
    putIfAbsent: (key, body) => guarded(key, () => store.putIfAbsent(key, body)),
    delete: (key) => guarded(key, () => store.delete(key)),
    deletePrefix: (prefix) => guarded(prefix, () => store.deletePrefix(prefix)),
    async *list(prefix, options) {
      try {
        yield* store.list(prefix, options);
      } catch (error) {
        throw storageError(error, prefix);
      }
    },
    async writer(key) {
      const writer = await guarded(key, () => store.writer(key));
      return {
        write: (chunk) => guarded(key, () => writer.write(chunk)),
        commit: (finalKey) => guarded(finalKey ?? key, () => writer.commit(finalKey)),
        abort: () => writer.abort(),
      };
    },
    async stage() {
      const stage = await guarded('unfinished files', () => store.stage());
      return {
        folder: stage.folder,
        publish: (file, key) => guarded(key, () => stage.publish(file, key)),
        discard: () => stage.discard(),
      };
    },
  };
}

/** Whole or not there for readers, but not flushed, and only into a folder that is there. */
async function putHint(file: string, target: string, body: Uint8Array): Promise<void> {
  try {
    await writeFile(file, body);
    await rename(file, target);
  } catch (error) {
    await rm(file, { force: true });
    if (!isMissing(error)) throw error;
  }
}

function openStore(base: string, options: LocalStoreOptions): ObjectStore {
  const temporary = new TemporaryFolder(options.temporary ?? join(base, TEMPORARY));
  const pathOf = (key: string): string => join(base, ...keySegments(key));

  /** Runs work on a fresh temporary file, and leaves none behind. */
  async function withTemporary<T>(
    key: string,
    body: Uint8Array,
    work: (from: string, to: string) => Promise<T>,
  ): Promise<T> {
    const target = pathOf(key);
    const file = temporary.path();
    try {
      await writeDurably(file, body);
      await ensureFolder(dirname(target));
      const result = await work(file, target);
      await syncFolder(dirname(target));
      return result;
    } finally {
      await unlink(file).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    }
  }

  return {
    async get(key) {
      try {
        return await readFile(pathOf(key));
      } catch (error) {
        if (isMissing(error) || errorCode(error) === 'EISDIR') throw notFound(key);
        throw error;
      }
    },

    async getRange(key, offset, length) {
      try {
        await using handle = await open(pathOf(key), 'r');
        if (!(await handle.stat()).isFile()) throw notFound(key);
        const buffer = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return buffer.subarray(0, filled);
      } catch (error) {
        if (isMissing(error)) throw notFound(key);
        throw error;
      }
    },

    async head(key) {
      try {
        const info = await stat(pathOf(key));
        return info.isFile() ? { key, sizeBytes: info.size, modifiedMs: info.mtimeMs } : null;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    put: (key, body, { durable = true } = {}) =>
      durable ? withTemporary(key, body, rename) : putHint(temporary.path(), pathOf(key), body),

    // link(2) is the one call that publishes a whole file and fails where the name exists: rename would overwrite, and
    // creating the name first would show half a file.
    putIfAbsent: (key, body) =>
      withTemporary(key, body, async (from, to) => {
        try {
          await link(from, to);
          return true;
        } catch (error) {
          if (errorCode(error) === 'EEXIST') return false;
          throw error;
        }
      }),

    async delete(key) {
      const path = pathOf(key);
      try {
        await unlink(path);
        await syncFolder(dirname(path));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },

    async deletePrefix(prefix) {
      invariant(prefix.endsWith('/'), 'deletePrefix takes a prefix that ends with a slash');
      const path = pathOf(prefix.slice(0, -1));
      const grave = temporary.path();
      try {
        // All of it vanishes at once; what a crash leaves in the temporary folder is swept.
        await rename(path, grave);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      await syncFolder(dirname(path));
      await rm(grave, { recursive: true, force: true });
    },

    list: (prefix, options) => listFolder(base, prefix, options?.startAfter ?? ''),
    uri: pathOf,
    engineUri: pathOf,
    localise: async () => undefined,
    writer: (key) => openWriter(temporary.path(), key, pathOf),
    stage: () => openStage(temporary.path(), pathOf),
  };
}
