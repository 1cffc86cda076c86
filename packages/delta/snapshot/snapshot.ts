import type { Column } from '@boathouse/contracts';
import type { AddFile, Metadata, Protocol, RemoveFile } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import { identityOf } from '../log/identity.ts';
import type { LogState } from '../log/replay.ts';
import { checkReadable } from '../protocol/check.ts';
import { columnsOf } from '../schema/columns.ts';
import { parseSchema } from '../schema/json.ts';
import type { DeltaField } from '../schema/types.ts';
import { unknownTypeChanges } from '../schema/widening.ts';
import { liveRows } from '../stats/file-stats.ts';
import type { Snapshot, SnapshotTotals } from '../types.ts';
import type { BoundCondition } from './base.ts';

/** A replayed version. What costs a pass over all files is computed when it is first asked for. */
export class ReplayedSnapshot implements Snapshot {
  readonly location: string;
  readonly version: number;
  readonly timestampMs: number;
  readonly protocol: Protocol;
  readonly metadata: Metadata;
  readonly fields: readonly DeltaField[];
  readonly columns: Column[];
  readonly state: LogState;
  private fileList: readonly AddFile[] | null = null;
  private sums: Promise<SnapshotTotals> | null = null;
  private sizes: Promise<{ numFiles: number; sizeBytes: number }> | null = null;

  /** Throws DELTA_STATE_RECOVER_ERROR, DELTA_UNSUPPORTED_FEATURES_FOR_READ, DELTA_LOG_CORRUPT (schema). */
  constructor(location: string, version: number, timestampMs: number, state: LogState) {
    if (!state.protocol) throw deltaErrors.cannotRecover(location, 'protocol', version);
    checkReadable(location, state.protocol);
    if (!state.metadata) throw deltaErrors.cannotRecover(location, 'metadata', version);
    if (state.metadata.format.provider !== 'parquet') {
      throw deltaErrors.unsupportedRead(location, [`file format ${state.metadata.format.provider}`]);
    }
    this.location = location;
    this.version = version;
    this.timestampMs = timestampMs;
    this.state = state;
    this.protocol = state.protocol;
    this.metadata = state.metadata;
    this.fields = parseSchema(state.metadata.schemaString, location);
    const changes = unknownTypeChanges(this.fields);
    if (changes.length) throw deltaErrors.unsupportedRead(location, changes);
    this.columns = columnsOf(this.fields);
  }

  async files(): Promise<readonly AddFile[]> {
    const { base, files } = this.state;
    // A list this long is not kept: whoever asks for it needs it once.
    if (base) return [...this.visible(await base.files()), ...files.values()];
    this.fileList ??= [...files.values()];
    return this.fileList;
  }

  /** Some of the files, at most so many: for a look at a table. */
  async someFiles(most: number): Promise<readonly AddFile[]> {
    const { base, files, tombstones } = this.state;
    const newest = [...files.values()].slice(0, most);
    if (!base || newest.length === most) return newest;
    const older = await base.files(most + files.size + tombstones.size);
    return [...newest, ...this.visible(older)].slice(0, most);
  }

  /** Files for which no condition is proven false: all that are in memory, and those of the base by the engine. */
  async candidates(conditions: readonly BoundCondition[]): Promise<readonly AddFile[]> {
    const { base, files } = this.state;
    if (!base || !conditions.length) return this.files();
    return [...this.visible(await base.candidates(conditions)), ...files.values()];
  }

  /** The base's files without those that later commits removed or added anew. */
  private visible(files: readonly AddFile[]): readonly AddFile[] {
    const { base, files: added, tombstones } = this.state;
    if (!base || (!added.size && !tombstones.size)) return files;
    return files.filter((file) => {
      const identity = identityOf(file, base.root);
      return !added.has(identity) && !tombstones.has(identity);
    });
  }

  /** Number and bytes of the live files: what can be told without statistics. */
  sizesOfFiles(): Promise<{ numFiles: number; sizeBytes: number }> {
    this.sizes ??= this.sumSizes();
    this.sizes.catch(() => (this.sizes = null));
    return this.sizes;
  }

  private async sumSizes(): Promise<{ numFiles: number; sizeBytes: number }> {
    const { base, files } = this.state;
    let sizeBytes = 0;
    for (const file of files.values()) sizeBytes += file.size;
    if (!base) return { numFiles: files.size, sizeBytes };
    const [all, hidden] = await Promise.all([base.sums(), base.sumsOf(this.overlay(), false)]);
    return {
      numFiles: base.numFiles - hidden.files + files.size,
      sizeBytes: all.bytes - hidden.bytes + sizeBytes,
    };
  }

  totals(): Promise<SnapshotTotals> {
    this.sums ??= this.sumAll();
    this.sums.catch(() => (this.sums = null));
    return this.sums;
  }

  /** Takes sums that somebody has told and that do not contradict the log, where own ones would cost a pass of the engine. */
  trust(told: SnapshotTotals): void {
    const { base, files, tombstones } = this.state;
    if (!base) return;
    this.sizes = Promise.resolve({ numFiles: told.numFiles, sizeBytes: told.sizeBytes });
    if (told.numRows !== null) this.sums = Promise.resolve(told);
    if (!files.size && !tombstones.size) base.trust(told.sizeBytes, told.numRows);
  }

  private async sumAll(): Promise<SnapshotTotals> {
    const { base, files } = this.state;
    const sizes = await this.sizesOfFiles();
    let numRows: number | null = 0;
    for (const file of files.values()) {
      const live = liveRows(file);
      numRows = numRows === null || live === null ? null : numRows + live;
    }
    if (!base || numRows === null) return { ...sizes, numRows };
    const [all, hidden] = [await base.rowCount(), (await base.sumsOf(this.overlay(), true)).rows];
    return { ...sizes, numRows: all === null || hidden === null ? null : all - hidden + numRows };
  }

  /** Identities that the commits after the base said something of. */
  private overlay(): string[] {
    return [...this.state.files.keys(), ...this.state.tombstones.keys()];
  }

  /** Files that were removed and are remembered: checkpoints carry them, and vacuum goes by their times. */
  async tombstones(): Promise<readonly RemoveFile[]> {
    const { base, files, tombstones } = this.state;
    if (!base) return [...tombstones.values()];
    const older = (await base.tombstones()).filter((remove) => {
      const identity = identityOf(remove, base.root);
      return !files.has(identity) && !tombstones.has(identity);
    });
    return [...older, ...tombstones.values()];
  }

  txnVersion(appId: string): number | null {
    const txn = this.state.txns.get(appId);
    return txn ? Number(txn.version) : null;
  }

  domain(name: string): string | null {
    return this.state.domains.get(name)?.configuration ?? null;
  }
}
