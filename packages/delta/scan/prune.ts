import type { PrunePredicate, SimpleKind } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { mappingMode } from '../schema/mapping.ts';
import type { BoundCondition } from '../snapshot/base.ts';
import { ReplayedSnapshot } from '../snapshot/snapshot.ts';
import { fileStats } from '../stats/file-stats.ts';
import { type Bound, comparePoints, type Point, point } from '../stats/order.ts';
import type { PruneResult, Snapshot } from '../types.ts';
import { isOwn } from '../write/tags.ts';
import { conditionOf } from './conditions.ts';
import { findLeaf } from './leaf.ts';
import { hasZone } from './partition-value.ts';

/**
 * Files that may hold a matching row. A file goes only where its partition values or statistics prove that no row
 * matches every predicate; whatever is missing, unknown or cannot be compared keeps it. Where a table has too many files for
 * memory, the engine first leaves those out that are far from matching; the exact tests are the same for all.
 */
export async function prune(snapshot: Snapshot, predicates: readonly PrunePredicate[]): Promise<PruneResult> {
  const tests = predicates.flatMap((predicate) => testOf(snapshot, predicate) ?? []);
  const conditions = tests.flatMap(({ condition }) => condition ?? []);
  const all = snapshot instanceof ReplayedSnapshot ? await snapshot.candidates(conditions) : await snapshot.files();
  const files = tests.length ? all.filter((file) => tests.every(({ mayMatch }) => mayMatch(file))) : [...all];
  const { numFiles, sizeBytes } =
    snapshot instanceof ReplayedSnapshot ? await snapshot.sizesOfFiles() : await snapshot.totals();
  return {
    files,
    filesTotal: numFiles,
    bytesTotal: sizeBytes,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
  };
}

/** What pruning needs to know of a table. */
export type PrunedTable = Pick<Snapshot, 'fields' | 'metadata'>;

/** Whether a file may hold a row that fulfils every predicate. */
export function fileTest(table: PrunedTable, predicates: readonly PrunePredicate[]): (file: AddFile) => boolean {
  const tests = predicates.flatMap((predicate) => testOf(table, predicate) ?? []);
  return (file) => tests.every(({ mayMatch }) => mayMatch(file));
}

interface Test {
  mayMatch: (file: AddFile) => boolean;
  condition: BoundCondition | null;
}

function testOf(snapshot: PrunedTable, predicate: PrunePredicate): Test | null {
  const leaf = findLeaf(snapshot.fields, predicate.column, mappingMode(snapshot.metadata.configuration));
  // Bounds of older files are in the narrower type: 0.1 as a float is not 0.1 as a double.
  if (leaf?.field.type.kind !== 'leaf' || leaf.isWidened) return null;
  const kind = leaf.field.type.type.kind as SimpleKind;
  const { op } = predicate;
  const wanted = predicate.values.map((value) => point(kind, value, 'value'));
  // One value that cannot be placed could match anywhere.
  if (wanted.includes(null)) return null;
  const points = wanted.filter((value) => value !== null);
  const isPartition = leaf.path.length === 1 && snapshot.metadata.partitionColumns.includes(leaf.field.name);
  return {
    mayMatch: isPartition
      ? partitionTest(kind, leaf.path[0] ?? '', op, points)
      : statsTest(kind, leaf.path, op, points),
    condition: conditionOf({ path: leaf.path, kind, isPartition }, op, points),
  };
}

function partitionTest(
  kind: SimpleKind,
  name: string,
  op: PrunePredicate['op'],
  wanted: Point[],
): (file: AddFile) => boolean {
  return (file) => {
    // PROTOCOL.md "Partition Value Serialization": an empty text is NULL.
    const text = file.partitionValues[name] || null;
    if (op === 'is null') return text === null;
    if (text === null) return false;
    if (op === 'is not null') return true;
    // Which instant a time without a zone is depends on the session: nothing is proven.
    const value = kind === 'timestamp' && !hasZone(text) ? null : point(kind, text, 'value');
    return value === null || mayHold(op, value, value, wanted);
  };
}

function statsTest(
  kind: SimpleKind,
  path: readonly string[],
  op: PrunePredicate['op'],
  wanted: Point[],
): (file: AddFile) => boolean {
  const isFloating = kind === 'float' || kind === 'double';
  return (file) => {
    const { numRecords, minValues, maxValues, nullCount } = fileStats(file);
    if (numRecords === 0) return false;
    const nulls = inside(nullCount, path);
    if (op === 'is null') return nulls !== 0;
    if (typeof nulls === 'number' && numRecords !== null && nulls === numRecords) return false;
    if (op === 'is not null') return true;
    const bound = (values: Record<string, unknown>, which: Bound) => point(kind, inside(values, path), which);
    // NaN is greater than every number but in no writer's bounds; only our own files then have no bounds at all.
    const max = isFloating && !isOwn(file) && op !== '=' && op !== 'in' ? null : bound(maxValues, 'max');
    return mayHold(op, bound(minValues, 'min'), max, wanted);
  };
}

/** Value at a path of nested objects; undefined where it ends early. */
function inside(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined;
    at = Reflect.get(at, name);
  }
  return at;
}

/** Whether a value between the bounds (null: open) may fulfil `value op wanted`. */
function mayHold(op: PrunePredicate['op'], min: Point | null, max: Point | null, wanted: Point[]): boolean {
  const value = wanted[0];
  const below = (left: Point | null, right: Point) => left === null || comparePoints(left, right) < 0;
  const above = (left: Point | null, right: Point) => left === null || comparePoints(left, right) > 0;
  switch (op) {
    case '=':
    case 'in':
      return wanted.some(
        (candidate) => !(min && comparePoints(min, candidate) > 0) && !(max && comparePoints(max, candidate) < 0),
      );
    case '<':
      return !value || below(min, value);
    case '<=':
      return !value || !min || comparePoints(min, value) <= 0;
    case '>':
      return !value || above(max, value);
    case '>=':
      return !value || !max || comparePoints(max, value) >= 0;
    case 'is null':
    case 'is not null':
      return true;
  }
}
