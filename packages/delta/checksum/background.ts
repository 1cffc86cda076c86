import type { ObjectStore } from '@boathouse/contracts';
import type { Action } from '../actions/types.ts';
import { identityOf } from '../log/identity.ts';
import { checksumKey } from '../log/names.ts';
import { applyActions, copyState, emptyState } from '../log/replay.ts';
import { inCommitTimestamp } from '../snapshot/cache.ts';
import type { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import type { DeltaLogger } from '../types.ts';
import { checksumText, MOST_FILES } from './checksum.ts';
import { count, emptySummary, factsOf, type Summary, summaryAfter, summaryOf } from './summary.ts';

/** A version that was committed here: its actions on top of the version before, which is null for a first one. */
export interface CommittedVersion {
  location: string;
  version: number;
  base: ReplayedSnapshot | null;
  actions: readonly Action[];
  txnId: string;
}

/** So many versions wait at most, where the store is slower than the commits; those above go without a checksum. */
const MOST_WAITING = 16;
const LOCATIONS_KEPT = 256;

/**
 * PROTOCOL.md "Version Checksum File": what each commit of ours made of the table, written behind the commit's back, so that
 * others need not sum up the files to know them. A version is summed from the one before where that was ours too.
 */
export class Checksums {
  private readonly store: ObjectStore;
  private readonly logger: DeltaLogger | undefined;
  private readonly waiting = new Map<string, { last: Promise<void>; length: number }>();
  private readonly known = new Map<string, { version: number; id: string; summary: Summary }>();

  constructor(store: ObjectStore, logger: DeltaLogger | undefined) {
    this.store = store;
    this.logger = logger;
  }

  /** To be told of every version committed here, in the order of their versions. */
  committed(done: CommittedVersion): void {
    const { location, version } = done;
    const queue = this.waiting.get(location) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length >= MOST_WAITING) return;
    queue.length++;
    queue.last = queue.last
      .then(() => this.write(done))
      .catch((error: unknown) => this.logger?.warn({ location, version, error }, 'a checksum could not be written'))
      .finally(() => {
        if (--queue.length === 0) this.waiting.delete(location);
      });
    this.waiting.set(location, queue);
  }

  /** Resolves when no checksum is being written. */
  async idle(): Promise<void> {
    while (this.waiting.size) await Promise.all([...this.waiting.values()].map(({ last }) => last));
  }

  private async write(done: CommittedVersion): Promise<void> {
    const { location, version, base, actions, txnId } = done;
    const root = this.store.uri(location);
    const identity = (file: Parameters<typeof identityOf>[0]) => identityOf(file, root);
    const summary = base
      ? await summaryAfter(await this.before(location, base), base, actions, identity)
      : summaryOfFirst(actions);
    const few = summary.numFiles <= MOST_FILES && !base?.state.base;
    const before = base?.state ?? emptyState();
    // Only a short list of files is copied.
    const state = copyState(few ? before : { ...before, files: new Map(), tombstones: new Map() });
    applyActions(state, actions, identity);
    if (!state.metadata || !state.protocol) return;
    this.remember(location, { version, id: state.metadata.id, summary });
    const time = inCommitTimestamp(actions);
    const text = checksumText({
      summary,
      metadata: state.metadata,
      protocol: state.protocol,
      txns: [...state.txns.values()],
      domains: [...state.domains.values()],
      txnId,
      ...(time === null ? {} : { inCommitTimestamp: time }),
      ...(few ? { files: [...state.files.values()] } : {}),
    });
    await this.store.put(checksumKey(location, version), Buffer.from(text), { durable: false });
  }

  private async before(location: string, base: ReplayedSnapshot): Promise<Summary> {
    const known = this.known.get(location);
    return known?.version === base.version && known.id === base.metadata.id ? known.summary : summaryOf(base);
  }

  private remember(location: string, entry: { version: number; id: string; summary: Summary }): void {
    this.known.delete(location);
    this.known.set(location, entry);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= LOCATIONS_KEPT) return;
      this.known.delete(oldest);
    }
  }
}

function summaryOfFirst(actions: readonly Action[]): Summary {
  const summary = emptySummary();
  for (const action of actions) if ('add' in action) count(summary, factsOf(action.add), 1);
  return summary;
}
