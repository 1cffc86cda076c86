import { BoathouseError, type ObjectStore } from '@boathouse/contracts';
import { z } from 'zod';

const Hint = z.object({ version: z.number().int().nonnegative() });

/**
 * Version of the newest checkpoint as PROTOCOL.md "Last Checkpoint File" tells it; null where there is none. The file is a
 * hint that readers may ignore, so one that cannot be read tells nothing too.
 */
export async function checkpointVersion(store: ObjectStore, location: string): Promise<number | null> {
  try {
    const bytes = await store.get(`${location.replace(/\/$/, '')}/_delta_log/_last_checkpoint`);
    const hint = Hint.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return hint.success ? hint.data.version : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (error instanceof BoathouseError && error.code === 'OBJECT_NOT_FOUND') return null;
    throw error;
  }
}
