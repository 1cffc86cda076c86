import { BoathouseError, type TableEngine } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { canonicalPath, fileKey } from '../log/paths.ts';
import type { DeltaRoom } from '../room.ts';
import { deletedRows, vectorKey } from '../scan/deletion-vector.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { escapeGlob, literal } from '../schema/engine.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { fileStats, liveRows } from '../stats/file-stats.ts';
import type { FsckKind, FsckProblem } from './fsck-types.ts';

export interface FileProblem extends FsckProblem {
  file: AddFile;
}

export interface FileCheck {
  engine: TableEngine;
  /** How far files are looked into: names, sizes and footers; also whether the columns fit; or every value. */
  depth: 'footers' | 'columns' | 'rows';
}

/** Files that are asked in one statement. */
const ASKED_AT_ONCE = 64;

/** Looks at every live file: is it there, as long as the log says, readable, and does its deletion vector fit? */
export async function checkFiles(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  check: FileCheck,
): Promise<{ filesChecked: number; problems: FileProblem[] }> {
  const files = await snapshot.files();
  return { filesChecked: files.length, problems: await checkSome(room, snapshot, files, check) };
}

/** The same for some files of the snapshot. */
export async function checkSome(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  check: FileCheck,
): Promise<FileProblem[]> {
  const problems: FileProblem[] = [];
  for (let start = 0; start < files.length; start += ASKED_AT_ONCE) {
    const some = files.slice(start, start + ASKED_AT_ONCE);
    const found = await Promise.all(some.map((file) => lookAt(room, snapshot, file)));
    const whole = some.filter((_, index) => found[index] === null);
    problems.push(...found.filter((problem) => problem !== null));
    // All at once first: most tables are sound. Where that fails, one after another tells which.
    if (await canRead(room, snapshot, whole, check)) continue;
    for (const file of whole) {
      const problem = await readOne(room, snapshot, file, check);
      if (problem) problems.push(problem);
    }
  }
  return problems;
}

const tellers = (snapshot: ReplayedSnapshot, root: string) => {
  const path = (file: AddFile) => canonicalPath(file.path, root);
  return (kind: FsckKind, file: AddFile, what: string, repairable = true): FileProblem => {
    const rowsLost = liveRows(file);
    const rows = rowsLost === null ? 'Its rows are' : rowsLost === 1 ? '1 row is' : `${rowsLost} rows are`;
    const way = repairable
      ? `${rows} lost, unless the file is restored from a backup. Repairing takes it out of the table; the other rows can then be read.`
      : `${rows} not readable. Restore the file that was there from a backup, or the table to a version before it was added.`;
    return {
      kind,
      path: path(file),
      version: snapshot.version,
      rowsLost,
      what: `${what} ${way}`,
      repairable,
      repaired: false,
      file,
    };
  };
};

/** What the store alone can tell. */
async function lookAt(room: DeltaRoom, snapshot: ReplayedSnapshot, file: AddFile): Promise<FileProblem | null> {
  const { store } = room.reader;
  const root = store.uri(snapshot.location);
  const tell = tellers(snapshot, root);
  const head = await store.head(fileKey(snapshot.location, file.path, root, store));
  if (!head) return tell('missing data file', file, 'The file is not there.');
  if (head.sizeBytes !== file.size)
    return tell('damaged data file', file, `The file has ${head.sizeBytes} bytes, and had ${file.size}.`);
  const vector = file.deletionVector;
  if (!vector) return null;
  const kept = 'Which of its rows are deleted is not known any more.';
  if (vector.storageType !== 'i') {
    const key = vectorKey(store, snapshot.location, vector);
    if (!(await store.head(key)))
      return tell(
        'missing deletion vector',
        file,
        `Its deletion vector "${key.slice(snapshot.location.length + 1)}" is not there. ${kept}`,
      );
  }
  try {
    await deletedRows(store, snapshot.location, vector);
    return null;
  } catch (error) {
    if (!(error instanceof BoathouseError) || !error.code.startsWith('DELTA_')) throw error;
    return tell('damaged deletion vector', file, `${error.message} ${kept}`);
  }
}

/** Whether all of the files can be read, as a query reads them. */
async function canRead(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  check: FileCheck,
): Promise<boolean> {
  if (!files.length) return true;
  if ((await footersOf(room, snapshot, files, check)) !== null) return false;
  if (check.depth === 'footers') return true;
  // The first rows of many files are those of one.
  return check.depth === 'rows' && (await rowsOf(room, snapshot, files, check)) === null;
}

async function readOne(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  file: AddFile,
  check: FileCheck,
): Promise<FileProblem | null> {
  const tell = tellers(snapshot, room.reader.store.uri(snapshot.location));
  const footer = await footersOf(room, snapshot, [file], check);
  if (footer !== null) return tell('damaged data file', file, footer);
  if (check.depth === 'footers') return null;
  const rows = await rowsOf(room, snapshot, [file], check);
  if (rows === null) return null;
  // What cannot even be read by its own schema is damaged; the rest does not fit the table's.
  const raw = await valuesOf(`read_parquet(${paths(room, snapshot, [file])}, hive_partitioning = false)`, check);
  return raw === null
    ? tell('unfitting data file', file, `Its columns do not fit the table's schema (${rows}).`, false)
    : tell('damaged data file', file, `It cannot be decoded (${raw}).`);
}

const paths = ({ reader: { store } }: DeltaRoom, { location }: ReplayedSnapshot, files: readonly AddFile[]): string =>
  `[${files.map((file) => literal(escapeGlob(store.engineUri(fileKey(location, file.path, store.uri(location), store))))).join(', ')}]`;

/** Null, or what is wrong with the footers: unreadable, or other rows than the log counts. */
async function footersOf(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  { engine }: FileCheck,
): Promise<string | null> {
  const { store } = room.reader;
  const root = store.uri(snapshot.location);
  const keys = files.map((file) => fileKey(snapshot.location, file.path, root, store));
  await store.localise(keys);
  const found = await attempt(() =>
    engine.rows(`SELECT file_name, num_rows FROM parquet_file_metadata(${paths(room, snapshot, files)})`),
  );
  if (typeof found === 'string') return `Its footer cannot be read (${found}).`;
  const counts = new Map(found.map((row) => [String(row.file_name), Number(row.num_rows)]));
  for (const [index, file] of files.entries()) {
    const counted = fileStats(file).numRecords;
    const rows = counts.get(store.engineUri(keys[index] ?? ''));
    if (counted !== null && rows !== counted) return `It holds ${rows} rows, and the log counts ${counted}.`;
  }
  return null;
}

async function rowsOf(
  room: DeltaRoom,
  snapshot: ReplayedSnapshot,
  files: readonly AddFile[],
  check: FileCheck,
): Promise<string | null> {
  const names = snapshot.columns.map(({ name }) => name);
  return valuesOf(await relation(scanOf(room), snapshot, files, names, { timeZone: 'UTC' }), check);
}

/** Null where the values of the relation can be read, else why not. Whether columns fit shows at the first rows. */
async function valuesOf(from: string, { engine, depth }: FileCheck): Promise<string | null> {
  const sql =
    depth === 'columns'
      ? `SELECT hash(scanned) AS h FROM ${from} AS scanned LIMIT 1`
      : `SELECT bit_xor(hash(scanned)) AS h FROM ${from} AS scanned`;
  const read = await attempt(() => engine.rows(sql));
  return typeof read === 'string' ? read : null;
}

/** Rows, or what the engine says of the files. That the engine itself has too little memory or was stopped is no damage. */
async function attempt(work: () => Promise<Record<string, unknown>[]>): Promise<Record<string, unknown>[] | string> {
  try {
    return await work();
  } catch (error) {
    const text = error instanceof BoathouseError ? (error.detail ?? error.message) : String(error);
    const own =
      error instanceof BoathouseError &&
      ['CANCELLED', 'OUT_OF_MEMORY', 'DISK_FULL', 'ENGINE_CLOSED'].includes(error.code);
    if (own || /Out of Memory|INTERRUPT|FATAL/i.test(text)) throw error;
    return text.split('\n')[0]?.slice(0, 300) ?? '';
  }
}
