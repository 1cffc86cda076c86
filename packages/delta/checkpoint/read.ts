import { z } from 'zod';
import { parseLossless } from '../actions/json.ts';
import { parseAction, parseCommit } from '../actions/schemas.ts';
import type { Action } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { logFolder } from '../log/names.ts';
import type { LogReader } from '../log/read.ts';
import type { Checkpoint } from '../log/segment.ts';
import { parseSchema } from '../schema/json.ts';
import { FileBase } from '../snapshot/base.ts';
import { type CheckpointSource, countOf, kindTexts, openSource } from './source.ts';
import { addOfText, type TimeLeaves, timeLeaves } from './struct-stats.ts';

/** From this many files on, a checkpoint's files stay where they are: in Parquet, asked by the engine. */
export const FILES_IN_MEMORY = 5000;

/** A checkpoint as read: actions in memory, and what is too much for that. */
export interface ReadCheckpoint {
  actions: Action[];
  base: FileBase | null;
}

const decoder = new TextDecoder();
const Sidecar = z.object({ path: z.string() });

/**
 * PROTOCOL.md "Checkpoints": classic ones (whole or in parts) and V2 with sidecars. Every action that comes into memory
 * passes the same border as those of JSON commits. Throws DELTA_LOG_CORRUPT.
 */
export async function readCheckpoint(
  reader: LogReader,
  location: string,
  checkpoint: Checkpoint,
): Promise<ReadCheckpoint> {
  const actions: Action[] = [];
  const sidecars: string[] = [];
  const parquet: string[] = [];
  for (const key of checkpoint.keys) {
    if (key.endsWith('.json')) readManifest(decoder.decode(await reader.store.get(key)), key, actions, sidecars);
    else parquet.push(key);
  }
  const sources: CheckpointSource[] = [];
  if (parquet.length) {
    const source = await openSource(reader, parquet);
    await smallActions(source, actions, sidecars);
    sources.push(source);
  }
  if (sidecars.length) {
    sources.push(
      await openSource(
        reader,
        sidecars.map((path) => sidecarKey(location, path)),
      ),
    );
  }
  const holding = sources.filter((source) => source.kinds.has('add') || source.kinds.has('remove'));
  const files = holding.reduce((sum, source) => sum + (countOf(source, 'add, path') ?? source.rows), 0);
  const times = timesOf(actions, location);
  // Of a manifest and its sidecars, one alone has files in practice; where both do, the smaller way is taken for both.
  const kept =
    files > (reader.filesInMemory ?? FILES_IN_MEMORY)
      ? holding.filter((source) => countOf(source, 'add, path') !== 0)
      : [];
  const [large] = kept;
  if (kept.length === 1 && large) {
    for (const source of holding) if (source !== large) await fileActions(source, actions, times);
    return { actions, base: await FileBase.open(large, reader.store.uri(location), times, checkpoint.version) };
  }
  for (const source of holding) await fileActions(source, actions, times);
  return { actions, base: null };
}

/** Storage keys of a checkpoint's sidecars. */
export async function sidecarsOf(reader: LogReader, location: string, checkpoint: Checkpoint): Promise<string[]> {
  const sidecars: string[] = [];
  for (const key of checkpoint.keys) {
    if (key.endsWith('.json')) readManifest(decoder.decode(await reader.store.get(key)), key, [], sidecars);
    else await smallActions(await openSource(reader, [key]), [], sidecars);
  }
  return sidecars.map((path) => sidecarKey(location, path));
}

async function smallActions(source: CheckpointSource, actions: Action[], sidecars: string[]): Promise<void> {
  const where = source.keys[0] ?? '';
  for (const kind of ['protocol', 'metaData', 'txn', 'domainMetadata'] as const) {
    for (const text of await kindTexts(source, kind)) actions.push(parseAction(kind, parseLossless(text), where));
  }
  for (const text of await kindTexts(source, 'sidecar')) sidecars.push(Sidecar.parse(parseLossless(text)).path);
}

async function fileActions(source: CheckpointSource, actions: Action[], times: TimeLeaves): Promise<void> {
  const where = source.keys[0] ?? '';
  for (const text of await kindTexts(source, 'remove')) actions.push(parseAction('remove', parseLossless(text), where));
  for (const text of await kindTexts(source, 'add')) actions.push(parseAction('add', addOfText(text, times), where));
}

function timesOf(actions: readonly Action[], location: string): TimeLeaves {
  const metadata = actions.findLast((action) => 'metaData' in action)?.metaData;
  return metadata ? timeLeaves(parseSchema(metadata.schemaString, location), metadata.configuration) : new Map();
}

/** PROTOCOL.md "Sidecar Files": a name in `_sidecars`, or an absolute path there. */
function sidecarKey(location: string, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = `${logFolder(location)}_sidecars/`;
  if (path !== name && !decodeURIComponent(path).endsWith(folder + name)) throw deltaErrors.absolutePath(path);
  return folder + name;
}

/** PROTOCOL.md "V2 Spec": a manifest of JSON lines. */
function readManifest(body: string, where: string, actions: Action[], sidecars: string[]): void {
  for (const action of parseCommit(body, where)) if (!('commitInfo' in action)) actions.push(action);
  for (const line of body.split('\n')) {
    if (!line.includes('"sidecar"')) continue;
    const value = z.object({ sidecar: z.object({ path: z.string() }).optional() }).safeParse(parseLossless(line));
    if (value.success && value.data.sidecar) sidecars.push(value.data.sidecar.path);
  }
}
