import { randomUUID } from 'node:crypto';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineStage, ObjectStore, TableEngine } from '@boathouse/contracts';
import { z } from 'zod';
import { lastCheckpointKey, logFolder, versionText } from '../log/names.ts';
import { literal } from '../schema/engine.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { checkpointRows } from './actions.ts';

export interface CheckpointRoom {
  store: ObjectStore;
  engine: TableEngine;
  clock: () => number;
}

export interface CheckpointResult {
  version: number;
  /** Storage keys: the checkpoint, and its sidecars. */
  keys: string[];
}

/** Small row groups: a reader that wants few files takes few groups. */
const ROWS_A_GROUP = 20_480;
const GROUPS_A_SIDECAR = 5;
const layout = `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${ROWS_A_GROUP}`;

/**
 * PROTOCOL.md "Checkpoints": a checkpoint of a snapshot, classic or V2 as `delta.checkpointPolicy` says, then the hint to it.
 * Written by the engine; nothing of a large base comes into memory. All checkpoints of a version say the same, so whoever
 * wrote one first has done the work. Null: there was one already.
 */
export async function writeCheckpoint(
  room: CheckpointRoom,
  snapshot: ReplayedSnapshot,
): Promise<CheckpointResult | null> {
  const { store, engine, clock } = room;
  const name = `${logFolder(snapshot.location)}${versionText(snapshot.version)}.checkpoint`;
  const isV2 =
    snapshot.metadata.configuration['delta.checkpointPolicy'] === 'v2' &&
    (snapshot.protocol.writerFeatures?.includes('v2Checkpoint') ?? false);
  const key = isV2 ? `${name}.${randomUUID()}.parquet` : `${name}.parquet`;
  if (await hasCheckpoint(store, snapshot)) return null;
  const stage = await store.stage();
  try {
    const rows = await checkpointRows(snapshot, stage.folder, clock());
    const parquet = join(stage.folder, 'checkpoint.parquet');
    const sidecars = isV2 ? await writeSidecars(room, snapshot, stage, rows.files) : [];
    const small = await rows.small(isV2 ? [checkpointMetadata(snapshot), ...sidecars.map(({ action }) => action)] : []);
    // A V2 manifest has the columns of files too, without a row in them: Spark asks for `add` in every checkpoint.
    const files = isV2 ? `(SELECT * FROM (${rows.files}) AS files WHERE false)` : rows.files;
    const source = `${small} UNION ALL BY NAME ${files}`;
    const written = await copy(engine, source, parquet, layout);
    const { size: sizeInBytes } = await stat(parquet);
    if (!(await stage.publish(parquet, key))) return null;
    await pointTo(store, snapshot, {
      version: snapshot.version,
      size: written + sidecars.reduce((sum, { rows: count }) => sum + count, 0),
      sizeInBytes: sizeInBytes + sidecars.reduce((sum, { action }) => sum + action.sidecar.sizeInBytes, 0),
      numOfAddFiles: (await snapshot.sizesOfFiles()).numFiles,
    });
    return { version: snapshot.version, keys: [key, ...sidecars.map((sidecar) => sidecar.key)] };
  } finally {
    await stage.discard();
  }
}

/** Whether any checkpoint of the version is there. */
async function hasCheckpoint(store: ObjectStore, { location, version }: ReplayedSnapshot): Promise<boolean> {
  const name = `${logFolder(location)}${versionText(version)}.checkpoint`;
  if (await store.head(`${name}.parquet`)) return true;
  for await (const { key } of store.list(logFolder(location), { startAfter: name })) return key.startsWith(`${name}.`);
  return false;
}

const Copied = z.tuple([z.looseObject({ Count: z.union([z.bigint(), z.number()]).transform(Number) })]);

async function copy(engine: TableEngine, select: string, path: string, options: string): Promise<number> {
  const [{ Count }] = Copied.parse(await engine.rows(`COPY (${select}) TO ${literal(path)} (${options})`));
  return Count;
}

interface Sidecar {
  key: string;
  rows: number;
  action: { sidecar: { path: string; sizeInBytes: number; modificationTime: number } };
}

/** PROTOCOL.md "Sidecar Files": files with the adds and removes, under names of their own in `_sidecars`. */
async function writeSidecars(
  { engine, clock }: CheckpointRoom,
  snapshot: ReplayedSnapshot,
  stage: EngineStage,
  select: string,
): Promise<Sidecar[]> {
  const folder = join(stage.folder, 'sidecars');
  await mkdir(folder);
  const rows = await copy(engine, select, folder, `${layout}, ROW_GROUPS_PER_FILE ${GROUPS_A_SIDECAR}`);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort();
  const sidecars: Sidecar[] = [];
  for (const [index, name] of names.entries()) {
    const path = `${randomUUID()}.parquet`;
    const key = `${logFolder(snapshot.location)}_sidecars/${path}`;
    const { size: sizeInBytes } = await stat(join(folder, name));
    await stage.publish(join(folder, name), key);
    const action = { sidecar: { path, sizeInBytes, modificationTime: clock() } };
    sidecars.push({ key, rows: index === 0 ? rows : 0, action });
  }
  return sidecars;
}

const checkpointMetadata = ({ version }: ReplayedSnapshot): object => ({ checkpointMetadata: { version } });

const Pointer = z.object({ version: z.int() });

/** PROTOCOL.md "Last Checkpoint File". Never moved back by a slower writer. */
async function pointTo(
  store: ObjectStore,
  snapshot: ReplayedSnapshot,
  body: { version: number; size: number; sizeInBytes: number; numOfAddFiles: number },
): Promise<void> {
  const pointer = lastCheckpointKey(snapshot.location);
  const current = (await store.head(pointer)) ? Buffer.from(await store.get(pointer)).toString() : '';
  if (pointedVersion(current) >= snapshot.version) return;
  await store.put(pointer, Buffer.from(JSON.stringify(body)));
}

function pointedVersion(text: string): number {
  try {
    return Pointer.parse(JSON.parse(text)).version;
  } catch {
    return -1;
  }
}
