/**
 * An object store: a flat space of keys with '/' in them. Keys are relative to the store's root, never contain '.' or
 * '..' segments, and are compared as bytes. A local folder, or a bucket of an S3-compatible store.
 */
export interface ObjectStore {
  /** Whole object. Throws OBJECT_NOT_FOUND. */
  get(key: string): Promise<Uint8Array>;
  /** `length` bytes from `offset`. Throws OBJECT_NOT_FOUND. */
  getRange(key: string, offset: number, length: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectInfo | null>;
  /** Writes or replaces; durable (file and folder fsynced) when it returns. */
  put(key: string, body: Uint8Array, options?: PutOptions): Promise<void>;
  /** Writes only where nothing is: false when the key exists. Durable and all-or-nothing. */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;
  /** Deleting what is not there succeeds. */
  delete(key: string): Promise<void>;
  /** Deletes every key under the prefix; the prefix ends with '/'. */
  deletePrefix(prefix: string): Promise<void>;
  /** Keys under `prefix` in byte order, recursively, optionally only those after `startAfter`. */
  list(prefix: string, options?: { startAfter?: string }): AsyncIterable<ObjectInfo>;
  /** What other programs call the object: an absolute path, or `s3://bucket/key`. A table's log says it of files elsewhere. */
  uri(key: string): string;
  /** The path under which the table engine opens the object. In object storage `localise` comes first: it names a copy. */
  engineUri(key: string): string;
  /**
   * Brings objects to where `engineUri` says, for this query's time at least; where objects are files there is nothing to do.
   * For objects that never change under their key. Throws OBJECT_NOT_FOUND.
   */
  localise(keys: readonly string[]): Promise<void>;
  /** Streams a large body to `key`: nothing is visible before `commit`, nothing stays after `abort`. */
  writer(key: string): Promise<ObjectWriter>;
  /** A private folder for files that the table engine writes itself, before they get their keys. */
  stage(): Promise<EngineStage>;
}

export interface PutOptions {
  /**
   * False for what can be made again and is read with distrust: it may be lost or cut by a power failure, and it brings no
   * folder back that somebody removed. Default true.
   */
  durable?: boolean;
}

/**
 * Files on their way from the table engine into the store. The engine writes to local paths only, so a store moves (local
 * folder) or uploads (object storage) what it finds here. What a dead process leaves is swept at the next start.
 */
export interface EngineStage {
  /** Absolute folder for `COPY … TO`; it exists and is empty. */
  readonly folder: string;
  /** Gives a written file (absolute path) its key. Durable when it returns; false where the key is taken. */
  publish(file: string, key: string): Promise<boolean>;
  /** Removes the folder and what was not published. */
  discard(): Promise<void>;
}

export interface ObjectInfo {
  key: string;
  sizeBytes: number;
  modifiedMs: number;
}

export interface ObjectWriter {
  /** Resolves when the chunk is accepted (back-pressure). */
  write(chunk: Uint8Array): Promise<void>;
  /** Publishes the object, under `finalKey` where the name is known only at the end (a content hash). */
  commit(finalKey?: string): Promise<ObjectInfo>;
  abort(): Promise<void>;
}

/** SQL on files for the Delta log: DuckDB in the product. Rows come as plain objects; 64-bit integers as bigint. */
export interface TableEngine {
  rows(sql: string): Promise<Record<string, unknown>[]>;
}

/**
 * Publishes a commit. `expected` is the version to create; false means that somebody else has it. The body is whole
 * newline-delimited JSON. After it returns true the version is durable and visible to every reader.
 */
export interface Committer {
  commit(logKey: string, version: number, body: Uint8Array): Promise<boolean>;
  /**
   * Of a catalog: commits after a version that it has ratified and that may not be published yet, oldest first; `path` is
   * below the log's folder (`_staged_commits/….json`).
   */
  unpublished?(logKey: string, afterVersion: number): Promise<{ version: number; path: string }[]>;
}

/**
 * The catalog's word on commits of catalog-managed tables (PROTOCOL.md "Catalog-managed tables"): a version belongs to the
 * staged file that the catalog has ratified for it. `logKey` ends in `_delta_log`; a `path` is below it.
 */
export interface CommitCatalog {
  /** Gives the version to a staged commit, durably. False: it is another's. The same question again gets the same answer. */
  ratify(logKey: string, version: number, path: string): Promise<boolean>;
  /** Ratified versions above one that nobody has called published yet, oldest first. */
  unpublished(logKey: string, afterVersion: number): Promise<{ version: number; path: string }[]>;
  /** The version lies under its own name: its staged file may go. */
  published(logKey: string, version: number): Promise<void>;
}

/** Compiles a Spark SQL expression over a table's columns to engine text: constraints, generated columns, defaults. */
export interface ExpressionCompiler {
  compile(expression: string, columns: { name: string; type: string }[]): string;
}
