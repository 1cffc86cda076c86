import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes spill folders whose process is gone: one that was killed leaves up to its whole temporary data. */
export async function sweepTemp(root: string): Promise<void> {
  for (const name of await readdir(root).catch(() => [])) {
    const pid = Number(/^compute-(\d+)$/.exec(name)?.[1]);
    if (pid && !alive(pid)) await rm(join(root, name), { recursive: true, force: true });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process exists too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
