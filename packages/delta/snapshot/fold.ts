import { join } from 'node:path';
import type { EngineStage, ObjectStore } from '@boathouse/contracts';
import { checkpointRows } from '../checkpoint/actions.ts';
import { openFiles } from '../checkpoint/source.ts';
import { timeLeaves } from '../checkpoint/struct-stats.ts';
import type { LogReader } from '../log/read.ts';
import type { LogState } from '../log/replay.ts';
import { literal } from '../schema/engine.ts';
import { FileBase } from './base.ts';
import type { ReplayedSnapshot } from './snapshot.ts';

/** A folder goes with the base that lies in it. */
const forgotten = new FinalizationRegistry<EngineStage>((stage) => {
  stage.discard().catch(() => undefined);
});

/**
 * The same state with all of its files in a base of its own: what a log says in thousands of commits becomes one Parquet file
 * that only this process reads, so that memory holds no more than what came last.
 */
export async function foldState(reader: LogReader, snapshot: ReplayedSnapshot): Promise<LogState> {
  const stage = await reader.store.stage();
  try {
    const base = await foldInto(reader, snapshot, stage);
    forgotten.register(base, stage);
    return { ...snapshot.state, base, files: new Map(), tombstones: new Map() };
  } catch (error) {
    await stage.discard();
    throw error;
  }
}

async function foldInto(
  { store, engine }: { store: ObjectStore; engine: LogReader['engine'] },
  snapshot: ReplayedSnapshot,
  stage: EngineStage,
): Promise<FileBase> {
  const path = join(stage.folder, 'base.parquet');
  // As of 1970: no tombstone has expired then.
  const rows = await checkpointRows(snapshot, stage.folder, 0, { asJson: true, asStruct: true });
  await engine.rows(
    `COPY (${rows.files}) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 20480)`,
  );
  const source = await openFiles(engine, [path], [path]);
  const times = timeLeaves(snapshot.fields, snapshot.metadata.configuration);
  return FileBase.open(source, store.uri(snapshot.location), times, snapshot.version);
}
