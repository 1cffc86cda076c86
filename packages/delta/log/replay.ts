import type { Action, AddFile, DomainMetadata, Metadata, Protocol, RemoveFile, Txn } from '../actions/types.ts';
import type { FileBase } from '../snapshot/base.ts';

/**
 * PROTOCOL.md "Action Reconciliation": the newest protocol and metadata, the newest txn an application, the newest
 * metadata a domain, and per (path, deletion vector) the newest of add and remove.
 */
export interface LogState {
  protocol: Protocol | null;
  metadata: Metadata | null;
  /** Files of a checkpoint too large for memory; `files` and `tombstones` are then what came after, and lie on top. */
  base: FileBase | null;
  /** By identity, as the tombstones are. */
  files: Map<string, AddFile>;
  /** Kept for checkpoints, which must carry unexpired tombstones; and they hide files of the base. */
  tombstones: Map<string, RemoveFile>;
  txns: Map<string, Txn>;
  domains: Map<string, DomainMetadata>;
}

export const emptyState = (): LogState => ({
  protocol: null,
  metadata: null,
  base: null,
  files: new Map(),
  tombstones: new Map(),
  txns: new Map(),
  domains: new Map(),
});

export const copyState = (state: LogState): LogState => ({
  protocol: state.protocol,
  metadata: state.metadata,
  base: state.base,
  files: new Map(state.files),
  tombstones: new Map(state.tombstones),
  txns: new Map(state.txns),
  domains: new Map(state.domains),
});

/** Applies actions oldest first, changing `state`. `identity` makes one name of the many spellings of a file. */
export function applyActions(
  state: LogState,
  actions: readonly Action[],
  identity: (file: AddFile | RemoveFile) => string,
): void {
  for (const action of actions) {
    if ('add' in action) {
      const key = identity(action.add);
      state.files.set(key, action.add);
      state.tombstones.delete(key);
    } else if ('remove' in action) {
      const key = identity(action.remove);
      state.files.delete(key);
      state.tombstones.set(key, action.remove);
    } else if ('metaData' in action) state.metadata = action.metaData;
    else if ('protocol' in action) state.protocol = action.protocol;
    else if ('txn' in action) state.txns.set(action.txn.appId, action.txn);
    else if ('domainMetadata' in action) {
      if (action.domainMetadata.removed) state.domains.delete(action.domainMetadata.domain);
      else state.domains.set(action.domainMetadata.domain, action.domainMetadata);
    }
  }
}
