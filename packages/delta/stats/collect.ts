import { z } from 'zod';
import { exactNumber } from '../actions/json.ts';
import type { DeltaField, DeltaType } from '../schema/types.ts';
import { type IndexedColumns, isIndexed } from './indexed.ts';
import { timestampMicros } from './order.ts';
import { truncatedMax, truncatedMin } from './strings.ts';

/** What COPY … RETURN_STATS says of one column chunk path, e.g. `"st"."a"`. */
interface LeafStats {
  nullCount: number | null;
  min: string | null;
  max: string | null;
  hasNan: boolean;
}

export interface WrittenFile {
  path: string;
  rows: number;
  sizeBytes: number;
  /** By path: parts joined with NUL. */
  leaves: Map<string, LeafStats>;
  partitionKeys: Map<string, string | null>;
}

const count = z.union([z.bigint(), z.number()]).transform(Number);
const Row = z.object({
  filename: z.string(),
  count,
  file_size_bytes: count,
  column_statistics: z.unknown(),
  partition_keys: z.unknown(),
});

/** A row of COPY … RETURN_STATS. */
export function writtenFile(row: Record<string, unknown>): WrittenFile {
  const parsed = Row.parse(row);
  const leaves = new Map<string, LeafStats>();
  for (const [path, values] of mapEntries(parsed.column_statistics)) {
    const byName = new Map(mapEntries(values).map(([name, value]) => [name, typeof value === 'string' ? value : null]));
    const nulls = byName.get('null_count');
    leaves.set(parsePath(path).join('\0'), {
      nullCount: typeof nulls === 'string' ? Number(nulls) : null,
      min: byName.get('min') ?? null,
      max: byName.get('max') ?? null,
      hasNan: byName.get('has_nan') === 'true',
    });
  }
  const partitionKeys = new Map(
    mapEntries(parsed.partition_keys).map(([name, value]) => [name, typeof value === 'string' ? value : null]),
  );
  return { path: parsed.filename, rows: parsed.count, sizeBytes: parsed.file_size_bytes, leaves, partitionKeys };
}

/** A DuckDB MAP in any of the shapes that its client gives: entries in a list, in an object, or a Map. */
function mapEntries(value: unknown): [string, unknown][] {
  if (value === null || value === undefined) return [];
  if (value instanceof Map) return [...value].map(([key, inner]) => [String(key), inner]);
  const list = Array.isArray(value) ? value : z.object({ entries: z.array(z.unknown()) }).parse(value).entries;
  return list.map((entry) => {
    const { key, value: inner } = z.object({ key: z.string(), value: z.unknown() }).parse(entry);
    return [key, inner];
  });
}

const parsePath = (path: string): string[] =>
  [...path.matchAll(/"((?:[^"]|"")*)"/g)].map((match) => match[1]!.replaceAll('""', '"'));

type NameOf = (field: DeltaField) => string;

/**
 * PROTOCOL.md "Per-file Statistics" of a written file, by physical names (`nameOf`): leaves of nested structs too. Lists
 * and maps count as one column and have none, because what the engine says of their elements is not about the column.
 */
export function statsOf(
  file: WrittenFile,
  fields: readonly DeltaField[],
  indexed: IndexedColumns,
  nameOf: NameOf = (field) => field.name,
): object {
  const { min, max, nulls } = collect(file, fields, [], [], { ...indexed, left: indexed.count }, nameOf);
  return { numRecords: file.rows, minValues: min, maxValues: max, nullCount: nulls };
}

type Tree = Record<string, unknown>;

function collect(
  file: WrittenFile,
  fields: readonly DeltaField[],
  logical: readonly string[],
  physical: readonly string[],
  budget: IndexedColumns & { left: number },
  nameOf: NameOf,
): { min: Tree; max: Tree; nulls: Tree } {
  const trees = { min: {} as Tree, max: {} as Tree, nulls: {} as Tree };
  for (const field of fields) {
    if (budget.left <= 0) break;
    const path = [...logical, field.name];
    const name = nameOf(field);
    const own = [...physical, name];
    if (field.type.kind === 'struct') {
      const inner = collect(file, field.type.fields, path, own, budget, nameOf);
      if (Object.keys(inner.min).length) trees.min[name] = inner.min;
      if (Object.keys(inner.max).length) trees.max[name] = inner.max;
      if (Object.keys(inner.nulls).length) trees.nulls[name] = inner.nulls;
      continue;
    }
    if (!isIndexed(budget, path)) continue;
    budget.left--;
    const leaf = file.leaves.get(own.join('\0'));
    if (field.type.kind !== 'leaf' || !leaf) continue;
    if (leaf.nullCount !== null) trees.nulls[name] = leaf.nullCount;
    if (leaf.hasNan) continue;
    const min = leaf.min === null ? null : boundJson(field.type, leaf.min, 'min');
    const max = leaf.max === null ? null : boundJson(field.type, leaf.max, 'max');
    if (min !== null) trees.min[name] = min;
    if (max !== null) trees.max[name] = max;
  }
  return trees;
}

/** The engine's text of a bound as Delta writes it, or null where the type has none or the text has no Delta form. */
function boundJson(type: Extract<DeltaType, { kind: 'leaf' }>, text: string, which: 'min' | 'max'): unknown {
  switch (type.type.kind) {
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'float':
    case 'double':
      // JSON has no infinities; 1e+20 and 1.50 are numbers as they stand.
      return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? exactNumber(text) : null;
    case 'string':
      return which === 'min' ? truncatedMin(text) : truncatedMax(text);
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(text) ? text : null;
    case 'timestamp':
    case 'timestamp_ntz': {
      const micros = timestampMicros(text);
      if (micros === null) return null;
      // Cut to milliseconds, downwards, for both bounds: readers add the lost millisecond to the maximum.
      const ms = micros >= 0n || micros % 1000n === 0n ? micros / 1000n : micros / 1000n - 1n;
      const iso = new Date(Number(ms)).toISOString();
      if (!/^\d{4}-/.test(iso)) return null;
      return type.type.kind === 'timestamp' ? iso : iso.slice(0, -1);
    }
    default:
      return null;
  }
}
