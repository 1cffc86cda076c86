import { lastCheckpointKey } from '../log/names.ts';
import type { LogReader } from '../log/read.ts';
import type { Checkpoint } from '../log/segment.ts';
import { sidecarsOf } from './read.ts';
import { openSource } from './source.ts';

/** PROTOCOL.md "Last Checkpoint File": the hint to a checkpoint that is there, with its number of actions. */
export async function writeHint(reader: LogReader, location: string, checkpoint: Checkpoint): Promise<void> {
  const keys = [...checkpoint.keys, ...(await sidecarsOf(reader, location, checkpoint))];
  let size = 0;
  for (const key of keys) {
    if (key.endsWith('.parquet')) size += (await openSource(reader, [key])).rows;
    else
      size += new TextDecoder()
        .decode(await reader.store.get(key))
        .trim()
        .split('\n').length;
  }
  const parts = checkpoint.keys.length > 1 ? { parts: checkpoint.keys.length } : {};
  const body = JSON.stringify({ version: checkpoint.version, size, ...parts });
  await reader.store.put(lastCheckpointKey(location), Buffer.from(body));
}
