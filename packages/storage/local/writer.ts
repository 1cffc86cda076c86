import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { invariant, type ObjectWriter } from '@boathouse/contracts';
import { ensureFolder, syncFolder } from './durable.ts';

/** Streams to a temporary file that takes the key's name at commit. */
export async function openWriter(
  temporary: string,
  key: string,
  pathOf: (key: string) => string,
): Promise<ObjectWriter> {
  pathOf(key);
  const handle = await open(temporary, 'wx');
  let open_ = true;
  return {
    async write(chunk) {
      invariant(open_, 'a writer is not used after commit or abort');
      for (let written = 0; written < chunk.length; ) {
        written += (await handle.write(chunk, written, chunk.length - written)).bytesWritten;
      }
    },
    async commit(finalKey = key) {
      invariant(open_, 'a writer is committed once');
      const target = pathOf(finalKey);
      open_ = false;
      await handle.sync();
      await handle.close();
      await ensureFolder(dirname(target));
      await rename(temporary, target);
      await syncFolder(dirname(target));
      const info = await stat(target);
      return { key: finalKey, sizeBytes: info.size, modifiedMs: info.mtimeMs };
    },
    async abort() {
      if (!open_) return;
      open_ = false;
      await handle.close();
      await rm(temporary, { force: true });
    },
  };
}
