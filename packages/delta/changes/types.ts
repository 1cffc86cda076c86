import type { Column } from '@boathouse/contracts';

/** Which changes to read. Both ends are included; each is given by version or by time (ms since 1970), not by both. */
export interface ChangesRequest {
  fromVersion?: number;
  /** Changes committed at this time or later. */
  fromTimestampMs?: number;
  /** By default the latest version. A version after the latest means the latest. */
  toVersion?: number;
  /** Changes committed up to this time. */
  toTimestampMs?: number;
  /** Columns of the feed in the wanted order; by default all. */
  needed?: readonly string[];
  /** Zone of the session that will run the relation, as in `RelationOptions`. */
  timeZone?: string;
}

export interface ChangeFeed {
  /** Engine text: a parenthesised SELECT with exactly the needed columns. */
  relation: string;
  /** The table's columns at the end version, then `_change_type`, `_commit_version`, `_commit_timestamp`. */
  columns: Column[];
  fromVersion: number;
  /** Smaller than `fromVersion` where two times lie between the same two commits: the feed is empty. */
  toVersion: number;
  files: number;
  bytes: number;
}

export interface ChangeOperations {
  /**
   * PROTOCOL.md "Change Data Files": rows that versions inserted, deleted and updated. Throws DELTA_MISSING_CHANGE_DATA where
   * the feed was off, DELTA_INVALID_CDC_RANGE, DELTA_CDC_START_VERSION_AFTER_LATEST, DELTA_NO_START_FOR_CDC_READ,
   * DELTA_MULTIPLE_CDC_BOUNDARY, DELTA_CHANGE_DATA_FEED_INCOMPATIBLE_SCHEMA_CHANGE, DELTA_TIMESTAMP_….
   */
  changes(location: string, request: ChangesRequest): Promise<ChangeFeed>;
}
