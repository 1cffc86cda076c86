import { mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { userError } from '@boathouse/contracts';
import { createDelta, type Delta } from '@boathouse/delta';
import { type Engine, openDuckDb } from '@boathouse/engine';
import { createExpressionCompiler } from '@boathouse/sql';
import { createLocalStore } from '@boathouse/storage';

/** A table that a command works on, without a server. */
export interface OpenTable {
  delta: Delta;
  engine: Engine;
  /** Storage key of the table. */
  location: string;
  /** What the user called it. */
  path: string;
  /** An absolute folder for the command's own files. */
  temporary: string;
}

const MEMORY_BYTES = 1 << 30;

/**
 * Opens the table in a folder, runs the work and closes everything again. `writes`: unfinished files then lie on the table's
 * own file system; reading leaves nothing there. Throws DELTA_TABLE_NOT_FOUND, and PERMISSION_DENIED for a folder that cannot
 * be read or written.
 */
export async function withTable<T>(path: string, writes: boolean, work: (table: OpenTable) => Promise<T>): Promise<T> {
  const folder = resolve(path);
  if (!statSync(join(folder, '_delta_log'), { throwIfNoEntry: false })?.isDirectory()) {
    throw userError('DELTA_TABLE_NOT_FOUND', `${folder} is no Delta table: it has no _delta_log folder.`);
  }
  const temporary = mkdtempSync(join(tmpdir(), 'boathouse-delta-'));
  const unfinished = join(writes ? folder : temporary, '.boathouse-tmp');
  const engine = await openDuckDb({
    memoryLimitBytes: MEMORY_BYTES,
    threads: 2,
    tempDirectory: join(temporary, 'spill'),
    allowedDirectories: [folder, temporary],
  });
  try {
    const delta = createDelta({
      store: createLocalStore(dirname(folder), { temporary: unfinished }),
      engine,
      compiler: createExpressionCompiler(),
    });
    try {
      return await work({ delta, engine, location: basename(folder), path, temporary });
    } finally {
      await delta.idle();
    }
  } finally {
    await engine.close();
    if (writes) removeIfEmpty(unfinished);
    rmSync(temporary, { recursive: true, force: true });
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else works on the same table, or it was never made.
  }
}
