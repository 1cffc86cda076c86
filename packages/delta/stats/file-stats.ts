import { z } from 'zod';
import { parseNumbersExactly } from '../actions/json.ts';
import type { AddFile } from '../actions/types.ts';

/** PROTOCOL.md "Per-file Statistics", by physical names. Bounds are JSON values; long numbers are texts. */
export interface FileStats {
  numRecords: number | null;
  minValues: Record<string, unknown>;
  maxValues: Record<string, unknown>;
  nullCount: Record<string, unknown>;
}

const values = z.record(z.string(), z.unknown()).nullish();
const Stats = z.object({
  numRecords: z.int().nonnegative().nullish(),
  minValues: values,
  maxValues: values,
  nullCount: values,
});
const none: FileStats = { numRecords: null, minValues: {}, maxValues: {}, nullCount: {} };
const parsed = new WeakMap<AddFile, FileStats>();

/** Statistics of a file, parsed once. Absent or broken statistics say nothing: the file is then never pruned by them. */
export function fileStats(file: AddFile): FileStats {
  let stats = parsed.get(file);
  if (!stats) {
    stats = parseStats(file.stats);
    parsed.set(file, stats);
  }
  return stats;
}

function parseStats(text: string | undefined): FileStats {
  if (!text) return none;
  try {
    const result = Stats.safeParse(parseNumbersExactly(text));
    if (!result.success) return none;
    const { numRecords, minValues, maxValues, nullCount } = result.data;
    return {
      numRecords: numRecords ?? null,
      minValues: minValues ?? {},
      maxValues: maxValues ?? {},
      nullCount: nullCount ?? {},
    };
  } catch {
    return none;
  }
}

/** Live rows of a file (rows of its deletion vector taken off), or null where its statistics do not say. */
export function liveRows(file: AddFile): number | null {
  const { numRecords } = fileStats(file);
  return numRecords === null ? null : numRecords - (file.deletionVector?.cardinality ?? 0);
}
