import { BoathouseError } from '@boathouse/contracts';
import { writeHint } from '../checkpoint/hint.ts';
import { removeOf } from '../commit/actions.ts';
import { commitChange } from '../commit/commit.ts';
import { lastCheckpointKey } from '../log/names.ts';
import type { DeltaRoom } from '../room.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { checkFiles, type FileProblem } from './fsck-files.ts';
import { checkLog, type LogFindings } from './fsck-log.ts';
import type { FsckProblem, FsckRequest, FsckResult } from './fsck-types.ts';

/**
 * Looks for what is missing or damaged: commits, checkpoints and their hint, live data files and deletion vectors. With `repair`
 * it mends what can be mended without anything from outside: checkpoints that nobody needs go, the hint is written anew, and
 * files that cannot be read leave the table in one commit (operation FSCK), so that the rest of it can be read again. Files of
 * the table are never deleted for it. Throws DELTA_TABLE_NOT_FOUND and what committing throws; damage is no error.
 */
export async function fsck(room: DeltaRoom, location: string, request: FsckRequest): Promise<FsckResult> {
  // What this process remembers of the table does not tell what is there.
  room.cache.forget(location);
  const log = await checkLog(room.reader, location);
  const problems: FsckProblem[] = [...log.problems];
  if (request.repair) await repairLog(room, location, log);
  room.cache.forget(location);
  const snapshot = await latest(room, location, problems);
  if (!snapshot) return { version: null, repairVersion: null, filesChecked: 0, problems };
  const engine = request.engine ?? room.reader.engine;
  const files = await checkFiles(room, snapshot, { engine, depth: request.quick ? 'footers' : 'rows' });
  const lost = files.problems.filter(({ repairable }) => repairable);
  const repairVersion = request.repair && lost.length ? await takeOut(room, snapshot, lost, request) : null;
  for (const { file: _file, ...problem } of files.problems)
    problems.push({ ...problem, repaired: repairVersion !== null && problem.repairable });
  return { version: snapshot.version, repairVersion, filesChecked: files.filesChecked, problems };
}

/** The table as it can be read, or a problem that says why it cannot. */
async function latest(room: DeltaRoom, location: string, problems: FsckProblem[]): Promise<ReplayedSnapshot | null> {
  try {
    return await room.cache.current(location);
  } catch (error) {
    if (!(error instanceof BoathouseError) || !error.code.startsWith('DELTA_')) throw error;
    if (error.code === 'DELTA_TABLE_NOT_FOUND' && !problems.length) throw error;
    problems.push({
      kind: 'unreadable table',
      path: '_delta_log',
      version: null,
      rowsLost: null,
      what: error.message,
      repairable: false,
      repaired: false,
    });
    return null;
  }
}

async function repairLog(room: DeltaRoom, location: string, log: LogFindings): Promise<void> {
  const { store } = room.reader;
  for (const key of log.expendable) await store.delete(key);
  if (log.hintIsWrong) {
    await store.delete(lastCheckpointKey(location));
    if (log.newest) await writeHint(room.reader, location, log.newest);
  }
  for (const problem of log.problems) problem.repaired = problem.repairable;
}

/** One commit that removes the files. Where the table has a change feed, that stays readable: the lost rows are not in it. */
async function takeOut(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  lost: readonly FileProblem[],
  request: FsckRequest,
): Promise<number> {
  const timestamp = room.clock();
  const dataChange = snapshot.metadata.configuration['delta.enableChangeDataFeed'] !== 'true';
  const { version } = await commitChange(
    room,
    snapshot,
    {
      operation: 'FSCK',
      operationParameters: {},
      operationMetrics: { numRemovedFiles: lost.length },
      reads: { kind: 'files', paths: new Set(lost.map(({ file }) => file.path)) },
      removes: lost.map(({ file }) => ({ ...removeOf(file, timestamp), dataChange })),
      dataChange,
    },
    request,
  );
  return version;
}
