import { BoathouseError, type TableEngine } from '@boathouse/contracts';
import type { AddFile, CdcFile, RemoveFile } from '../actions/types.ts';
import { removeOf } from '../commit/actions.ts';
import type { Change, Reads } from '../commit/change.ts';
import { commitChange } from '../commit/commit.ts';
import { deltaErrors } from '../errors.ts';
import { supports } from '../protocol/protocol.ts';
import type { DeltaRoom } from '../room.ts';
import { DeletionVectorFile } from '../scan/deletion-vector-write.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { ROW_COMMIT_VERSION_COLUMN, ROW_ID_COLUMN } from '../scan/row-metadata.ts';
import { identifier } from '../schema/engine.ts';
import type { DeltaField } from '../schema/types.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { RelationOptions, Snapshot } from '../types.ts';
import { discardFiles, type FileWriter, type WriteOptions, writeFiles, writerOf } from '../write/files.ts';
import { type Compile, compilerFor } from '../write/fill.ts';
import { shapeOf, type TableShape } from '../write/shape.ts';
import type { DmlRequest, DmlResult } from './types.ts';

/** Names of the columns about rows, which no column of the table bears. */
export interface RowNames {
  file: string;
  row: string;
  /** Further columns of a statement's own. */
  hit: string;
}

export interface RowTracking {
  /** Physical columns in which a rewrite keeps the ids and commit versions of rows. */
  rowId: string;
  rowCommitVersion: string;
}

/** One piece of work on a table: what it rests on, and what it has made so far. Nothing is visible before `commit`. */
export class Work {
  readonly room: DeltaRoom;
  /** The version that is read and that the commit is checked against. */
  readonly read: ReplayedSnapshot;
  readonly request: DmlRequest;
  readonly engine: TableEngine;
  readonly writer: FileWriter;
  readonly names: RowNames;
  /** Whether deleted rows are marked in vectors; else files are written anew without them (as where all rows change). */
  usesVectors: boolean;
  readonly recordsChanges: boolean;
  readonly tracking: RowTracking | null;
  /** The table as rows are written: with the columns that the work itself adds. */
  shape: TableShape;
  /** The same for scans. */
  snapshot: Snapshot;
  readonly adds: AddFile[] = [];
  readonly removes: RemoveFile[] = [];
  readonly cdcs: CdcFile[] = [];
  readonly vectors: DeletionVectorFile;
  private readonly startedMs: number;
  private readonly written: { path: string }[] = [];

  constructor(room: DeltaRoom, read: ReplayedSnapshot, request: DmlRequest) {
    const { configuration } = read.metadata;
    this.room = room;
    this.read = read;
    this.request = request;
    this.engine = request.engine ?? room.reader.engine;
    this.writer = writerOf(room, this.engine);
    this.shape = shapeOf(read);
    this.snapshot = read;
    this.names = rowNames(read.fields);
    this.usesVectors =
      configuration['delta.enableDeletionVectors'] === 'true' && supports(read.protocol, 'deletionVectors');
    this.recordsChanges = configuration['delta.enableChangeDataFeed'] === 'true';
    const rowId = configuration[ROW_ID_COLUMN];
    const rowCommitVersion = configuration[ROW_COMMIT_VERSION_COLUMN];
    const isTracked = configuration['delta.enableRowTracking'] === 'true' && supports(read.protocol, 'rowTracking');
    this.tracking = isTracked && rowId && rowCommitVersion ? { rowId, rowCommitVersion } : null;
    this.vectors = new DeletionVectorFile(room.reader.store, read.location, room.ids(), vectorPrefix(room, read));
    this.startedMs = room.clock();
  }

  get columns(): string[] {
    return this.snapshot.fields.map(({ name }) => name);
  }

  /**
   * Live rows of files as `target`: all columns, file and row numbers, and with `tracked` row ids under the names of the
   * columns that keep them.
   */
  async target(
    files: readonly AddFile[],
    options: { tracked?: boolean; fileNumbers?: readonly number[] } = {},
  ): Promise<string> {
    const { file, row } = this.names;
    const relationOptions: RelationOptions = {
      metadata: { file, row, ...(options.tracked ? this.tracking : {}) },
      ...(options.fileNumbers ? { fileNumbers: options.fileNumbers } : {}),
      ...(this.request.timeZone === undefined ? {} : { timeZone: this.request.timeZone }),
    };
    return `${await relation(scanOf(this.room), this.snapshot, files, this.columns, relationOptions)} AS target`;
  }

  compiler(): Compile {
    return compilerFor(this.shape, this.room.compiler);
  }

  /** Rows of the table into new data files. `tracked`: the rows bring the columns that keep their ids. */
  async write(rowsSql: string, options: WriteOptions & { tracked?: boolean }): Promise<AddFile[]> {
    const { tracked, ...given } = options;
    const extraColumns =
      tracked && this.tracking ? Object.values(this.tracking).map((name) => ({ name, type: 'BIGINT' })) : [];
    const { adds, fields } = await writeFiles(this.writer, this.shape, rowsSql, {
      ...given,
      ...(extraColumns.length ? { extraColumns } : {}),
    });
    this.written.push(...adds);
    this.adds.push(...adds);
    if (fields) this.shape = { ...this.shape, fields };
    return adds;
  }

  /** Files that are not of the table's rows (change files): they go as data files do where the commit is refused. */
  made(files: readonly { path: string }[]): void {
    this.written.push(...files);
  }

  /** The file's rows go, all of them. */
  remove(file: AddFile): void {
    this.removes.push(removeOf(file, this.room.clock()));
  }

  /** The file stays, as `file` now says. */
  replace(before: AddFile, file: AddFile): void {
    this.remove(before);
    this.adds.push({ ...file, dataChange: true });
  }

  /** Runs the work; where it fails before its commit, the files that it wrote go. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Commits what was made, if anything was. */
  async commit(
    change: Pick<Change, 'operation' | 'operationParameters' | 'metadata' | 'protocol'> & { reads: Reads },
    metrics: Record<string, number>,
  ): Promise<DmlResult> {
    const all = { ...metrics, executionTimeMs: this.room.clock() - this.startedMs };
    const { txn } = this.request;
    if (!this.adds.length && !this.removes.length && !txn) return { version: null, metrics: all };
    await this.guarded(() => this.vectors.write());
    try {
      const { version, alreadyApplied } = await commitChange(
        this.room,
        this.read,
        {
          ...change,
          operationMetrics: all,
          adds: this.adds,
          removes: this.removes,
          cdcs: this.cdcs,
          ...(txn ? { txn } : {}),
        },
        this.request,
      );
      if (!alreadyApplied) return { version, metrics: all };
      await this.discard();
      return { version, alreadyApplied, metrics: {} };
    } catch (error) {
      // Any other failure may have committed: a log could name the files.
      if (error instanceof BoathouseError && error.code.startsWith('DELTA_')) await this.discard();
      throw error;
    }
  }

  private async discard(): Promise<void> {
    await discardFiles(this.room.reader.store, this.read.location, this.written);
    await this.vectors.discard();
  }
}

/**
 * Opens the work on a table as it is now. A repeated `txn` gives its result and no work. Throws
 * DELTA_CANNOT_MODIFY_APPEND_ONLY before anything is read, unless the work only `appends`.
 */
export async function openWork(
  room: DeltaRoom,
  location: string,
  request: DmlRequest,
  { appends = false } = {},
): Promise<{ work: Work } | { done: DmlResult }> {
  const read = await room.cache.current(location);
  if (!appends && read.metadata.configuration['delta.appendOnly'] === 'true') throw deltaErrors.appendOnly(location);
  const last = request.txn ? read.txnVersion(request.txn.appId) : null;
  if (request.txn && last !== null && last >= request.txn.version)
    return { done: { version: read.version, alreadyApplied: true, metrics: {} } };
  return { work: new Work(room, read, request) };
}

/** What a committed piece of work read: these files, and whatever others add that fulfils the predicates. */
export const readsOf = (predicates: DmlRequest['prune'], files: readonly AddFile[]): Reads => ({
  kind: 'rows',
  predicates: predicates ?? [],
  paths: new Set(files.map(({ path }) => path)),
});

/** A name like the wanted one that is none of those taken (compared without case). */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = new Set([...taken].map((name) => name.toLowerCase()));
  let name = wanted;
  while (names.has(name.toLowerCase())) name += '_';
  return name;
}

function rowNames(fields: readonly DeltaField[]): RowNames {
  const taken = fields.map(({ name }) => name);
  return { file: freeName('__file', taken), row: freeName('__row', taken), hit: freeName('__hit', taken) };
}

/** `delta.randomizeFilePrefixes`: folders with random names spread the load of object stores. */
function vectorPrefix(room: DeltaRoom, { metadata: { configuration } }: ReplayedSnapshot): string {
  if (configuration['delta.randomizeFilePrefixes'] !== 'true') return '';
  return room
    .ids()
    .replaceAll('-', '')
    .slice(0, Number(configuration['delta.randomPrefixLength'] ?? 2));
}

export const targetColumn = (name: string): string => `target.${identifier(name)}`;
