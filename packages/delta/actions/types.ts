/** Actions of the Delta log that replay keeps, under the names of PROTOCOL.md ("Actions"). Sizes in bytes, times in ms. */

/** PROTOCOL.md "Deletion Vectors": where the bitmap of deleted rows of a data file lies. */
export interface DeletionVectorDescriptor {
  storageType: 'u' | 'i' | 'p';
  pathOrInlineDv: string;
  offset?: number;
  sizeInBytes: number;
  cardinality: number;
}

/** PROTOCOL.md "Add File and Remove File". `path` stays as in the log: a URI, percent-encoded. */
export interface AddFile {
  path: string;
  /** By physical column name; null for NULL. */
  partitionValues: Record<string, string | null>;
  size: number;
  modificationTime: number;
  dataChange: boolean;
  /** JSON text as in the log: parsed lazily, by `fileStats`. */
  stats?: string;
  tags?: Record<string, string | null>;
  deletionVector?: DeletionVectorDescriptor;
  baseRowId?: number | bigint;
  defaultRowCommitVersion?: number | bigint;
  clusteringProvider?: string;
}

export interface RemoveFile {
  path: string;
  deletionTimestamp?: number;
  dataChange: boolean;
  extendedFileMetadata?: boolean;
  partitionValues?: Record<string, string | null>;
  size?: number;
  tags?: Record<string, string | null>;
  deletionVector?: DeletionVectorDescriptor;
  baseRowId?: number | bigint;
  defaultRowCommitVersion?: number | bigint;
}

/** PROTOCOL.md "Change Metadata". */
export interface Metadata {
  id: string;
  name?: string;
  description?: string;
  format: { provider: string; options: Record<string, string> };
  /** Delta schema JSON, as in the log. */
  schemaString: string;
  partitionColumns: string[];
  configuration: Record<string, string>;
  createdTime?: number;
}

/** PROTOCOL.md "Protocol Evolution". Feature lists exist from reader 3 / writer 7 on. */
export interface Protocol {
  minReaderVersion: number;
  minWriterVersion: number;
  readerFeatures?: string[];
  writerFeatures?: string[];
}

/** PROTOCOL.md "Transaction Identifiers". */
export interface Txn {
  appId: string;
  version: number | bigint;
  lastUpdated?: number;
}

/** PROTOCOL.md "Domain Metadata". */
export interface DomainMetadata {
  domain: string;
  configuration: string;
  removed: boolean;
}

/** PROTOCOL.md "Commit Provenance Information": free form; these are the fields that we read and write. */
export interface CommitInfo {
  timestamp?: number;
  inCommitTimestamp?: number;
  operation?: string;
  operationParameters?: Record<string, unknown>;
  operationMetrics?: Record<string, unknown>;
  readVersion?: number;
  isolationLevel?: string;
  isBlindAppend?: boolean;
  userName?: string;
  engineInfo?: string;
  txnId?: string;
  [other: string]: unknown;
}

/** PROTOCOL.md "Add CDC File": rows that a commit changed, with `_change_type`. Never part of a snapshot. */
export interface CdcFile {
  path: string;
  partitionValues: Record<string, string | null>;
  size: number;
  dataChange: false;
  tags?: Record<string, string | null>;
}

export type Action =
  | { add: AddFile }
  | { remove: RemoveFile }
  | { cdc: CdcFile }
  | { metaData: Metadata }
  | { protocol: Protocol }
  | { txn: Txn }
  | { domainMetadata: DomainMetadata }
  | { commitInfo: CommitInfo };
