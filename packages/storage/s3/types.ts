/** Which bucket, and as whom. Without credentials the SDK's chain is asked: environment, profiles, container, machine. */
export interface S3StoreOptions {
  bucket: string;
  /** Keys of the store begin here in the bucket: segments without a slash at the ends; empty for the whole bucket. */
  prefix?: string;
  /** Of an S3-compatible server, `http://127.0.0.1:9000`; by default AWS's own. */
  endpoint?: string;
  /** Default us-east-1; AWS's redirects to a bucket's own region are followed. */
  region?: string;
  /** `host/bucket/key` instead of `bucket.host/key`; by default where an endpoint is given. */
  pathStyle?: boolean;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  cache: S3CacheOptions;
  /** Milliseconds since 1970. */
  clock?: () => number;
}

/** Copies of objects for the table engine, which opens local files only. Processes and stores may share a folder. */
export interface S3CacheOptions {
  /** Absolute; made where it is missing. Unfinished writes and the engine's own files lie here, too. */
  folder: string;
  /** Copies beyond this go, those first that were not used for longest. Default 10 GiB. */
  maxBytes?: number;
  /** Copies used within this time stay in any case: a query may still read them. Default 30 minutes. */
  inUseMs?: number;
}

/** An object's bytes, asked for in pieces. */
export interface Content {
  sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}
