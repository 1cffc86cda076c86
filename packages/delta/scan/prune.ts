import type { PrunePredicate, SimpleKind } from '@boathouse/contracts';
import type { AddFile } from '../actions/types.ts';
import { findField } from '../schema/columns.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import { isWidened } from '../schema/widening.ts';
import { fileStats } from '../stats/file-stats.ts';
import { type Bound, comparePoints, type Point, point } from '../stats/order.ts';
import type { PruneResult, Snapshot } from '../types.ts';
import { isOwn } from '../write/tags.ts';
import { hasZone } from './partition-value.ts';

/**
 * Files that may hold a matching row. A file goes only where its partition values or statistics prove that no row
 * matches every predicate; whatever is missing, unknown or cannot be compared keeps it.
 */
export async function prune(snapshot: Snapshot, predicates: readonly PrunePredicate[]): Promise<PruneResult> {
  const all = await snapshot.files();
  const files = predicates.length ? all.filter(fileTest(snapshot, predicates)) : [...all];
  return { files, filesTotal: all.length, bytes: files.reduce((sum, file) => sum + file.size, 0) };
}

type Test = (file: AddFile) => boolean;

/** Whether a file may hold a row that fulfils every predicate. */
export function fileTest(snapshot: PrunedTable, predicates: readonly PrunePredicate[]): Test {
  const tests = predicates.flatMap((predicate) => testOf(snapshot, predicate) ?? []);
  return (file) => tests.every((mayMatch) => mayMatch(file));
}

/** What pruning needs to know of a table. */
export type PrunedTable = Pick<Snapshot, 'fields' | 'metadata'>;

function testOf(snapshot: PrunedTable, predicate: PrunePredicate): Test | null {
  const field = findField(snapshot.fields, predicate.column);
  // Bounds of older files are in the narrower type: 0.1 as a float is not 0.1 as a double.
  if (field?.type.kind !== 'leaf' || isWidened(field)) return null;
  const kind = field.type.type.kind as SimpleKind;
  const name = physicalName(field, mappingMode(snapshot.metadata.configuration));
  const wanted = predicate.values.map((value) => point(kind, value, 'value'));
  // One value that cannot be placed could match anywhere.
  if (wanted.includes(null)) return null;
  const points = wanted.filter((value) => value !== null);
  if (snapshot.metadata.partitionColumns.includes(field.name)) return partitionTest(kind, name, predicate.op, points);
  return statsTest(kind, name, predicate.op, points);
}

function partitionTest(kind: SimpleKind, name: string, op: PrunePredicate['op'], wanted: Point[]): Test {
  return (file) => {
    const text = file.partitionValues[name] ?? null;
    if (op === 'is null') return text === null;
    if (text === null) return false;
    if (op === 'is not null') return true;
    // Which instant a time without a zone is depends on the session: nothing is proven.
    const value = kind === 'timestamp' && !hasZone(text) ? null : point(kind, text, 'value');
    return value === null || mayHold(op, value, value, wanted);
  };
}

function statsTest(kind: SimpleKind, name: string, op: PrunePredicate['op'], wanted: Point[]): Test {
  const isFloating = kind === 'float' || kind === 'double';
  return (file) => {
    const { numRecords, minValues, maxValues, nullCount } = fileStats(file);
    if (numRecords === 0) return false;
    const nulls = nullCount[name];
    if (op === 'is null') return nulls !== 0;
    if (typeof nulls === 'number' && numRecords !== null && nulls === numRecords) return false;
    if (op === 'is not null') return true;
    const bound = (values: Record<string, unknown>, which: Bound) =>
      name in values ? point(kind, values[name], which) : null;
    // NaN is greater than every number but in no writer's bounds; only our own files then have no bounds at all.
    const max = isFloating && !isOwn(file) && op !== '=' && op !== 'in' ? null : bound(maxValues, 'max');
    return mayHold(op, bound(minValues, 'min'), max, wanted);
  };
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
