import { createLocalStore } from '@boathouse/storage';
import { createDelta } from '../index.ts';
import { openEngine } from './support.ts';

/** Tries to write more than a file may hold into the table `t`; run in a process with a limit. */
export async function openRoomAt(root: string): Promise<string> {
  const engine = await openEngine();
  const delta = createDelta({ store: createLocalStore(root), engine });
  try {
    await delta.insert('t', {
      mode: 'append',
      rows: 'SELECT range AS id, random()::VARCHAR AS name FROM range(300000)',
    });
    return 'done';
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    engine.close();
  }
}
