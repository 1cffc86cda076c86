import { link, mkdir, rm, unlink } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { type EngineStage, systemError } from '@boathouse/contracts';
import { ensureFolder, errorCode, syncFile, syncFolder } from './durable.ts';

/** A folder for the engine's own files. Publishing links a file to its key, which never overwrites. */
export async function openStage(folder: string, pathOf: (key: string) => string): Promise<EngineStage> {
  await mkdir(folder);
  return {
    folder,
    async publish(file, key) {
      if (!resolve(file).startsWith(folder + sep)) {
        throw systemError(
          'FILE_NOT_STAGED',
          `The engine wrote "${file}" outside of its folder. This is a bug: please report it.`,
        );
      }
      const target = pathOf(key);
      await ensureFolder(dirname(target));
      await syncFile(file);
      try {
        await link(file, target);
      } catch (error) {
        if (errorCode(error) === 'EEXIST') return false;
        throw error;
      }
      await syncFolder(dirname(target));
      await unlink(file);
      return true;
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}
