import { materializesPartitions } from '../protocol/compat.ts';
import { identifier, literal } from '../schema/engine.ts';
import { type MappingMode, mappingMode, physicalName } from '../schema/mapping.ts';
import type { DeltaField } from '../schema/types.ts';
import { type Check, guarded } from './checks.ts';
import type { WriteOptions } from './files.ts';
import type { TableShape } from './shape.ts';
import { fieldIds, isVoid, storedValue } from './stored.ts';

/** Large enough that a scan is not all footers, small enough that a rewrite is not all table. */
const TARGET_FILE_SIZE = 256 * 1024 * 1024;

/** Which columns of a shape lie in its files, which in the names of their folders, and under which name. */
export interface Layout {
  mode: MappingMode;
  stored: DeltaField[];
  partitions: DeltaField[];
  nameOf: (field: DeltaField) => string;
}

export function layoutOf(shape: TableShape): Layout {
  const mode = mappingMode(shape.configuration);
  const partitions = shape.partitionColumns.flatMap((name) => shape.fields.filter((field) => field.name === name));
  return {
    mode,
    stored: shape.fields.filter((field) => !partitions.includes(field) && !isVoid(field)),
    partitions,
    nameOf: (field) => physicalName(field, mode),
  };
}

/** The statement that writes `rowsSql` (every column of the table, typed, by logical name) as files into a folder that it makes. Its rows are what `writtenFile` reads. */
export function copyStatement(
  folder: string,
  shape: TableShape,
  layout: Layout,
  rowsSql: string,
  checks: readonly Check[],
  options: WriteOptions,
): string {
  const { mode, stored, partitions, nameOf } = layout;
  const columns = [...stored, ...partitions].map((field, index) => {
    const value = storedValue(identifier(field.name), field.type, mode);
    // In the projection, and so after every filter of the rows: a check must not see rows that are filtered out.
    return `${index === 0 ? guarded(value, checks) : value} AS ${identifier(nameOf(field))}`;
  });
  const extra = (options.extraColumns ?? []).map(({ name }) => identifier(name));
  const order = options.orderBy?.length ? ` ORDER BY ${options.orderBy.join(', ')}` : '';
  // After the other columns, as readers of Iceberg expect them.
  const isMaterialized = materializesPartitions(shape.configuration, shape.protocol);
  const ids = fieldIds(isMaterialized ? [...stored, ...partitions] : stored, mode);
  const settings = [
    'FORMAT parquet',
    `COMPRESSION ${codecOf(shape)}`,
    'RETURN_STATS',
    "FILENAME_PATTERN 'part-{uuid}'",
    ...(ids ? [`FIELD_IDS ${ids}`] : []),
    ...(partitions.length
      ? [
          `PARTITION_BY (${partitions.map((field) => identifier(nameOf(field))).join(', ')})`,
          `WRITE_PARTITION_COLUMNS ${isMaterialized}`,
        ]
      : [`FILE_SIZE_BYTES ${options.targetFileSize ?? targetFileSize(shape)}`]),
  ];
  return `COPY (SELECT ${[...columns, ...extra].join(', ')} FROM (${order ? `SELECT * FROM (${rowsSql}) AS source${order}` : rowsSql}) AS target) TO ${literal(folder)} (${settings.join(', ')})`;
}

/** Of the data pages: `delta.parquet.compression.codec`, by default zstd. */
export const codecOf = ({ configuration }: TableShape): string =>
  configuration['delta.parquet.compression.codec'] ?? 'zstd';

const UNITS: Record<string, number> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `delta.targetFileSize` in bytes: a number, or one with a unit as Spark reads it (`128mb`, `1g`). */
function targetFileSize(shape: TableShape): number {
  const match = /^(\d+)\s*([kmgt]?)i?b?$/i.exec(shape.configuration['delta.targetFileSize']?.trim() ?? '');
  const bytes = match ? Number(match[1]) * UNITS[match[2]!.toLowerCase()]! : 0;
  return bytes > 0 ? bytes : TARGET_FILE_SIZE;
}
