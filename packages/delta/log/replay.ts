import type {
  Action,
  AddFile,
  DeletionVectorDescriptor,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveFile,
  Txn,
} from '../actions/types.ts';

/**
 * PROTOCOL.md "Action Reconciliation": the newest protocol and metadata, the newest txn an application, the newest
 * metadata a domain, and per (path, deletion vector) the newest of add and remove.
 */
export interface LogState {
  protocol: Protocol | null;
  metadata: Metadata | null;
  files: Map<string, AddFile>;
  /** Kept for checkpoints, which must carry unexpired tombstones. */
  tombstones: Map<string, RemoveFile>;
  txns: Map<string, Txn>;
  domains: Map<string, DomainMetadata>;
}

export const emptyState = (): LogState => ({
  protocol: null,
  metadata: null,
  files: new Map(),
  tombstones: new Map(),
  txns: new Map(),
  domains: new Map(),
});

export const copyState = (state: LogState): LogState => ({
  protocol: state.protocol,
  metadata: state.metadata,
  files: new Map(state.files),
  tombstones: new Map(state.tombstones),
  txns: new Map(state.txns),
  domains: new Map(state.domains),
});

/** PROTOCOL.md "Deletion Vectors": the id that tells vectors of one file apart. */
export const deletionVectorId = (vector: DeletionVectorDescriptor): string =>
  `${vector.storageType}${vector.pathOrInlineDv}${vector.offset === undefined ? '' : `@${vector.offset}`}`;

/** Applies actions oldest first, changing `state`. `canonical` makes one name of the many spellings of a path. */
export function applyActions(state: LogState, actions: readonly Action[], canonical: (path: string) => string): void {
  const keyOf = (file: { path: string; deletionVector?: DeletionVectorDescriptor }) =>
    file.deletionVector ? `${canonical(file.path)}\0${deletionVectorId(file.deletionVector)}` : canonical(file.path);
  for (const action of actions) {
    if ('add' in action) {
      const key = keyOf(action.add);
      state.files.set(key, action.add);
      state.tombstones.delete(key);
    } else if ('remove' in action) {
      const key = keyOf(action.remove);
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
