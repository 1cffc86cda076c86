import type { TableEngine } from '@boathouse/contracts';
import { stringifyLossless } from '../actions/json.ts';
import type { AddFile } from '../actions/types.ts';
import type { DeltaRoom } from '../room.ts';
import { relation, scanOf } from '../scan/relation.ts';
import { identifier } from '../schema/engine.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { statsOf, type WrittenFile } from '../stats/collect.ts';
import { type IndexedColumns, indexedColumns, isIndexed } from '../stats/indexed.ts';
import type { Snapshot } from '../types.ts';

/** Files in one statement: its text stays short, and an interruption comes soon. */
const FILES_AT_ONCE = 200;

/** A leaf with statistics: where it is, and how the engine reads it. */
interface Leaf {
  physical: string[];
  value: string;
  isFloating: boolean;
  hasOrder: boolean;
}

/**
 * PROTOCOL.md "Per-file Statistics" of files as they lie there, deleted rows included, by reading them: `stats` texts in the
 * order of the files. Bounds of files with deletion vectors are wide.
 */
export async function computeStatistics(
  room: DeltaRoom,
  engine: TableEngine,
  snapshot: Snapshot,
  files: readonly AddFile[],
): Promise<string[]> {
  const { configuration, partitionColumns } = snapshot.metadata;
  const mode = mappingMode(configuration);
  const indexed = indexedColumns({ configuration });
  const stored = snapshot.fields.filter(({ name }) => !partitionColumns.includes(name));
  const nameOf = (field: DeltaField) => physicalName(field, mode);
  const leaves = leavesOf(stored, indexed, nameOf);
  const needed = stored.filter((field) => leaves.some(({ physical }) => physical[0] === nameOf(field)));
  const stats: string[] = [];
  for (let start = 0; start < files.length; start += FILES_AT_ONCE) {
    const some = files.slice(start, start + FILES_AT_ONCE).map((file) => ({ ...file, deletionVector: undefined }));
    const rows = await relation(
      scanOf(room),
      snapshot,
      some,
      needed.map(({ name }) => name),
      { metadata: { file: FILE } },
    );
    const found = new Map((await engine.rows(query(rows, leaves))).map((row) => [Number(row.f), row]));
    for (const [index, file] of some.entries()) {
      const written = writtenOf(found.get(index) ?? { n: 0 }, leaves);
      const value = statsOf(written, stored, indexed, nameOf);
      const hasVector = files[start + index]?.deletionVector !== undefined;
      stats.push(stringifyLossless(hasVector ? { ...value, tightBounds: false } : value));
      if (file.path !== files[start + index]?.path) throw new RangeError('files and statistics are in one order');
    }
  }
  return stats;
}

const FILE = 'boathouse file';

/** Leaves with statistics, in the order of the schema, as `statsOf` counts them. */
function leavesOf(
  fields: readonly DeltaField[],
  indexed: IndexedColumns,
  nameOf: (field: DeltaField) => string,
): Leaf[] {
  const leaves: Leaf[] = [];
  let left = indexed.count;
  const walk = (inside: readonly DeltaField[], logical: readonly string[], physical: readonly string[]) => {
    for (const field of inside) {
      if (left <= 0) return;
      const path = [...logical, field.name];
      const own = [...physical, nameOf(field)];
      if (field.type.kind === 'struct') {
        walk(field.type.fields, path, own);
        continue;
      }
      if (!isIndexed(indexed, path)) continue;
      left--;
      if (field.type.kind !== 'leaf') continue;
      const { kind } = field.type.type;
      if (kind === 'void' || kind === 'variant') continue;
      leaves.push({
        physical: own,
        value: path.map(identifier).join('.'),
        isFloating: kind === 'float' || kind === 'double',
        hasOrder: kind !== 'binary' && kind !== 'boolean',
      });
    }
  };
  walk(fields, [], []);
  return leaves;
}

function query(rows: string, leaves: readonly Leaf[]): string {
  const columns = leaves.flatMap(({ value, isFloating, hasOrder }, index) => [
    `count(${value}) AS c${index}`,
    ...(hasOrder ? [`CAST(min(${value}) AS VARCHAR) AS l${index}`, `CAST(max(${value}) AS VARCHAR) AS h${index}`] : []),
    ...(isFloating ? [`bool_or(isnan(${value})) AS x${index}`] : []),
  ]);
  const list = [`${identifier(FILE)} AS f`, 'count(*) AS n', ...columns].join(', ');
  return `SELECT ${list} FROM ${rows} AS source GROUP BY ${identifier(FILE)}`;
}

function writtenOf(row: Record<string, unknown>, leaves: readonly Leaf[]): WrittenFile {
  const rows = Number(row.n);
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    path: '',
    rows,
    sizeBytes: 0,
    partitionKeys: new Map(),
    leaves: new Map(
      leaves.map(({ physical }, index) => [
        physical.join('\0'),
        {
          nullCount: rows - Number(row[`c${index}`] ?? 0),
          min: text(row[`l${index}`]),
          max: text(row[`h${index}`]),
          hasNan: row[`x${index}`] === true,
        },
      ]),
    ),
  };
}
