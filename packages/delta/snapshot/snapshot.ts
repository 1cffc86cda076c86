import type { Column } from '@boathouse/contracts';
import type { AddFile, Metadata, Protocol } from '../actions/types.ts';
import { deltaErrors } from '../errors.ts';
import type { LogState } from '../log/replay.ts';
import { checkReadable } from '../protocol/check.ts';
import { columnsOf } from '../schema/columns.ts';
import { parseSchema } from '../schema/json.ts';
import type { DeltaField } from '../schema/types.ts';
import { unknownTypeChanges } from '../schema/widening.ts';
import { liveRows } from '../stats/file-stats.ts';
import type { Snapshot, SnapshotTotals } from '../types.ts';

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
  private sums: SnapshotTotals | null = null;

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
    this.fileList ??= [...this.state.files.values()];
    return this.fileList;
  }

  async totals(): Promise<SnapshotTotals> {
    this.sums ??= totalsOf(await this.files());
    return this.sums;
  }

  txnVersion(appId: string): number | null {
    const txn = this.state.txns.get(appId);
    return txn ? Number(txn.version) : null;
  }

  domain(name: string): string | null {
    return this.state.domains.get(name)?.configuration ?? null;
  }
}

function totalsOf(files: readonly AddFile[]): SnapshotTotals {
  let numRows: number | null = 0;
  let sizeBytes = 0;
  for (const file of files) {
    const live = liveRows(file);
    numRows = numRows === null || live === null ? null : numRows + live;
    sizeBytes += file.size;
  }
  return { numFiles: files.length, sizeBytes, numRows };
}
