import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errorCode } from './durable.ts';

/** Process ids mean nothing on another machine that shares the folder: after this age anybody may sweep. */
const FOREIGN_AGE_MS = 24 * 60 * 60 * 1000;

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/**
 * Names for unfinished writes, in one folder of the store's own file system (so that links and renames are atomic). A name
 * tells whose it is: `<host>-<pid>-<uuid>`.
 */
export class TemporaryFolder {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(this.folder, { recursive: true });
    this.sweep();
  }

  path(): string {
    // Whoever cleans up after himself may have removed the empty folder.
    mkdirSync(this.folder, { recursive: true });
    return join(this.folder, `${host}-${process.pid}-${randomUUID()}`);
  }

  /** Removes what dead processes of this machine, or anybody long ago, left behind. */
  private sweep(): void {
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      const [owner, pid] = name.split('-');
      try {
        const abandoned = owner === host ? !isAlive(Number(pid)) : Date.now() - statSync(path).mtimeMs > FOREIGN_AGE_MS;
        if (abandoned) rmSync(path, { recursive: true, force: true });
      } catch (error) {
        // Another process swept the same name first.
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
