import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDelta, type Delta } from '@boathouse/delta';
import { type Engine, openDuckDb } from '@boathouse/engine';
import { createExpressionCompiler } from '@boathouse/sql';
import { placeOf } from './place.ts';

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
 * Opens the table in a folder or a bucket, runs the work and closes everything again. Throws DELTA_TABLE_NOT_FOUND, and
 * PERMISSION_DENIED for a folder that cannot be read or written.
 */
export async function withTable<T>(
  path: string,
  writes: boolean,
  env: NodeJS.ProcessEnv,
  work: (table: OpenTable) => Promise<T>,
): Promise<T> {
  const temporary = mkdtempSync(join(tmpdir(), 'boathouse-delta-'));
  try {
    const { store, location, folders, leave } = await placeOf(path, writes, temporary, env);
    const engine = await openDuckDb({
      memoryLimitBytes: MEMORY_BYTES,
      threads: 2,
      tempDirectory: join(temporary, 'spill'),
      allowedDirectories: [...folders, temporary],
    });
    try {
      const delta = createDelta({ store, engine, compiler: createExpressionCompiler() });
      try {
        return await work({ delta, engine, location, path, temporary });
      } finally {
        await delta.idle();
      }
    } finally {
      await engine.close();
      leave();
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
