import { type BoathouseError, userError } from '@boathouse/contracts';
import { z } from 'zod';
import { parseLossless } from '../actions/json.ts';
import type { DomainMetadata } from '../actions/types.ts';
import { mappingMode, physicalName } from '../schema/mapping.ts';
import { joinPath, splitPath } from '../schema/path.ts';
import type { DeltaField } from '../schema/types.ts';

/** PROTOCOL.md "Clustered Table": the clustering columns are a domain's metadata, by physical names. */
export const CLUSTERING = 'delta.clustering';
const MAX_COLUMNS = 4;

const Stored = z.object({ clusteringColumns: z.array(z.array(z.string())) });

const errors = {
  notFound: (column: string) =>
    userError('DELTA_COLUMN_NOT_FOUND_IN_SCHEMA', `Unable to find the clustering column ${column} in the schema.`, {
      sqlState: '42703',
    }),
  tooMany: (count: number) =>
    userError(
      'DELTA_CLUSTER_BY_INVALID_NUM_COLUMNS',
      `CLUSTER BY supports up to ${MAX_COLUMNS} columns, but the table is given ${count}.`,
      { sqlState: '54000' },
    ),
  unsupported: (column: string, type: string) =>
    userError(
      'DELTA_CLUSTERING_COLUMNS_DATATYPE_NOT_SUPPORTED',
      `CLUSTER BY does not support the column ${column} of type ${type}, because files have no bounds for it.`,
      { sqlState: '0A000' },
    ),
} satisfies Record<string, (...values: never[]) => BoathouseError>;

const UNBOUNDED = new Set(['boolean', 'binary', 'variant', 'void']);

/** The domain of these columns (logical paths). Throws DELTA_COLUMN_NOT_FOUND_IN_SCHEMA and others. */
export function clusteringDomain(
  columns: readonly string[],
  fields: readonly DeltaField[],
  configuration: Readonly<Record<string, string>>,
): DomainMetadata {
  if (columns.length > MAX_COLUMNS) throw errors.tooMany(columns.length);
  const mode = mappingMode(configuration);
  const physical = columns.map((column) => {
    const path = resolve(splitPath(column), fields);
    const last = path?.at(-1);
    if (!path || !last) throw errors.notFound(column);
    if (last.type.kind !== 'leaf') throw errors.unsupported(column, last.type.kind);
    if (UNBOUNDED.has(last.type.type.kind)) throw errors.unsupported(column, last.type.type.kind);
    return path.map((field) => physicalName(field, mode));
  });
  return {
    domain: CLUSTERING,
    configuration: JSON.stringify({ clusteringColumns: physical, domainName: CLUSTERING }),
    removed: false,
  };
}

/** Clustering columns as paths of fields; empty where the table has none. Columns that are gone are left out. */
export function clusteringFields(
  configuration: string | null,
  fields: readonly DeltaField[],
  properties: Readonly<Record<string, string>>,
): DeltaField[][] {
  if (configuration === null) return [];
  const stored = Stored.safeParse(parseLossless(configuration));
  if (!stored.success) return [];
  const mode = mappingMode(properties);
  return stored.data.clusteringColumns.flatMap((path) => {
    const found = resolve(path, fields, (field) => physicalName(field, mode));
    return found ? [found] : [];
  });
}

/** Logical names, as DESCRIBE DETAIL shows them. */
export const clusteringColumns = (...given: Parameters<typeof clusteringFields>): string[] =>
  clusteringFields(...given).map((path) => joinPath(path.map(({ name }) => name)));

function resolve(
  path: readonly string[],
  fields: readonly DeltaField[],
  nameOf: (field: DeltaField) => string = (field) => field.name,
): DeltaField[] | null {
  const [first, ...rest] = path;
  const field = fields.find((one) => nameOf(one).toLowerCase() === first?.toLowerCase());
  if (!field) return null;
  if (!rest.length) return [field];
  const inner = field.type.kind === 'struct' ? resolve(rest, field.type.fields, nameOf) : null;
  return inner && [field, ...inner];
}
