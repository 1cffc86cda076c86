import type { ObjectInfo } from '@boathouse/contracts';
import { z } from 'zod';
import { commitTimes } from '../history/times.ts';
import { logFolder } from '../log/names.ts';
import { fileKey } from '../log/paths.ts';
import { readCommits } from '../log/read.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { maintenanceErrors } from './errors.ts';
import { keysOf } from './keys.ts';

/**
 * VACUUM LITE lists no folder: the log itself says what was removed. It needs every commit since the last vacuum, whose place
 * in the log Spark keeps in this file, and so do we.
 */
const Remembered = z.object({ latestCommitVersionOutsideOfRetentionWindow: z.int() });
const rememberedKey = (location: string): string => `${logFolder(location)}_last_vacuum_info`;
const ASKED_AT_ONCE = 16;

/** Files that commits older than `before` removed, with what they changed, as far as they are still there and not needed. */
export async function removedFiles(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  before: number,
  isUnneeded: (key: string) => boolean,
): Promise<ObjectInfo[]> {
  const { location } = snapshot;
  const { store } = room.reader;
  const root = store.uri(location);
  const since = await lastVacuum(room, location);
  const times = await commitTimes(room.reader, snapshot);
  const commits = times.filter(({ version, timestampMs }) => version > since && timestampMs < before);
  const first = times[0];
  if (first && first.version > since + 1) throw maintenanceErrors.vacuumLiteNotPossible(location);
  const keys = new Set<string>();
  for await (const { actions } of readCommits(room.reader, commits)) {
    for (const action of actions) {
      if ('remove' in action) for (const key of keysOf(store, location, action.remove)) keys.add(key);
      if ('cdc' in action) keys.add(fileKey(location, action.cdc.path, root));
    }
  }
  const candidates = [...keys].filter(isUnneeded);
  const found: ObjectInfo[] = [];
  for (let start = 0; start < candidates.length; start += ASKED_AT_ONCE) {
    const heads = await Promise.all(candidates.slice(start, start + ASKED_AT_ONCE).map((key) => store.head(key)));
    found.push(...heads.filter((head) => head !== null));
  }
  return found;
}

/** Notes up to which commit removed files are gone, for the next VACUUM LITE. */
export async function rememberVacuum(room: DeltaRoom, snapshot: ReplayedSnapshot, before: number): Promise<void> {
  const last = (await commitTimes(room.reader, snapshot)).findLast(({ timestampMs }) => timestampMs < before);
  if (!last || last.version <= (await lastVacuum(room, snapshot.location))) return;
  const body = JSON.stringify({ latestCommitVersionOutsideOfRetentionWindow: last.version });
  await room.reader.store.put(rememberedKey(snapshot.location), Buffer.from(body));
}

async function lastVacuum(room: DeltaRoom, location: string): Promise<number> {
  const key = rememberedKey(location);
  if (!(await room.reader.store.head(key))) return -1;
  const parsed = Remembered.safeParse(JSON.parse(new TextDecoder().decode(await room.reader.store.get(key))));
  return parsed.success ? parsed.data.latestCommitVersionOutsideOfRetentionWindow : -1;
}
