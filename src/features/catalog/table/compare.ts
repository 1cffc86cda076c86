import type { Column, VersionComparison, VersionSide } from '@boathouse/contracts';
import { formatBytes, formatCount, formatCounted } from '../../../lib/format.ts';

/** One difference of definitions: null where that side has nothing of the kind. */
export interface Difference {
  key: string;
  /** `Column amount`, `Property delta.appendOnly` */
  what: string;
  before: string | null;
  after: string | null;
}

/** A column as a definition says it: type and rules, then its comment. */
export function columnText(column: Column): string {
  const { identity } = column;
  return [
    column.type,
    column.nullable ? '' : 'not null',
    column.default === undefined ? '' : `default ${column.default}`,
    column.generatedAs === undefined ? '' : `generated as (${column.generatedAs})`,
    identity ? `identity ${identity.always ? 'always' : 'by default'} from ${identity.start} by ${identity.step}` : '',
    column.comment ? `comment "${column.comment}"` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** Columns of both versions that differ, in the newer order; columns that went come last. */
function columnDifferences(before: Column[], after: Column[]): Difference[] {
  const old = new Map(before.map((column) => [column.name.toLowerCase(), column]));
  const found: Difference[] = [];
  for (const column of after) {
    const was = old.get(column.name.toLowerCase());
    old.delete(column.name.toLowerCase());
    const texts = { before: was ? columnText(was) : null, after: columnText(column) };
    if (texts.before !== texts.after)
      found.push({ key: `column ${column.name}`, what: `Column ${column.name}`, ...texts });
  }
  for (const gone of old.values())
    found.push({ key: `column ${gone.name}`, what: `Column ${gone.name}`, before: columnText(gone), after: null });
  const names = (columns: Column[]) => columns.map(({ name }) => name.toLowerCase());
  const shared = new Set(names(before).filter((name) => names(after).includes(name)));
  const order = (columns: Column[]) =>
    columns.filter(({ name }) => shared.has(name.toLowerCase())).map((it) => it.name);
  const [orderBefore, orderAfter] = [order(before).join(', '), order(after).join(', ')];
  if (orderBefore.toLowerCase() !== orderAfter.toLowerCase())
    found.push({ key: 'order', what: 'Order of columns', before: orderBefore, after: orderAfter });
  return found;
}

function propertyDifferences(before: Record<string, string>, after: Record<string, string>): Difference[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => ({
      key: `property ${key}`,
      what: key.startsWith(checkPrefix) ? `Constraint ${key.slice(checkPrefix.length)}` : `Property ${key}`,
      before: before[key] ?? null,
      after: after[key] ?? null,
    }));
}

/** Properties of a log that begin so are CHECK constraints. */
export const checkPrefix = 'delta.constraints.';

export function definitionDifferences({ from, to }: VersionComparison): Difference[] {
  const partitions = (side: VersionSide) => side.partitionColumns.join(', ') || null;
  const found = [...columnDifferences(from.columns, to.columns)];
  if (partitions(from) !== partitions(to))
    found.push({ key: 'partitions', what: 'Partitioned by', before: partitions(from), after: partitions(to) });
  if ((from.comment || null) !== (to.comment || null))
    found.push({ key: 'comment', what: 'Comment', before: from.comment || null, after: to.comment || null });
  return [...found, ...propertyDifferences(from.properties, to.properties)];
}

const filesText = ({ count, sizeBytes, rows }: VersionComparison['filesAdded'], sign: string): string =>
  count === 0
    ? `${sign}0 files`
    : `${sign}${formatCounted(count, 'file')}, ${formatBytes(sizeBytes)}${rows === null ? '' : `, ${formatCounted(rows, 'row')}`}`;

export const filesAddedText = ({ filesAdded }: VersionComparison): string => filesText(filesAdded, '+');
export const filesRemovedText = ({ filesRemoved }: VersionComparison): string => filesText(filesRemoved, '−');

export const rowsText = ({ from, to }: VersionComparison): string =>
  from.rowCount === null || to.rowCount === null
    ? 'not said'
    : from.rowCount === to.rowCount
      ? formatCount(to.rowCount)
      : `${formatCount(from.rowCount)} → ${formatCount(to.rowCount)}`;

/** Differences that a sentence names. */
const namedDifferences = 6;

/** What a restore from the newer version to the older one does, sentence by sentence. */
export function restoreEffects(comparison: VersionComparison): string[] {
  const { from, to, filesAdded, filesRemoved } = comparison;
  const rows = (count: number | null) => (count === null ? '' : ` with ${formatCounted(count, 'row')}`);
  const undone = definitionDifferences(comparison).map(({ what }) => what);
  const more = undone.length - namedDifferences;
  return [
    ...(filesRemoved.count
      ? [
          `${formatCounted(filesRemoved.count, 'file')}${rows(filesRemoved.rows)} ${verb(filesRemoved.count, 'come')} back.`,
        ]
      : []),
    ...(filesAdded.count
      ? [`${formatCounted(filesAdded.count, 'file')}${rows(filesAdded.rows)} ${verb(filesAdded.count, 'go')}.`]
      : []),
    ...(from.rowCount !== null && to.rowCount !== null
      ? [`The table then holds ${formatCounted(from.rowCount, 'row')}; now it holds ${formatCount(to.rowCount)}.`]
      : []),
    undone.length
      ? `As it was before: ${undone.slice(0, namedDifferences).join(', ')}${more > 0 ? `, and ${formatCount(more)} more` : ''}.`
      : 'Columns and properties stay as they are.',
  ];
}

const verb = (count: number, word: 'come' | 'go'): string => (count === 1 ? (word === 'go' ? 'goes' : 'comes') : word);
