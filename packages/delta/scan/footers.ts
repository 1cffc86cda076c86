import type { TableEngine } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { escapeGlob, literal } from '../schema/engine.ts';
import { isOwn } from '../write/tags.ts';

export interface FooterReader {
  /**
   * Those of the files whose timestamps carry no zone: INT96, or not adjusted to UTC in a table that has no timestamp_ntz
   * column to explain it. One writer writes all timestamps of a file alike.
   */
  naiveTimestamps(files: readonly AddFile[], uri: (file: AddFile) => string, hasNtz: boolean): Promise<Set<AddFile>>;
}

const KEPT = 200_000;

/** Looks into footers once a file: data files never change. Our own need no look. */
export function createFooterReader(engine: TableEngine): FooterReader {
  const known = new Map<string, boolean>();
  return {
    async naiveTimestamps(files, uri, hasNtz) {
      const foreign = files.filter((file) => !isOwn(file));
      const unknown = [...new Set(foreign.map(uri))].filter((path) => !known.has(path));
      if (unknown.length) {
        if (known.size + unknown.length > KEPT) known.clear();
        const rows = await engine.rows(
          `SELECT DISTINCT file_name FROM parquet_schema([${unknown.map((path) => literal(escapeGlob(path))).join(', ')}])
           WHERE type = 'INT96'${hasNtz ? '' : " OR contains(logical_type, 'isAdjustedToUTC=0')"}`,
        );
        const naive = new Set(rows.map((row) => row.file_name));
        for (const path of unknown) known.set(path, naive.has(path));
      }
      return new Set(foreign.filter((file) => known.get(uri(file))));
    },
  };
}
